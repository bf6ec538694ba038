//! A practice on a hub of its own, and its people calling by REST.

use super::{Database, Hub, MailServer, Someone, described, people::master_key};
use carehub::{
    accounts::{
        Role, care, lifetimes, password,
        roster::{self, NewUser},
        store::{self, NewSession},
        token::Tokens,
    },
    clock::Clock,
    ids::{PracticeId, SignInId, UserId},
};
use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::{sync::LazyLock, time::Duration};

/// The password of everybody.
pub const PASSWORD: &str = "correct horse battery staple";
static HASH: LazyLock<String> = LazyLock::new(|| password::hash(&SecretString::from(PASSWORD)).unwrap());

/// A practice.
pub struct Practice {
    pub database: Database,
    pub hub: Hub,
    pub id: PracticeId,
    http: reqwest::Client,
}

/// Somebody who is signed in.
#[derive(Clone)]
pub struct Caller {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub role: Role,
    pub token: String,
    http: reqwest::Client,
    base: String,
}

/// What a call was answered with.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u16,
    /// Null where there was no JSON.
    pub body: Value,
}

impl Practice {
    /// An empty one.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same on a hub with further settings.
    pub async fn start_with(settings: &[(&str, &str)]) -> Self {
        let database = Database::fresh().await;
        let hub = Hub::start_with(&database, settings).await;
        Self::on(database, hub).await
    }

    /// The same on a hub that runs.
    pub async fn on(database: Database, hub: Hub) -> Self {
        let id = add_practice(&database).await;
        // A test may pause for longer than the hub keeps a connection.
        let http = reqwest::Client::builder().pool_idle_timeout(Duration::from_secs(20)).build().unwrap();
        Self { database, hub, id, http }
    }

    /// An empty one that sends e-mails.
    pub async fn with_mail() -> (Self, MailServer) {
        let mail = MailServer::start();
        let from = ("CAREHUB_MAIL_FROM", "Elm Street <portal@example.org>");
        (Self::start_with(&[("SMTP_URL", &*mail.url()), from]).await, mail)
    }

    /// A person of this practice, signed in.
    pub async fn person(&self, name: &str, role: Role) -> Caller {
        self.person_of(self.id, name, role).await
    }

    /// A person of another practice on the same hub.
    pub async fn stranger(&self, name: &str, role: Role) -> Caller {
        self.person_of(add_practice(&self.database).await, name, role).await
    }

    /// Somebody of the same practice as this person, whichever that is.
    pub async fn colleague_of(&self, person: &Caller, name: &str, role: Role) -> Caller {
        let practice = format!("SELECT practice_id FROM users WHERE id = '{}'", person.id);
        let practice = self.database.query(&practice).await[0].parse().unwrap();
        self.person_of(practice, name, role).await
    }

    async fn person_of(&self, practice_id: PracticeId, name: &str, role: Role) -> Caller {
        let mut conn = self.database.connect().await;
        let (id, sign_in) = (UserId::new(), SignInId::new());
        let email = format!("{id}@example.org");
        let user = NewUser {
            id,
            practice_id,
            role: role.as_str(),
            email: &email,
            name,
            password_hash: &HASH,
            time_zone: "America/Chicago",
        };
        roster::insert_user(&mut conn, &user).await.unwrap();
        let now = Clock::system().now();
        let session = NewSession {
            id: sign_in,
            user_id: id,
            audience: role.audience().as_str(),
            cookie_hash: None,
            expires_at: now + lifetimes::session(role.audience()),
            idle_seconds: Some(900),
            address: None,
            user_agent: None,
        };
        store::insert_session(&mut conn, &session).await.unwrap();
        let tokens = Tokens::new(&master_key()).unwrap();
        let (token, _) = tokens.issue(id, role, sign_in, now, lifetimes::ACCESS_TOKEN).unwrap();
        let (http, base) = (self.http.clone(), self.hub.url("/api/v1/"));
        let name = name.to_owned();
        Caller { id, email, name, role, token: token.expose_secret().to_owned(), http, base }
    }

    /// Puts somebody into a client's care team.
    pub async fn cares(&self, carer: &Caller, client: &Caller) {
        let mut conn = self.database.connect().await;
        care::insert(&mut conn, client.id, carer.id, None).await.unwrap();
    }

    /// A request of nobody, to a path of the hub.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.hub.url(path))
    }

    /// A call of nobody to `/api/v1/<path>`.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        let request = self.request(Method::POST, &format!("/api/v1/{path}")).json(&body);
        answer(request.send().await.unwrap()).await
    }

    /// Whether somebody signs in with this password.
    pub async fn lets_in(&self, door: &str, email: &str, password: &str) -> bool {
        match self.sign_in(door, email, password).await.status().as_u16() {
            200 => true,
            401 => false,
            other => panic!("signing in was answered with {other}"),
        }
    }

    /// Signs in with a password.
    pub async fn sign_in(&self, door: &str, email: &str, password: &str) -> reqwest::Response {
        let request = self.request(Method::POST, &format!("/api/v1/{door}/auth/login"));
        request.json(&json!({"email": email, "password": password})).send().await.unwrap()
    }
}

