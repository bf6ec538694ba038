//! A Stripe on loopback: localstripe, which keeps what it is given, behind a proxy of our own that keeps an answer under
//! its idempotency key as Stripe does, writes down what was asked, and fails as a test wants. What localstripe lacks and
//! Stripe documents is added here, never in the program.

use super::python;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use carehub::clock::Clock;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};
use stripe_webhook::Webhook;
use tokio::sync::Notify;

pub const SECRET_KEY: &str = "sk_test_of_the_tests";
pub const WEBHOOK_SECRET: &str = "whsec_of_the_tests";
const PUBLISHABLE_KEY: &str = "pk_test_of_the_tests";
/// Takes every payment.
pub const GOOD_CARD: &str = "4242424242424242";
/// Is kept, and refused when it is charged.
pub const DECLINED_CARD: &str = "4000000000000341";
/// Its bank asks each time.
pub const ASKING_CARD: &str = "4000002760003184";

/// So long evidence is taken.
pub const DAYS_FOR_EVIDENCE: i64 = 7;

const VERSION: &str = "1.15.10";
/// localstripe by itself listens everywhere, and keeps its store in a file that all of them share.
const PROGRAM: &str = "
import socket
from aiohttp import web
from localstripe import resources, server
resources.Store.dump_to_disk = lambda self: None
listener = socket.socket()
listener.bind(('127.0.0.1', 0))
print(listener.getsockname()[1], flush=True)
web.run_app(server.app, sock=listener, print=None, access_log=None)
";

