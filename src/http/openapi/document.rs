//! The calls as an OpenAPI 3.1 document. Decides nothing: doors, types and refusals are told by others.

use super::{
    call::{Call, Refusal},
    problems,
};
use crate::problem::Problem;
use actix_web::ResponseError;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What everybody should know before the first call.
const ABOUT: &str = "Bodies are JSON in camelCase. Ids are UUIDs, instants are RFC 3339 in UTC. Lists are \
    `{\"items\": [...], \"next\": cursor or null}`. Every refusal is an `application/problem+json` document (RFC 9457): \
    branch on its `code`, show its `detail`. Unknown members of a body are ignored. The live half, `/api/v1/ws`, is \
    described in docs/protocol.md.";

/// A line of the route table, to be described.
pub struct Entry<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub summary: &'a str,
    /// Whether somebody has to be signed in.
    pub signed: bool,
    pub call: Call,
}

/// The whole.
pub struct Document {
    json: Value,
    /// Names that two different types go by.
    pub clashes: Vec<String>,
}

impl Document {
    /// Of these calls.
    pub fn of<'a>(entries: impl IntoIterator<Item = Entry<'a>>) -> Self {
        let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
        let (mut schemas, mut examples) = (BTreeMap::new(), BTreeMap::new());
        let (mut clashes, mut tags) = (Vec::new(), BTreeSet::new());
        for mut entry in entries {
            for (name, schema) in std::mem::take(&mut entry.call.schemas) {
                if schemas.get(&name).is_some_and(|known| *known != schema) {
                    clashes.push(name.clone());
                }
                schemas.insert(name, schema);
            }
            tags.insert(tag(entry.path));
            let operation = operation(&entry, &mut examples);
            paths.entry(entry.path).or_default().insert(entry.method.to_ascii_lowercase(), operation);
        }
        schemas.insert("Problem".to_owned(), problem_schema());
        let json = json!({
            "openapi": "3.1.0",
            "info": {
                "title": "Carehub", "version": "1", "description": ABOUT,
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "tags": tags.into_iter().map(|name| json!({"name": name})).collect::<Vec<_>>(),
            "paths": paths,
            "components": {
                "schemas": schemas,
                "examples": examples,
                "securitySchemes": {
                    "bearer": {"type": "http", "scheme": "bearer"},
                    "cookie": {
                        "type": "apiKey", "in": "cookie", "name": "carehub_session",
                        "description": "Set by signing in; `__Host-carehub_session` over TLS.",
                    },
                },
            },
        });
        Self { json, clashes }
    }

    /// As sent.
    pub fn json(&self) -> &Value {
        &self.json
    }
}

fn operation(entry: &Entry, examples: &mut BTreeMap<String, Value>) -> Value {
    let Entry { method, path, summary, signed, call } = entry;
    let mut parameters: Vec<Value> = segments(path).map(|name| path_parameter(path, name)).collect();
    parameters.extend(call.parameters.iter().cloned());
    let mut refusals = call.refusals.clone();
    refusals.extend(problems::OF_ALL);
    if *signed {
        refusals.extend(problems::OF_DOORS);
    }
    if !parameters.is_empty() && segments(path).next().is_some() {
        refusals.extend(problems::OF_PATHS);
    }
    if *method != "GET" {
        refusals.push(problems::csrf);
    }
    let mut responses: BTreeMap<String, Value> =
        call.answers.iter().map(|(status, answer)| (status.to_string(), answer.clone())).collect();
    for (status, response) in responses_of(&refusals, examples) {
        responses.entry(status).or_insert(response);
    }
    let mut operation = json!({
        "operationId": operation_id(method, path),
        "tags": [tag(path)],
        "summary": summary,
        "responses": responses,
        "security": if *signed { json!([{"bearer": []}, {"cookie": []}]) } else { json!([]) },
    });
    if !parameters.is_empty() {
        operation["parameters"] = Value::Array(parameters);
    }
    if let Some(body) = &call.body {
        operation["requestBody"] = body.clone();
    }
    operation
}