async fn add_practice(database: &Database) -> PracticeId {
    let id = PracticeId::new();
    roster::insert_practice(&mut database.connect().await, id, "Elm Street", "America/Chicago").await.unwrap();
    id
}

impl Caller {
    /// The same person, who calls another hub.
    pub fn through(&self, hub: &Hub) -> Self {
        Self { base: hub.url("/api/v1/"), ..self.clone() }
    }

    /// Calls `/api/v1/<path>`.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        self.ask(request).await.unwrap()
    }

    /// A request to `/api/v1/<path>`, for [`Self::ask`].
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token)
    }

    /// Sends it; an error where the hub went away.
    async fn ask(&self, request: RequestBuilder) -> reqwest::Result<Answer> {
        let request = request.build()?;
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let response = self.http.execute(request).await?;
        let status = response.status().as_u16();
        let body = serde_json::from_slice(&response.bytes().await?).unwrap_or_default();
        described::check(&method, &path, status, &body);
        Ok(Answer { status, body })
    }

    /// The status of a GET; None where the hub is gone.
    pub async fn try_get(&self, path: &str) -> Option<u16> {
        self.ask(self.request(Method::GET, path)).await.ok().map(|answer| answer.status)
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(body)).await
    }

    /// The same under an idempotency key; None where the hub went away.
    pub async fn try_post_once(&self, path: &str, key: uuid::Uuid, body: Value) -> Option<Answer> {
        let request = self.request(Method::POST, path).header("idempotency-key", key.to_string());
        self.ask(request.json(&body)).await.ok()
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, None).await
    }

    /// A POST with an idempotency key.
    pub async fn post_once(&self, key: uuid::Uuid, path: &str, body: Value) -> Answer {
        self.try_post_once(path, key, body).await.unwrap()
    }

    /// Sends a file of this name to `/api/v1/<path>`.
    pub async fn upload(&self, path: &str, name: &str, content: impl Into<reqwest::Body>) -> Answer {
        self.upload_as(uuid::Uuid::now_v7(), path, name, content).await
    }

    /// The same under an id of one's own.
    pub async fn upload_as(&self, id: uuid::Uuid, path: &str, name: &str, content: impl Into<reqwest::Body>) -> Answer {
        let encoded: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let request = self
            .request(Method::POST, path)
            .header("content-type", "application/octet-stream")
            .header("content-disposition", format!("attachment; filename*=UTF-8''{encoded}"))
            .header("idempotency-key", id.to_string());
        self.ask(request.body(content)).await.unwrap()
    }

    /// Fetches a file from a path of the hub: the whole answer.
    pub async fn fetch(&self, path: &str) -> reqwest::Response {
        self.try_fetch(path).await.unwrap()
    }

    /// The same, where the hub may break off before the first byte of its answer left.
    pub async fn try_fetch(&self, path: &str) -> reqwest::Result<reqwest::Response> {
        let base = self.base.strip_suffix("/api/v1/").unwrap();
        self.http.get(format!("{base}{path}")).bearer_auth(&self.token).send().await
    }

    /// The same with another token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    /// Behind which door this person is: the first part of its addresses.
    pub fn door(&self) -> &'static str {
        if self.role == Role::Client { "portal" } else { "ehr" }
    }

    /// As the socket's client takes it.
    pub fn someone(&self) -> Someone {
        Someone { id: self.id.to_string(), token: self.token.clone() }
    }

    /// Opens a thread of one's own, and tells its id.
    pub async fn open(&self, subject: &str, body: &str) -> String {
        let opened = self.post("portal/messages", json!({"subject": subject, "body": body})).await.expect(201);
        opened["thread"]["id"].as_str().unwrap().to_owned()
    }

    /// Claims a thread.
    pub async fn claim(&self, thread: &str) -> Answer {
        self.call(Method::POST, &format!("ehr/threads/{thread}/claim"), None).await
    }
}

/// Reads an answer.
pub async fn answer(response: reqwest::Response) -> Answer {
    let status = response.status().as_u16();
    let body = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default();
    Answer { status, body }
}

impl Answer {
    /// The body, where the status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// Checks status and `code` of a refusal, and returns the problem.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        assert_eq!((self.status, self.body["code"].as_str()), (status, Some(code)), "{}", self.body);
        self.body
    }
}
