//! The pages in a real browser, as people use them.

mod account;
mod administration;
mod appointment_desk;
mod appointment_words;
mod appointments;
mod billing;
mod chat;
mod clients;
mod composer;
mod crisis_resources;
mod documents;
mod elsewhere;
mod emergencies;
mod entrance;
mod forms;
mod history;
mod inbox;
mod journey;
mod keyboard;
mod languages;
mod network;
mod new_emergency;
mod notices;
mod own_appointments;
mod papers;
mod paying;
mod profile;
mod push;
mod questionnaires;
mod rota;
mod sign_in;
mod strict;
mod undelivered;
mod visit;
mod waitlist;

use crate::support::{
    Browser, Screen, browser, eventually,
    practice::{Caller, Practice},
};
use carehub::accounts::Role;
use serde_json::{Value, json};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

/// An hour for each client, at any hour of the week.
fn around_the_clock() -> Value {
    let hours: Vec<_> =
        (1..=7).map(|weekday| json!({"weekday": weekday, "starts": "00:00", "ends": "00:00"})).collect();
    json!({"revision": 0, "timeZone": "America/Chicago", "hours": hours, "sessionMinutes": 50, "bufferMinutes": 10,
        "stepMinutes": 60, "noticeMinutes": 60, "horizonDays": 60, "roomUrl": null})
}

/// A practice with a client and their clinician, and a thread between them.
struct Room {
    practice: Practice,
    client: Caller,
    clinician: Caller,
    thread: String,
}

impl Room {
    async fn new() -> Self {
        let practice = Practice::start().await;
        let client = practice.person("Ann Field", Role::Client).await;
        let clinician = practice.person("Dr. Ben Hill", Role::Clinician).await;
        practice.database.limit_sends(&client.id.to_string(), 100_000).await;
        let thread = client.open("Sleep", "I cannot sleep.").await;
        clinician.claim(&thread).await.expect(200);
        Self { practice, client, clinician, thread }
    }

    /// The thread's page for somebody.
    fn path(&self, who: &Caller) -> String {
        match who.role {
            Role::Client => format!("/portal/messages/{}", self.thread),
            _ => format!("/ehr/threads/{}", self.thread),
        }
    }

    /// Signs somebody in and opens the thread.
    async fn enter(&self, browser: &Browser, who: &Caller) {
        browser.sign_in(who).await;
        browser.go(&self.path(who)).await;
        browser.connected().await;
    }

    /// Windows on both sides of the thread.
    async fn windows(&self) -> [Browser; 2] {
        let [client, clinician] = browser::open(&self.practice.hub.url(""), [Screen::Desktop, Screen::Desktop]).await;
        self.enter(&client, &self.client).await;
        self.enter(&clinician, &self.clinician).await;
        [client, clinician]
    }

    /// Signs somebody in on one more window and opens the thread.
    async fn window(&self, who: &Caller, screen: Screen) -> Browser {
        let [window] = browser::open(&self.practice.hub.url(""), [screen]).await;
        self.enter(&window, who).await;
        window
    }

    /// The sealed draft of somebody, as the hub gives it to them.
    async fn draft(&self, who: &Caller) -> String {
        let draft = who.get(&format!("{}/messages/{}/draft", who.door(), self.thread)).await.expect(200);
        draft["body"].as_str().unwrap().to_owned()
    }

    /// Waits until a draft is stored.
    async fn keeps_draft(&self, who: &Caller, words: &str) {
        let same = async || (self.draft(who).await == words).then_some(());
        eventually(&format!("the draft {words:?}"), PATIENCE, same).await;
    }

    /// The messages that the store has, in its order, as the clinician may read them.
    async fn stored(&self) -> Vec<String> {
        let page = self.clinician.get(&format!("ehr/threads/{}?limit=200", self.thread)).await.expect(200);
        let messages = page["entries"].as_array().unwrap().iter().filter(|entry| entry["kind"] == "message");
        messages.map(|entry| entry["body"].as_str().unwrap().to_owned()).collect()
    }
}

const BOX: &str = "care-composer textarea";
const SHOWN: &str = "[...document.querySelectorAll('li.entry.message .text')].map(({ textContent }) => textContent)";

impl Browser {
    /// Waits until the thread is shown and its page is connected.
    async fn connected(&self) {
        self.find(BOX).await;
        self.online(true).await;
    }

    /// Waits until the page's connection is there, or gone.
    async fn online(&self, expected: bool) {
        let script = format!(
            "import(document.querySelector('link[rel=modulepreload][href$=\"/page.js\"]').href)
                .then(({{ connection }}) => connection.online === {expected})"
        );
        self.wait(if expected { "a connection" } else { "its end" }, &script).await;
    }

