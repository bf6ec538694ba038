//! Pages as plain HTTP: what a browser gets, without one.

use crate::support::practice::{Caller, PASSWORD, Practice};
use carehub::accounts::Role;
use reqwest::{Client, Response, redirect::Policy};

/// A client and a clinician with a thread between them.
pub struct Two {
    pub practice: Practice,
    pub client: Caller,
    pub clinician: Caller,
    pub thread: String,
}

impl Two {
    pub async fn start() -> Self {
        let practice = Practice::start().await;
        let client = practice.person("Ada", Role::Client).await;
        let clinician = practice.person("Maya", Role::Clinician).await;
        let thread = client.open("Sleep", "I cannot sleep").await;
        clinician.claim(&thread).await.expect(200);
        Self { practice, client, clinician, thread }
    }
}

/// A browser's requests without a browser: nothing is followed, nothing is kept.
pub fn plain() -> Client {
    Client::builder().redirect(Policy::none()).build().unwrap()
}

/// Sends the sign-in form.
pub async fn submit(practice: &Practice, fields: &[(&str, &str)]) -> Response {
    let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = plain().post(practice.hub.url("/sign-in")).header("origin", practice.hub.url(""));
    request.header("content-type", "application/x-www-form-urlencoded").body(body).send().await.unwrap()
}

/// The cookie of somebody who signed in with the form.
pub async fn cookie_of(practice: &Practice, who: &Caller, door: &str) -> String {
    let signed_in = submit(practice, &[("email", &who.email), ("password", PASSWORD), ("door", door)]).await;
    assert_eq!(signed_in.status(), 303);
    header(&signed_in, "set-cookie").split(';').next().unwrap().to_owned()
}

pub fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}
