//! Every call that shows or changes what is said leaves its row.

use crate::support::{
    Database,
    practice::{Caller, Practice},
};
use carehub::{accounts::Role, routes};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// Calls about threads that show and change nothing that was said: counts, and marks, which are kept in their own rows.
const COUNTS_AND_MARKS: [&str; 6] = [
    "GET /api/v1/portal/messages/unread-count",
    "GET /api/v1/ehr/messages/unread-count",
    "POST /api/v1/portal/messages/{thread}/read",
    "PUT /api/v1/portal/messages/{thread}/read",
    "POST /api/v1/ehr/threads/{thread}/read",
    "PUT /api/v1/ehr/threads/{thread}/read",
];

/// Emergencies: whom they call follows at once, in rows of the engine's own; `http::access::trail` judges these calls.
const EMERGENCIES: [&str; 2] =
    ["GET /api/v1/portal/messages/{thread}/emergency", "POST /api/v1/ehr/threads/{thread}/escalate"];

/// Files beside messages: `files::attachments`, `files::preview` and `http::access::trail` judge these calls.
const FILES: [&str; 6] = [
    "POST /api/v1/portal/messages/attachments",
    "GET /api/v1/portal/messages/attachments/{attachment}",
    "GET /api/v1/portal/messages/attachments/{attachment}/preview",
    "POST /api/v1/ehr/messages/attachments",
    "GET /api/v1/ehr/messages/attachments/{attachment}",
    "GET /api/v1/ehr/messages/attachments/{attachment}/preview",
];

/// What a call leaves.
enum Leaves {
    /// An audit event of this action.
    Event(&'static str),
    /// The entry, which is its own row.
    Entry,
}
use Leaves::{Entry, Event};

struct Walk {
    practice: Practice,
    client: Caller,
    thread: String,
    made: HashSet<String>,
}

impl Walk {
    /// Makes the call `METHOD pattern`, and looks what it left.
    async fn call(&mut self, who: &Caller, call: &'static str, body: Value, leaves: Leaves) -> Value {
        let (method, pattern) = call.split_once(' ').unwrap();
        let address = pattern.strip_prefix("/api/v1/").unwrap().replace("{thread}", &self.thread);
        self.called(who, call, method, &address, body, leaves).await
    }