    /// Waits until a page of any kind has all that it loads.
    async fn settled(&self) {
        self.wait("the whole page", "document.readyState === 'complete'").await;
        self.online(true).await;
        self.wait("no loading", "!document.querySelector('main').innerText.includes('Loading')").await;
    }

    /// Nothing is wider than the screen: it would let the page slide away below a finger.
    async fn fits(&self) {
        let fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth";
        assert_eq!(self.eval(fits).await, true, "something runs out of the screen at {}", self.path().await);
    }

    /// Writes a message and presses Enter.
    async fn say(&self, words: &str) {
        self.write(BOX, words).await;
        self.press(['\u{e007}']).await;
    }

    /// The messages on the page, in its order.
    async fn shown(&self) -> Vec<String> {
        strings(&self.eval(SHOWN).await)
    }

    /// Waits until a message is on the page.
    async fn reads(&self, words: &str) {
        self.wait(words, &format!("{SHOWN}.includes({})", Value::from(words))).await;
    }

    /// Waits until a message of one's own says that it was delivered or read.
    async fn comes_to(&self, words: &str, state: &str) {
        let script = format!(
            "[...document.querySelectorAll('li.entry.mine')]
                .find((entry) => entry.querySelector('.text').textContent === {})?.querySelector('.state').textContent === {}",
            Value::from(words), Value::from(state)
        );
        self.wait(&format!("{words:?} to be {state}"), &script).await;
    }

    /// Waits until the box holds this.
    async fn holds(&self, words: &str) {
        let script = format!("document.querySelector('{BOX}')?.value === {}", Value::from(words));
        self.wait(&format!("{words:?} in the box"), &script).await;
    }
}

/// Complaints of a browser whose hub or network is away; a save that arrived although its answer was lost is refused
/// once as a conflict.
const AWAY: &[&str] = &[
    "net::ERR_",
    "WebSocket connection to",
    "/draft - Failed to load resource: the server responded with a status of 409",
];

/// Every page that somebody can open.
fn pages_of(who: &Caller, thread: &str) -> Vec<String> {
    match who.role {
        Role::Client => {
            let own = [
                "/portal",
                "/portal/new",
                "/portal/appointments",
                "/portal/appointments/new",
                "/portal/forms",
                "/portal/notifications",
                "/portal/questionnaires",
                "/portal/billing",
                "/portal/billing/charges",
                "/portal/billing/statements",
                "/portal/billing/history",
                "/portal/billing/methods",
                "/portal/billing/plans",
                "/portal/billing/pay",
                "/portal/documents",
                "/portal/account/profile",
                "/portal/account/security",
                "/portal/account/notifications",
                "/portal/account/privacy",
            ];
            own.into_iter().map(str::to_owned).chain([format!("/portal/messages/{thread}")]).collect()
        }
        _ => {
            let filters = ["mine", "unassigned", "unread", "urgent", "closed", "all"];
            let mut pages: Vec<String> = filters.iter().map(|filter| format!("/ehr?filter={filter}")).collect();
            pages.extend(["/ehr/new".into(), format!("/ehr/threads/{thread}")]);
            pages.extend(
                [
                    "/ehr/clients",
                    "/ehr/clients/new",
                    "/ehr/appointments",
                    "/ehr/appointments/requests",
                    "/ehr/availability",
                    "/ehr/forms",
                    "/ehr/submissions",
                    "/ehr/escalations",
                    "/ehr/on-call",
                    "/ehr/notifications",
                    "/ehr/account/security",
                    "/ehr/account/notifications",
                ]
                .map(str::to_owned),
            );
            if who.role != Role::Staff {
                pages.push("/ehr/assessments".into());
            }
            if who.role == Role::Admin {
                pages.extend(
                    [
                        "/ehr/admin",
                        "/ehr/admin/api-keys",
                        "/ehr/admin/audit",
                        "/ehr/admin/retention",
                        "/ehr/admin/erasures",
                        "/ehr/admin/appointment-policy",
                        "/ehr/admin/escalation-policy",
                        "/ehr/admin/crisis-phrases",
                        "/ehr/admin/undelivered",
                    ]
                    .map(str::to_owned),
                );
            }
            pages
        }
    }
}

fn strings(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// Nothing of the page is wider than its window.
async fn fits(window: &Browser) {
    let wide = window.eval("document.documentElement.scrollWidth - document.documentElement.clientWidth").await;
    assert!(wide.as_i64().unwrap() <= 0, "{wide} points too wide");
}
