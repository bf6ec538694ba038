//! A Twilio on loopback that keeps what it is given, answers as a test wants, and reports what became of messages.

use super::Hub;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_STANDARD};
use std::{
    collections::VecDeque,
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::Notify;

pub const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
pub const TOKEN: &str = "the token of the tests";
pub const FROM: &str = "+15125550100";

/// A message as it was given in.
#[derive(Clone, Debug)]
pub struct Text {
    pub sid: String,
    pub to: String,
    pub body: String,
    /// Where reports about it go.
    pub callback: Option<String>,
}

/// How the next request is answered, in place of being taken.
#[derive(Clone, Debug)]
pub enum Instead {
    /// As Twilio refuses.
    Refuse { status: u16, code: u32, retry_after: Option<u32> },
    /// As nothing that Twilio would say.
    Say { status: u16, kind: &'static str, body: String, location: Option<String> },
    /// Takes it, and does not answer.
    Hang,
    /// Takes it, and answers once it is told to.
    Hold(Arc<Notify>),
}

#[derive(Default)]
struct Kept {
    texts: Vec<Text>,
    requests: usize,
    instead: VecDeque<Instead>,
}

/// A Twilio, for as long as the tests run.
#[derive(Clone)]
pub struct Twilio {
    pub address: SocketAddr,
    kept: Arc<Mutex<Kept>>,
}

impl Twilio {
    /// Listens on a port of its own.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let twilio = Self { address: listener.local_addr().unwrap(), kept: Arc::default() };
        let kept = twilio.kept.clone();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let state = web::Data::from(kept);
                HttpServer::new(move || {
                    let path = "/2010-04-01/Accounts/{account}/Messages.json";
                    App::new().app_data(state.clone()).route(path, web::post().to(take))
                })
                .workers(1)
                .listen(listener)
                .unwrap()
                .disable_signals()
                .run()
                .await
                .unwrap();
            });
        });
        twilio
    }

    /// The settings of a hub that sends by it.
    pub fn settings(&self) -> Vec<(String, String)> {
        [
            ("TWILIO_ACCOUNT_SID", ACCOUNT.to_owned()),
            ("TWILIO_AUTH_TOKEN", TOKEN.to_owned()),
            ("TWILIO_FROM", FROM.to_owned()),
            ("TWILIO_API_URL", format!("http://{}", self.address)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// Answers the next request so.
    pub fn once(&self, instead: Instead) {
        self.kept.lock().unwrap().instead.push_back(instead);
    }

    /// Requests that came.
    pub fn requests(&self) -> usize {
        self.kept.lock().unwrap().requests
    }

    /// What was taken for this number.
    pub fn texts(&self, to: &str) -> Vec<Text> {
        self.kept.lock().unwrap().texts.iter().filter(|text| text.to == to).cloned().collect()
    }

    /// Waits for the `n`th message to a number (the first is 1).
    pub async fn nth(&self, to: &str, n: usize) -> Text {
        super::eventually(&format!("text message {n} to {to}"), Duration::from_secs(10), async || {
            self.texts(to).get(n - 1).cloned()
        })
        .await
    }
}

impl Text {
    /// Reports what became of it; the status that the hub answered with.
    pub async fn report(&self, status: &str, error: Option<u32>) -> u16 {
        let mut form = vec![
            ("AccountSid", ACCOUNT.to_owned()),
            ("From", FROM.to_owned()),
            ("MessageSid", self.sid.clone()),
            ("MessageStatus", status.to_owned()),
            ("SmsSid", self.sid.clone()),
            ("To", self.to.clone()),
        ];
        form.extend(error.map(|code| ("ErrorCode", code.to_string())));
        let url = self.callback.as_deref().expect("an address for reports");
        post(url, &form, &sign(url, &form)).await.status().as_u16()
    }
}

/// Somebody answers a message; what the hub says to that.
pub async fn answer(hub: &Hub, from: &str, body: &str, recognised: Option<&str>) -> String {
    let mut form = vec![
        ("AccountSid", ACCOUNT.to_owned()),
        ("Body", body.to_owned()),
        ("From", from.to_owned()),
        ("MessageSid", format!("SM{}", "ab".repeat(16))),
        ("To", FROM.to_owned()),
    ];
    form.extend(recognised.map(|word| ("OptOutType", word.to_owned())));
    let url = hub.url("/hooks/twilio/inbound");
    let response = post(&url, &form, &sign(&url, &form)).await;
    assert_eq!(response.status(), 200);
    response.text().await.unwrap()
}

/// Sends a form with a signature.
pub async fn post(url: &str, form: &[(&str, String)], signature: &str) -> reqwest::Response {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = reqwest::Client::new()
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
        .header("x-twilio-signature", signature)
        .body(body);
    request.send().await.unwrap()
}

/// As Twilio signs.
pub fn sign(url: &str, form: &[(&str, String)]) -> String {
    let mut fields = form.to_vec();
    fields.sort();
    let text = fields.iter().fold(url.to_owned(), |text, (name, value)| format!("{text}{name}{value}"));
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, TOKEN.as_bytes());
    BASE64_STANDARD.encode(hmac::sign(&key, text.as_bytes()))
}

async fn take(
    request: HttpRequest,
    form: web::Form<Vec<(String, String)>>,
    kept: web::Data<Mutex<Kept>>,
) -> HttpResponse {
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let authorization = BASE64_STANDARD.encode(format!("{ACCOUNT}:{TOKEN}"));
    let given = request.headers().get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if given != format!("Basic {authorization}") || field("From").as_deref() != Some(FROM) {
        return HttpResponse::Unauthorized().json(serde_json::json!({"code": 20003, "status": 401}));
    }
    let (instead, sid) = {
        let mut kept = kept.lock().unwrap();
        kept.requests += 1;
        let sid = format!("SM{:032x}", kept.requests);
        let instead = kept.instead.pop_front();
        if matches!(instead, None | Some(Instead::Hang | Instead::Hold(_))) {
            let (to, body) = (field("To").unwrap(), field("Body").unwrap());
            kept.texts.push(Text { sid: sid.clone(), to, body, callback: field("StatusCallback") });
        }
        (instead, sid)
    };
    let taken =
        || HttpResponse::Created().json(serde_json::json!({"sid": sid, "status": "queued", "error_code": null}));
    match instead {
        None => taken(),
        Some(Instead::Hold(gate)) => {
            gate.notified().await;
            taken()
        }
        Some(Instead::Refuse { status, code, retry_after }) => {
            let mut answer = HttpResponse::build(status.try_into().unwrap());
            if let Some(seconds) = retry_after {
                answer.insert_header(("retry-after", seconds.to_string()));
            }
            answer.json(
                serde_json::json!({"code": code, "message": format!("about {:?}", field("To")), "status": status}),
            )
        }
        Some(Instead::Say { status, kind, body, location }) => {
            let mut answer = HttpResponse::build(status.try_into().unwrap());
            answer.insert_header(("content-type", kind));
            if let Some(location) = location {
                answer.insert_header(("location", location));
            }
            answer.body(body)
        }
        Some(Instead::Hang) => {
            tokio::time::sleep(Duration::from_secs(600)).await;
            HttpResponse::Ok().finish()
        }
    }
}
