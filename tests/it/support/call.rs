//! Calls by REST, where a test needs what the socket does not offer.

use super::{Hub, Someone, described};
use reqwest::Method;
use serde_json::Value;

impl Hub {
    /// A call by somebody; the status, and the body as JSON (null where there is none).
    pub async fn call(&self, method: Method, path: &str, who: &Someone, body: Option<Value>) -> (u16, Value) {
        let request = reqwest::Client::new().request(method.clone(), self.url(path)).bearer_auth(&who.token);
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None => request,
        };
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let path = response.url().path().to_owned();
        let answer = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or(Value::Null);
        described::check(&method, &path, status, &answer);
        (status, answer)
    }

    /// The same, for a POST that succeeds.
    pub async fn post(&self, path: &str, who: &Someone, body: Value) -> Value {
        let (status, answer) = self.call(Method::POST, path, who, Some(body)).await;
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
        answer
    }

    /// Opens a thread for a client; its id.
    pub async fn open_thread(&self, client: &Someone, subject: &str) -> String {
        let input = serde_json::json!({"subject": subject, "body": "Hello"});
        let opened = self.post("/api/v1/portal/messages", client, input).await;
        opened["thread"]["id"].as_str().unwrap().to_owned()
    }
}