/// How a request fails.
#[derive(Clone)]
pub enum Fault {
    /// The connection breaks before it arrives.
    CutBefore,
    /// It is done, and the answer gets lost.
    CutAfter,
    /// It is not done, and answered so.
    Say { status: u16, kind: &'static str, body: Vec<u8>, location: Option<String> },
    /// It is done, and answered as a fault of Stripe's.
    FailAfter,
    /// It is done once the gate opens.
    HoldBefore(Arc<Notify>),
    /// It is done, and answered once the gate opens.
    HoldAfter(Arc<Notify>),
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub key: Option<String>,
    pub body: String,
}

/// What was answered under a key.
#[derive(Clone)]
enum Kept {
    InFlight,
    Answered { body: String, status: u16, answer: Vec<u8> },
}

#[derive(Default)]
struct State {
    asked: Vec<Asked>,
    faults: Vec<(&'static str, String, Fault)>,
    kept: HashMap<String, Kept>,
    disputes: Vec<Value>,
    /// How refunds stand, where not as localstripe has them; under no id: all others.
    refunds: HashMap<String, &'static str>,
    older: i64,
}

struct Inner {
    upstream: String,
    state: Mutex<State>,
    http: reqwest::Client,
}

/// The stand-in's process, which ends with the test; the proxy's thread must not hold it.
struct Program(Child);

/// A Stripe, for as long as the test runs.
#[derive(Clone)]
pub struct Stripe {
    pub url: String,
    inner: Arc<Inner>,
    _program: Arc<Program>,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Stripe {
    /// Listens on a port of its own.
    pub async fn start() -> Self {
        let start = || {
            let python = python::program("localstripe", VERSION, "localstripe").with_file_name("python");
            let mut child = Command::new(python)
                .args(["-c", PROGRAM])
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let mut port = String::new();
            BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
            (child, format!("http://127.0.0.1:{}", port.trim()))
        };
        let (child, upstream) = tokio::task::spawn_blocking(start).await.unwrap();
        let http = reqwest::Client::new();
        let inner = Arc::new(Inner { upstream, state: Mutex::default(), http });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let stripe = Self { url, inner, _program: Arc::new(Program(child)) };
        let serving = stripe.inner.clone();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let state = web::Data::from(serving);
                HttpServer::new(move || App::new().app_data(state.clone()).default_service(web::to(take)))
                    .workers(1)
                    .shutdown_timeout(0)
                    .listen(listener)
                    .unwrap()
                    .disable_signals()
                    .run()
                    .await
                    .unwrap();
            });
        });
        super::eventually("localstripe", Duration::from_secs(30), async || {
            stripe.inner.http.get(&stripe.inner.upstream).send().await.ok()
        })
        .await;
        stripe
    }

    /// The settings of a hub that takes cards by it.
    pub fn settings(&self) -> [(String, String); 5] {
        [
            ("CAREHUB_STRIPE_SECRET_KEY", SECRET_KEY.to_owned()),
            ("CAREHUB_STRIPE_PUBLISHABLE_KEY", PUBLISHABLE_KEY.to_owned()),
            ("CAREHUB_STRIPE_WEBHOOK_SECRETS", WEBHOOK_SECRET.to_owned()),
            ("CAREHUB_STRIPE_API_URL", self.url.clone()),
            ("CAREHUB_STRIPE_JS_URL", format!("{}/js.stripe.com/v3/", self.url)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
    }

    /// Lets the next request of this kind fail; requests that come before it go through.
    pub fn once(&self, method: &'static str, path: &str, fault: Fault) {
        self.inner.state.lock().unwrap().faults.push((method, path.to_owned(), fault));
    }

    /// Lets the next so many fail.
    pub fn times(&self, many: usize, method: &'static str, path: &str, fault: Fault) {
        for _ in 0..many {
            self.once(method, path, fault.clone());
        }
    }

    /// What was asked of this kind so far.
    pub fn asked(&self, method: &str, path: &str) -> Vec<Asked> {
        let state = self.inner.state.lock().unwrap();
        state.asked.iter().filter(|asked| asked.method == method && asked.path == path).cloned().collect()
    }

    /// Lists say of everything that it was made so many seconds earlier.
    pub fn age(&self, seconds: i64) {
        self.inner.state.lock().unwrap().older = seconds;
    }

    /// As if a day had passed: no key is known any more.
    pub fn forget_keys(&self) {
        self.inner.state.lock().unwrap().kept.clear();
    }

    /// Asks localstripe itself, as whoever works at Stripe's own pages does.
    pub async fn own(&self, method: reqwest::Method, path: &str, form: &[(&str, &str)]) -> Value {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self.inner.http.request(method, format!("{}{path}", self.inner.upstream));
        let request = request.bearer_auth(SECRET_KEY).header("content-type", "application/x-www-form-urlencoded");
        request.body(body).send().await.unwrap().json().await.unwrap()
    }

    /// The payments that took money.
    pub async fn taken(&self) -> Vec<Value> {
        let all = self.own(reqwest::Method::GET, "/v1/payment_intents?limit=100", &[]).await;
        all["data"].as_array().unwrap().iter().filter(|intent| intent["status"] == "succeeded").cloned().collect()
    }

    /// As Stripe's script in the browser gives it a card.
    pub async fn give_card(&self, client_secret: &str, number: &str) -> String {
        let intent = client_secret.split_once("_secret_").unwrap().0;
        let url = format!("{}/v1/setup_intents/{intent}/confirm", self.url);
        let card = json!({"number": number, "exp_month": "12", "exp_year": "2040", "cvc": "123"});
        let mut body = json!({"key": PUBLISHABLE_KEY, "client_secret": client_secret,
            "payment_method_data": {"type": "card", "card": card}});
        loop {
            let said: Value =
                self.inner.http.post(&url).body(body.to_string()).send().await.unwrap().json().await.unwrap();
            match said["status"].as_str() {
                Some("succeeded") => return said["payment_method"].as_str().unwrap().to_owned(),
                // The bank's question is answered.
                Some("requires_action") => drop(body.as_object_mut().unwrap().remove("payment_method_data")),
                _ => panic!("the card was not taken: {said}"),
            }
        }
    }

    /// Answers the bank's question about a payment, as the script does.
    pub async fn authenticate(&self, client_secret: &str, succeeds: bool) {
        let intent = client_secret.split_once("_secret_").unwrap().0;
        let url = format!("{}/v1/payment_intents/{intent}/_authenticate?success={succeeds}", self.url);
        let body = json!({"key": PUBLISHABLE_KEY, "client_secret": client_secret}).to_string();
        self.inner.http.post(&url).body(body).send().await.unwrap();
    }

    /// This refund, or without an id every other, stands so from now on: banks take their time, and send some back.
    pub fn refund_is(&self, id: &str, status: &'static str) {
        self.inner.state.lock().unwrap().refunds.insert(id.to_owned(), status);
    }

    /// A dispute about a payment, or how it stands now.
    pub fn dispute(&self, id: &str, intent: &str, amount: i64, status: &str) {
        let created = Clock::system().now().timestamp() - 120;
        let evidence = json!({"due_by": created + DAYS_FOR_EVIDENCE * 86_400, "has_evidence": false, "past_due": false,
            "submission_count": 0});
        self.disputed(json!({"id": id, "object": "dispute", "amount": amount, "currency": "usd", "status": status,
            "payment_intent": intent, "created": created, "reason": "fraudulent", "evidence_details": evidence}));
    }

    /// The same, word for word.
    pub fn disputed(&self, dispute: Value) {
        let mut state = self.inner.state.lock().unwrap();
        state.disputes.retain(|known| known["id"] != dispute["id"]);
        state.disputes.push(dispute);
    }
}

/// An event as Stripe tells it: about this object, of which it says nothing true.
pub fn event(id: &str, kind: &str, object: &str) -> String {
    json!({"id": id, "object": "event", "type": kind, "api_version": "2026-09-30.endive", "created": 1, "livemode": false,
        "pending_webhooks": 1, "data": {"object": {"id": object, "status": "succeeded", "amount": 1}}})
    .to_string()
}

/// The header of an event that is signed now, or so many seconds later.
pub fn signed(event: &str, secret: &str, later: i64) -> String {
    Webhook::generate_test_header(event, secret, Some(Clock::system().now().timestamp() + later))
}

async fn take(request: HttpRequest, body: web::Bytes, inner: web::Data<Inner>) -> HttpResponse {
    let (method, path) = (request.method().as_str().to_owned(), request.path().to_owned());
    let key = request.headers().get("idempotency-key").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let text = String::from_utf8_lossy(&body).into_owned();
    let fault = {
        let mut state = inner.state.lock().unwrap();
        state.asked.push(Asked { method: method.clone(), path: path.clone(), key: key.clone(), body: text.clone() });
        let at = state.faults.iter().position(|(of, at, _)| *of == method && *at == path);
        at.map(|at| state.faults.remove(at).2)
    };
    match fault {
        Some(Fault::CutBefore) => cut(),
        Some(Fault::CutAfter) => {
            answer(&inner, &request, key, text).await;
            cut()
        }
        Some(Fault::Say { status, kind, body, location }) => {
            let mut said = HttpResponse::build(status.try_into().unwrap());
            said.insert_header(("content-type", kind));
            if let Some(location) = location {
                said.insert_header(("location", location));
            }
            said.body(body)
        }
        Some(Fault::FailAfter) => {
            answer(&inner, &request, key, text).await;
            HttpResponse::InternalServerError().json(json!({"error": {"type": "api_error", "message": "a fault"}}))
        }
        Some(Fault::HoldBefore(gate)) => {
            gate.notified().await;
            answer(&inner, &request, key, text).await
        }
        Some(Fault::HoldAfter(gate)) => {
            let said = answer(&inner, &request, key, text).await;
            gate.notified().await;
            said
        }
        None => answer(&inner, &request, key, text).await,
    }
}

/// The connection breaks in the middle of an answer.
fn cut() -> HttpResponse {
    let broken = futures_util::stream::once(async { Err::<web::Bytes, _>(std::io::Error::other("cut")) });
    HttpResponse::Ok().no_chunking(100).streaming(broken)
}

/// Once under a key.
async fn answer(inner: &Inner, request: &HttpRequest, key: Option<String>, body: String) -> HttpResponse {
    let Some(key) = key else { return finish(forward(inner, request, &body).await) };
    let known = {
        let mut state = inner.state.lock().unwrap();
        let known = state.kept.get(&key).cloned();
        if known.is_none() {
            state.kept.insert(key.clone(), Kept::InFlight);
        }
        known
    };
    match known {
        None => {
            let (status, said, headers) = forward(inner, request, &body).await;
            let kept = Kept::Answered { body, status, answer: said.clone() };
            inner.state.lock().unwrap().kept.insert(key, kept);
            finish((status, said, headers))
        }
        Some(Kept::InFlight) => refuse(409, "idempotency_error", "idempotency_key_in_use"),
        Some(Kept::Answered { body: first, .. }) if first != body => refuse(400, "idempotency_error", ""),
        Some(Kept::Answered { status, answer, .. }) => finish((status, answer, Vec::new())),
    }
}

fn refuse(status: u16, kind: &str, code: &str) -> HttpResponse {
    HttpResponse::build(status.try_into().unwrap()).json(json!({"error": {"type": kind, "code": code}}))
}

type Said = (u16, Vec<u8>, Vec<(String, String)>);

fn finish((status, body, headers): Said) -> HttpResponse {
    let mut said = HttpResponse::build(status.try_into().unwrap());
    for (name, value) in headers {
        said.insert_header((name, value));
    }
    said.body(body)
}

/// To localstripe, which is given what it understands, and whose answers get what Stripe's have.
async fn forward(inner: &Inner, request: &HttpRequest, body: &str) -> Said {
    let path = request.path();
    if let Some(rest) = path.strip_prefix("/v1/disputes") {
        return disputes(inner, rest.trim_start_matches('/'));
    }
    let is_list = request.method() == "GET" && matches!(path, "/v1/payment_intents" | "/v1/refunds");
    let query: Vec<(String, String)> =
        url::form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect();
    let asked = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let unknown = |name: &str| is_list && (name == "customer" || name.starts_with("created"));
    let kept = query.iter().filter(|(name, _)| !unknown(name));
    let sent = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
    // The name that it had in earlier versions of Stripe's API.
    let body = body.replace("allowed_payment_method_types", "payment_method_types");
    let (status, mut said, headers) = pass(inner, request, &format!("{path}?{sent}"), body).await;
    if is_list && status == 200 {
        let mut list: Value = serde_json::from_slice(&said).unwrap();
        let since: i64 = asked("created[gte]").map_or(0, |since| since.parse().unwrap());
        let older = inner.state.lock().unwrap().older;
        for item in list["data"].as_array_mut().unwrap() {
            item["created"] = json!(item["created"].as_i64().unwrap() - older);
        }
        list["data"].as_array_mut().unwrap().retain(|item| {
            item["created"].as_i64().unwrap() >= since
                && asked("customer").is_none_or(|customer| item["customer"] == json!(customer))
        });
        said = list.to_string().into_bytes();
    }
    if path.starts_with("/v1/refunds") && status == 200 {
        let mut answer: Value = serde_json::from_slice(&said).unwrap();
        let stands = inner.state.lock().unwrap().refunds.clone();
        match answer["data"].as_array_mut() {
            Some(all) => all.iter_mut().for_each(|refund| stand(refund, &stands)),
            None => stand(&mut answer, &stands),
        }
        said = answer.to_string().into_bytes();
    }
    let is_setup = path.starts_with("/v1/setup_intents/") && path.ends_with("/confirm");
    if is_setup && status == 200 {
        attach(inner, &serde_json::from_slice(&said).unwrap()).await;
    }
    (status, said, headers)
}

fn stand(refund: &mut Value, stands: &HashMap<String, &'static str>) {
    let own = refund["id"].as_str().and_then(|id| stands.get(id));
    if let Some(status) = own.or_else(|| stands.get("")) {
        refund["status"] = json!(status);
    }
}

async fn pass(inner: &Inner, request: &HttpRequest, path: &str, body: String) -> Said {
    let method = request.method().as_str().parse().unwrap();
    let mut passed = inner.http.request(method, format!("{}{path}", inner.upstream)).body(body);
    for name in ["authorization", "content-type", "origin", "access-control-request-headers"] {
        if let Some(value) = request.headers().get(name) {
            passed = passed.header(name, value.to_str().unwrap());
        }
    }
    let said = passed.send().await.unwrap();
    let headers = said
        .headers()
        .iter()
        .filter(|(name, _)| name.as_str() == "content-type" || name.as_str().starts_with("access-control-"));
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    (said.status().as_u16(), said.bytes().await.unwrap().to_vec(), headers)
}

/// A card that was set up is the customer's.
async fn attach(inner: &Inner, setup: &Value) {
    let (Some(method), Some(customer)) = (setup["payment_method"].as_str(), setup["customer"].as_str()) else { return };
    if setup["status"] == "succeeded" {
        let url = format!("{}/v1/payment_methods/{method}/attach", inner.upstream);
        let request = inner.http.post(url).bearer_auth(SECRET_KEY);
        let form = request.header("content-type", "application/x-www-form-urlencoded");
        assert!(form.body(format!("customer={customer}")).send().await.unwrap().status().is_success());
    }
}

/// localstripe has none.
fn disputes(inner: &Inner, id: &str) -> Said {
    let all = inner.state.lock().unwrap().disputes.clone();
    let kind = vec![("content-type".to_owned(), "application/json".to_owned())];
    let found = all.iter().find(|dispute| dispute["id"] == id).cloned();
    match (id, found) {
        ("", _) => (200, json!({"object": "list", "data": all, "has_more": false}).to_string().into_bytes(), kind),
        (_, Some(dispute)) => (200, dispute.to_string().into_bytes(), kind),
        (_, None) => (404, json!({"error": {"type": "invalid_request_error"}}).to_string().into_bytes(), kind),
    }
}