    async fn called(
        &mut self,
        who: &Caller,
        call: &'static str,
        method: &str,
        address: &str,
        body: Value,
        leaves: Leaves,
    ) -> Value {
        let before = counts(&self.practice.database).await;
        let body = (!body.is_null()).then_some(body);
        let answer = who.call(method.parse::<Method>().unwrap(), address, body).await;
        assert!((200..300).contains(&answer.status), "{call}: {answer:?}");
        let after = counts(&self.practice.database).await;
        match leaves {
            Event(action) => {
                assert_eq!(after.0, before.0 + 1, "{call} leaves one event");
                let last = "SELECT concat_ws(' ', action, actor_id, actor_role, outcome, client_id, host(address))
                    FROM audit_events ORDER BY tick DESC LIMIT 1";
                let row = self.practice.database.query(last).await.remove(0);
                let (id, role) = (who.id, who.role.as_str());
                assert!(row.starts_with(&format!("{action} {id} {role} done")), "{call}: {row}");
                assert!(row.ends_with("127.0.0.1"), "{call}: {row}");
                if action.starts_with("thread.") {
                    assert!(row.contains(&self.client.id.to_string()), "{call} says whose record it was: {row}");
                }
            }
            Entry => {
                let by = "SELECT sender_id FROM entries ORDER BY tick DESC, seq DESC LIMIT 1";
                assert_eq!((after.0, after.1), (before.0, before.1 + 1), "{call} leaves its entry");
                assert_eq!(self.practice.database.query(by).await, [who.id.to_string()]);
            }
        }
        self.made.insert(call.to_owned());
        answer.body
    }
}

async fn counts(database: &Database) -> (usize, usize) {
    let count = async |sql: &str| database.query(sql).await[0].parse::<usize>().unwrap();
    (count("SELECT count(*) FROM audit_events").await, count("SELECT count(*) FROM entries").await)
}

#[tokio::test]
async fn every_call_that_shows_or_changes_what_is_said_leaves_one_row_that_tells_who_and_whose() {
    let practice = Practice::start().await;
    let client = practice.person("Cleo Client", Role::Client).await;
    let (anna, bert) =
        (practice.person("Anna Adler", Role::Clinician).await, practice.person("Bert Beck", Role::Clinician).await);
    let mut walk = Walk { practice, client: client.clone(), thread: String::new(), made: HashSet::new() };
    let message = json!({"subject": "Sleep", "body": "I cannot sleep."});
    let opened = walk.call(&client, "POST /api/v1/portal/messages", message, Event("thread.opened")).await;
    walk.thread = opened["thread"]["id"].as_str().unwrap().to_owned();

    walk.call(&client, "GET /api/v1/portal/messages", Value::Null, Event("threads.listed")).await;
    walk.call(&client, "GET /api/v1/portal/messages/{thread}", Value::Null, Event("thread.viewed")).await;
    walk.call(&client, "POST /api/v1/portal/messages/{thread}/reply", json!({"body": "Still awake."}), Entry).await;
    walk.call(&client, "PUT /api/v1/portal/messages/{thread}/draft", json!({"body": "and"}), Event("draft.saved"))
        .await;
    walk.call(&client, "GET /api/v1/portal/messages/{thread}/draft", Value::Null, Event("draft.viewed")).await;
    walk.call(&client, "DELETE /api/v1/portal/messages/{thread}/draft", Value::Null, Event("draft.dropped")).await;

    walk.call(&anna, "GET /api/v1/ehr/inbox", Value::Null, Event("threads.listed")).await;
    walk.call(&anna, "GET /api/v1/ehr/threads/{thread}", Value::Null, Event("thread.viewed")).await;
    walk.call(&anna, "POST /api/v1/ehr/threads/{thread}/claim", Value::Null, Event("thread.claimed")).await;
    let said = walk.call(&anna, "POST /api/v1/ehr/threads/{thread}/reply", json!({"body": "Since when?"}), Entry).await;
    walk.call(&anna, "POST /api/v1/ehr/threads/{thread}/notes", json!({"body": "Ask about tea."}), Entry).await;
    let entry = format!("ehr/threads/{}/entries/{}", walk.thread, said["id"].as_str().unwrap());
    let correction = "POST /api/v1/ehr/threads/{thread}/entries/{entry}/correction";
    let body = json!({"body": "For how long?"});
    walk.called(&anna, correction, "POST", &format!("{entry}/correction"), body, Entry).await;
    let retraction = "POST /api/v1/ehr/threads/{thread}/entries/{entry}/retraction";
    walk.called(&anna, retraction, "POST", &format!("{entry}/retraction"), json!({}), Entry).await;
    walk.call(&anna, "PUT /api/v1/ehr/threads/{thread}/draft", json!({"body": "a"}), Event("draft.saved")).await;
    walk.call(&anna, "GET /api/v1/ehr/threads/{thread}/draft", Value::Null, Event("draft.viewed")).await;
    walk.call(&anna, "DELETE /api/v1/ehr/threads/{thread}/draft", Value::Null, Event("draft.dropped")).await;
    walk.call(&anna, "PUT /api/v1/ehr/messages/{thread}/draft", json!({"body": "a"}), Event("draft.saved")).await;
    walk.call(&anna, "GET /api/v1/ehr/messages/{thread}/draft", Value::Null, Event("draft.viewed")).await;
    walk.call(&anna, "DELETE /api/v1/ehr/messages/{thread}/draft", Value::Null, Event("draft.dropped")).await;
    let message = json!({"client": client.id, "subject": "Tea", "body": "Less of it."});
    walk.call(&anna, "POST /api/v1/ehr/threads", message, Event("thread.opened")).await;
    let to = json!({"assignee": bert.id});
    walk.call(&anna, "POST /api/v1/ehr/threads/{thread}/assign", to, Event("thread.assigned")).await;
    let to = json!({"to": anna.id});
    walk.call(&bert, "POST /api/v1/ehr/threads/{thread}/hand-over", to, Event("thread.handedOver")).await;
    walk.call(&anna, "POST /api/v1/ehr/threads/{thread}/close", Value::Null, Event("thread.closed")).await;
    walk.call(&anna, "POST /api/v1/ehr/threads/{thread}/reopen", Value::Null, Event("thread.reopened")).await;

    for route in routes::TABLE {
        let about_threads = ["/messages", "/threads", "/inbox"].iter().any(|part| route.path.contains(part));
        let call = format!("{} {}", route.method, route.path);
        let judged_here = ![&COUNTS_AND_MARKS[..], &EMERGENCIES, &FILES].concat().contains(&call.as_str());
        if about_threads && judged_here {
            assert!(walk.made.contains(&call), "{call}: say here what it leaves in the audit log");
        }
    }
}

#[tokio::test]
async fn whatever_was_shown_before_a_kill_is_in_the_log() {
    let mut practice = Practice::start().await;
    let client = practice.person("Cleo Client", Role::Client).await;
    let thread = client.open("Sleep", "I cannot sleep.").await;
    let shown = Arc::new(AtomicUsize::new(0));
    let mut readers = Vec::new();
    for _ in 0..8 {
        let (client, thread, shown) = (client.clone(), thread.clone(), shown.clone());
        readers.push(tokio::spawn(async move {
            while client.try_get(&format!("portal/messages/{thread}")).await == Some(200) {
                shown.fetch_add(1, Ordering::Relaxed);
            }
        }));
    }
    while shown.load(Ordering::Relaxed) < 40 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    practice.hub.kill();
    for reader in readers {
        reader.await.unwrap();
    }
    let viewed = "SELECT count(*) FROM audit_events WHERE action = 'thread.viewed'";
    let viewed: usize = practice.database.query(viewed).await[0].parse().unwrap();
    let shown = shown.load(Ordering::Relaxed);
    // Those eight whose answer was under way may be written and not answered.
    assert!(viewed >= shown && viewed <= shown + 8, "{shown} shown, {viewed} written");
}