/// Refusals by status, each code with its example.
fn responses_of(refusals: &[Refusal], examples: &mut BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let mut by_status: BTreeMap<String, (String, Map<String, Value>)> = BTreeMap::new();
    for refusal in refusals {
        let error = refusal();
        let (status, code) = (error.status_code(), error.code());
        let document = Problem::from(&error).document();
        examples.insert(code.to_owned(), json!({"summary": code, "value": document}));
        let meaning = status.canonical_reason().unwrap_or("Refused").to_owned();
        let (_, named) = by_status.entry(status.as_u16().to_string()).or_insert_with(|| (meaning, Map::new()));
        named.insert(code.to_owned(), json!({"$ref": format!("#/components/examples/{code}")}));
    }
    let response = |(status, (meaning, named)): (String, (String, Map<String, Value>))| {
        let content = json!({"schema": {"$ref": "#/components/schemas/Problem"}, "examples": named});
        let mut response = json!({"description": meaning, "content": {"application/problem+json": content}});
        if matches!(status.as_str(), "429" | "503") {
            response["headers"] =
                json!({"Retry-After": {"required": true, "schema": {"type": "integer", "minimum": 1}}});
        }
        (status, response)
    };
    by_status.into_iter().map(response).collect()
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "description": "A refusal (RFC 9457). Some codes have further members.",
        "required": ["type", "title", "status", "code", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string", "description": "Stable: branch on it."},
            "detail": {"type": "string", "description": "What to do, safe to show."},
            "errors": {
                "type": "array",
                "description": "With `invalid`: what is wrong with which field.",
                "items": {
                    "type": "object", "required": ["pointer", "message"],
                    "properties": {"pointer": {"type": "string"}, "message": {"type": "string"}},
                },
            },
            "retryAfterMs": {"type": "integer", "description": "With `rateLimited` and `busy`."},
        },
    })
}

/// The names in braces.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(placeholder)
}

/// `thread` of `{thread}`, and `secret` of `{secret}.ics`.
fn placeholder(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.split_once('}').map(|(name, _)| name)
}

/// What stands in a path is an id, but for these.
fn path_parameter(path: &str, name: &str) -> Value {
    let id = json!({"type": "string", "format": "uuid"});
    let schema = match name {
        "thread" if path.ends_with("/draft") => json!({"anyOf": [id, {"const": "new"}]}),
        "secret" => json!({"type": "string", "pattern": "^[A-Za-z0-9_-]{1,80}$"}),
        "provider" => json!({"type": "string", "pattern": "^[a-z0-9]{1,40}$"}),
        _ => id,
    };
    json!({"name": name, "in": "path", "required": true, "schema": schema})
}

/// `/api/v1/portal/messages/{thread}` belongs to `portal/messages`.
fn tag(path: &str) -> String {
    let rest = path.strip_prefix("/api/v1/").unwrap_or("operation");
    rest.split('/').filter(|segment| !segment.starts_with('{')).take(2).collect::<Vec<_>>().join("/")
}

/// `getPortalMessagesByThread`
fn operation_id(method: &str, path: &str) -> String {
    let mut id = method.to_ascii_lowercase();
    for segment in path.strip_prefix("/api/v1").unwrap_or(path).split('/') {
        let name = placeholder(segment);
        if name.is_some() {
            id.push_str("By");
        }
        for word in name.unwrap_or(segment).split(['-', '.', '_']).filter(|word| !word.is_empty()) {
            let (first, rest) = word.split_at(1);
            id.push_str(&first.to_ascii_uppercase());
            id.push_str(rest);
        }
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_named_after_its_method_and_path() {
        assert_eq!(operation_id("PUT", "/api/v1/ehr/threads/{thread}/hand-over"), "putEhrThreadsByThreadHandOver");
        assert_eq!(tag("/api/v1/ehr/threads/{thread}/hand-over"), "ehr/threads");
        assert_eq!(tag("/healthz"), "operation");
        assert_eq!(operation_id("GET", "/api/v1/portal/calendar/{secret}.ics"), "getPortalCalendarBySecret");
        assert_eq!(segments("/api/v1/portal/calendar/{secret}.ics").collect::<Vec<_>>(), ["secret"]);
    }

    #[test]
    fn refusals_of_one_status_are_examples_of_one_answer() {
        let mut examples = BTreeMap::new();
        let responses = responses_of(&[problems::conflict, problems::thread_closed, problems::busy], &mut examples);
        let named = responses["409"]["content"]["application/problem+json"]["examples"].as_object().unwrap();
        assert_eq!(named.keys().collect::<Vec<_>>(), ["conflict", "threadClosed"]);
        assert_eq!(examples["threadClosed"]["value"]["status"], 409);
        assert!(responses["503"]["headers"]["Retry-After"].is_object());
    }
}
