//! One call of the API, collected from what its handler takes and gives. Decides no wording.

use crate::error::Error;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema, openapi::path::ParameterIn};

/// A refusal, made to be shown.
pub type Refusal = fn() -> Error;

/// What is known of a call.
#[derive(Default)]
pub struct Call {
    pub(super) parameters: Vec<Value>,
    pub(super) body: Option<Value>,
    /// By status.
    pub(super) answers: BTreeMap<u16, Value>,
    pub(super) refusals: Vec<Refusal>,
    pub(super) schemas: BTreeMap<String, Value>,
}

impl Call {
    /// Reads a body of JSON.
    pub fn takes_body<T: ToSchema>(&mut self, required: bool) {
        let schema = self.schema::<T>();
        self.body = Some(json!({"required": required, "content": {"application/json": {"schema": schema}}}));
    }

    /// Reads a file.
    pub fn takes_file(&mut self) {
        let content = json!({"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}});
        self.body = Some(json!({"required": true, "content": content}));
    }

    /// Reads parameters of the query.
    pub fn takes_query<T: IntoParams>(&mut self) {
        for parameter in T::into_params(|| Some(ParameterIn::Query)) {
            self.parameters.push(value(parameter));
        }
    }

    /// Reads a header that may be left out.
    pub fn takes_header(&mut self, name: &str, meaning: &str, schema: Value) {
        let header = json!({"name": name, "in": "header", "required": false, "description": meaning, "schema": schema});
        self.parameters.push(header);
    }

    /// Answers so.
    pub fn answers(&mut self, status: u16, meaning: &str) {
        self.answers.insert(status, json!({"description": meaning}));
    }

    /// Answers so, with JSON.
    pub fn answers_with<T: ToSchema>(&mut self, status: u16, meaning: &str) {
        let schema = self.schema::<T>();
        self.answers_as(status, meaning, "application/json", schema);
    }

    /// Answers so, with a body of this media type.
    pub fn answers_as(&mut self, status: u16, meaning: &str, media_type: &str, schema: Value) {
        self.answers_as_one_of(status, meaning, [(media_type, schema)]);
    }

    /// Answers so, with a body of one of these media types.
    pub fn answers_as_one_of<const N: usize>(&mut self, status: u16, meaning: &str, kinds: [(&str, Value); N]) {
        let content =
            Map::from_iter(kinds.map(|(media_type, schema)| (media_type.to_owned(), json!({"schema": schema}))));
        self.answers.insert(status, json!({"description": meaning, "content": content}));
    }

    /// May refuse so.
    pub fn refuses(&mut self, refusals: &[Refusal]) {
        self.refusals.extend(refusals);
    }

    /// A reference to the schema of `T`, which is kept with all that it refers to.
    fn schema<T: ToSchema>(&mut self) -> Value {
        let name = T::name().into_owned();
        let mut met = vec![(name.clone(), T::schema())];
        T::schemas(&mut met);
        self.schemas.extend(met.into_iter().map(|(name, schema)| (name, value(schema))));
        json!({"$ref": format!("#/components/schemas/{name}")})
    }
}

/// What the library writes is always JSON.
fn value(part: impl serde::Serialize) -> Value {
    serde_json::to_value(part).unwrap_or_default()
}
