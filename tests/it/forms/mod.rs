//! Forms, from building one to looking at what was answered.

mod building;
mod files;
mod filling_in;
mod paper;
mod submitted;

use crate::support::practice::{Answer, Caller, Practice};
use carehub::accounts::Role;
use reqwest::Method;
use serde_json::{Value, json};

/// A practice with a client and the clinician who looks after them.
struct Room {
    practice: Practice,
    ann: Caller,
    ben: Caller,
}

impl Room {
    async fn new() -> Self {
        Self::with(&[]).await
    }

    async fn with(settings: &[(&str, &str)]) -> Self {
        let practice = Practice::start_with(settings).await;
        let ann = practice.person("Ann Field", Role::Client).await;
        let ben = practice.person("Dr. Ben Hill", Role::Clinician).await;
        practice.cares(&ben, &ann).await;
        Self { practice, ann, ben }
    }

    /// A form with these fields, published.
    async fn publish(&self, fields: Value) -> String {
        self.publish_whole(json!({"title": "Intake", "fields": fields})).await
    }

    async fn publish_whole(&self, definition: Value) -> String {
        let made = self.ben.post("ehr/forms", json!({"kind": "initial", "definition": definition})).await.expect(201);
        let id = made["id"].as_str().unwrap().to_owned();
        self.ben.post(&format!("ehr/forms/{id}/publish"), json!({"revision": 1})).await.expect(200);
        id
    }

    /// The same, given to the client.
    async fn give(&self, fields: Value) -> Filling {
        let form = self.publish(fields).await;
        self.give_form(&form).await
    }

    async fn give_form(&self, form: &str) -> Filling {
        let given = self.ben.post(&format!("ehr/forms/{form}/assignments"), json!({"client": self.ann.id})).await;
        let id = given.expect(201)["id"].as_str().unwrap().to_owned();
        Filling { ann: self.ann.clone(), form: form.to_owned(), id }
    }
}

/// A form that the client has to fill in.
#[derive(Clone)]
struct Filling {
    ann: Caller,
    form: String,
    id: String,
}

impl Filling {
    async fn shown(&self) -> Value {
        self.ann.get(&format!("portal/forms/{}", self.id)).await.expect(200)
    }

    async fn save(&self, revision: Option<i64>, answers: Value) -> Answer {
        let body = json!({"revision": revision, "answers": answers});
        self.ann.call(Method::PATCH, &format!("portal/forms/{}/save-draft", self.id), Some(body)).await
    }

    async fn submit(&self, answers: Value) -> Answer {
        self.ann.post(&format!("portal/forms/{}/submit", self.id), json!({"answers": answers})).await
    }

    /// Submits, and tells the id of the submission.
    async fn submitted(&self, answers: Value) -> String {
        self.submit(answers).await.expect(201)["submission"].as_str().unwrap().to_owned()
    }
}

/// The pointers of a refusal.
fn pointers(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect()
}

/// One text field.
fn question(key: &str) -> Value {
    json!({"key": key, "label": format!("Question {key}"), "type": "text"})
}
