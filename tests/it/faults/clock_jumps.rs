//! The time of a hub's machine is set, by an hour, ten minutes and more than a year (F16): for real, by a library that
//! shows the program another time than the machine's. The store's time, and another hub's, stay as they are.

use super::must_bite;
use crate::support::{
    Client, Hub, eventually, number,
    people::master_key,
    practice::{Caller, PASSWORD, Practice, answer},
    temporary::Folder,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use carehub::{
    accounts::{Role, token::Tokens},
    clock::Clock,
};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::{fs, path::PathBuf, time::Duration};

const JUMPS: [&str; 4] = ["+1h", "-1h", "+400d", "-10m"];
const PATIENCE: Duration = Duration::from_secs(10);

/// The time that a hub is shown.
struct Machine {
    folder: Folder,
}

impl Machine {
    fn new() -> Self {
        let machine = Self { folder: Folder::new() };
        machine.set("+0");
        machine
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("time")
    }

    /// So far from the real time.
    fn set(&self, offset: &str) {
        // Moved there: a file that is half written would be read.
        let part = self.folder.path().join("part");
        fs::write(&part, format!("{offset}\n")).unwrap();
        fs::rename(part, self.file()).unwrap();
    }

    /// For a hub on it.
    fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("LD_PRELOAD", library().display().to_string()),
            ("FAKETIME_TIMESTAMP_FILE", self.file().display().to_string()),
            ("FAKETIME_CACHE_DURATION", "1".to_owned()),
            // Nobody can set the monotonic clock of a machine.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            ("DONT_FAKE_MONOTONIC", "1".to_owned()),
        ]
    }
}

fn library() -> PathBuf {
    let folders = ["/usr/lib", "/usr/lib64"].into_iter().flat_map(|folder| {
        let below = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        std::iter::once(folder.into()).chain(below).collect::<Vec<PathBuf>>()
    });
    let found = folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1")).find(|path| path.exists());
    found.expect("libfaketime; ./scripts/test installs it")
}

/// What the hub takes the time for, as far from the real one.
async fn shown(hub: &Hub) -> TimeDelta {
    let response = reqwest::get(hub.url("/healthz")).await.unwrap();
    let date = response.headers()["date"].to_str().unwrap();
    DateTime::parse_from_rfc2822(date).unwrap().to_utc() - Clock::system().now()
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// A token of the same session that is good for so long from now on.
fn short_token(of: &Caller, lifetime: TimeDelta) -> Caller {
    let sid = claims(&of.token)["sid"].as_str().unwrap().parse().unwrap();
    let tokens = Tokens::new(&master_key()).unwrap();
    let (token, _) = tokens.issue(of.id, of.role, sid, Clock::system().now(), lifetime).unwrap();
    of.with_token(token.expose_secret())
}

/// A practice on a hub whose machine's time is set, with a page under way at each time.
struct Scene {
    machine: Machine,
    practice: Practice,
    ada: Caller,
    maya: Caller,
    thread: String,
}

impl Scene {
    async fn start() -> Self {
        let machine = Machine::new();
        let settings = machine.settings();
        let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let practice = Practice::start_with(&settings).await;
        let ada = practice.person("Ada", Role::Client).await;
        let maya = practice.person("Maya", Role::Clinician).await;
        let thread = ada.open("Sleep", "I cannot sleep").await;
        maya.claim(&thread).await.expect(200);
        Self { machine, practice, ada, maya, thread }
    }

    async fn query(&self, statement: &str) -> Vec<String> {
        self.practice.database.query(statement).await
    }

    async fn jump(&self, offset: &str) {
        self.machine.set(offset);
        let far = |off: TimeDelta| off.abs() > TimeDelta::minutes(5);
        let there = async || (far(shown(&self.practice.hub).await) == (offset != "+0")).then_some(());
        eventually(&format!("the hub to be shown {offset}"), PATIENCE, there).await;
    }

    /// A token lasts as long as it says, by the real time; one that is made says the real time.
    async fn tokens_are_judged_by_the_real_time(&self, offset: &str) {
        self.ada.get("portal/messages").await.expect(200);
        let short = short_token(&self.maya, TimeDelta::seconds(3));
        assert_eq!(short.try_get("ehr/inbox").await, Some(200), "{offset}: good, and refused");
        tokio::time::sleep(Duration::from_secs(4)).await;
        assert_eq!(short.try_get("ehr/inbox").await, Some(401), "{offset}: over, and accepted");
        let signed_in = answer(self.practice.sign_in("portal", &self.ada.email, PASSWORD).await).await.expect(200);
        let made = claims(signed_in["accessToken"].as_str().unwrap());
        let ends = DateTime::<Utc>::from_timestamp(made["exp"].as_i64().unwrap(), 0).unwrap() - Clock::system().now();
        assert!(ends > TimeDelta::minutes(13) && ends < TimeDelta::minutes(16), "{offset}: ends in {ends}");
    }

    /// An emergency calls its first step, and the next only when its time has come.
    async fn an_emergency_keeps_its_steps(&self, offset: &str) {
        let said = json!({"body": "I am not safe", "priority": "emergency"});
        self.ada.post(&format!("portal/messages/{}/reply", self.thread), said).await.expect(201);
        let id = self.query("SELECT id FROM escalations WHERE state <> 'resolved'").await.remove(0);
        let at = format!(
            "SELECT concat_ws(' ', state, step, (SELECT count(*) FROM pages WHERE escalation_id = e.id
            AND channel = 'email'), round(extract(epoch FROM due_at - raised_at) / 10) * 10)
            FROM escalations e WHERE id = '{id}'"
        );
        let called = async || (self.query(&at).await == ["paging 0 1 180"]).then_some(());
        eventually(&format!("{offset}: the first page"), Duration::from_secs(5), called).await;
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        assert_eq!(self.query(&at).await, ["paging 0 1 180"], "{offset}: early");
        // As if it had been raised so long ago; nobody is on call, so that all clinicians follow.
        self.query(&format!("UPDATE escalations SET due_at = due_at - interval '181 seconds' WHERE id = '{id}'")).await;
        let next = format!("SELECT concat_ws(' ', state, step) FROM escalations WHERE id = '{id}'");
        let next = async || (self.query(&next).await == ["paging 3"]).then_some(());
        eventually(&format!("{offset}: the next step"), Duration::from_secs(5), next).await;
        let told = self.ada.get(&format!("portal/messages/{}/emergency", self.thread)).await.expect(200);
        assert_eq!(told["emergency"]["state"], "paging", "{offset}: the newest one: {told}");
        let note = json!({"note": "Called her."});
        self.maya.post(&format!("ehr/escalations/{id}/resolve"), note).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_hubs_machine_shows_no_step_is_lost_or_doubled_no_token_lives_longer_and_the_order_stays() {
    let scene = Scene::start().await;
    let other = Hub::start(&scene.practice.database).await;
    let mut live = Client::synced(&scene.practice.hub, &scene.ada.someone()).await;
    let mut elsewhere = Client::synced(&other, &scene.maya.someone()).await;
    let mut jumps = 0;
    for offset in JUMPS {
        scene.jump(offset).await;
        jumps += 1;
        // The connection of before lives, and nobody has to sign in again.
        let sent = live.say_and_wait(&scene.thread, &format!("at {offset}")).await;
        let answered = elsewhere.say_and_wait(&scene.thread, &format!("read at {offset}")).await;
        assert!(number(&answered, "seq") > number(&sent, "seq"));
        scene.tokens_are_judged_by_the_real_time(offset).await;
        scene.an_emergency_keeps_its_steps(offset).await;
    }
    scene.jump("+0").await;
    must_bite("jumps", jumps, JUMPS.len());
    live.say_and_wait(&scene.thread, "as before").await;

    // Numbers without a gap, times that never fall, ids in the order of what they name, each person once a step.
    for (wrong, what) in [
        ("SELECT thread_id FROM entries GROUP BY thread_id HAVING max(seq) <> count(*)", "a gap"),
        ("SELECT seq FROM (SELECT seq, at < lag(at) OVER (PARTITION BY thread_id ORDER BY seq) AS falls FROM entries) t
            WHERE falls", "a time that falls"),
        ("SELECT id FROM (SELECT id, raised_at < lag(raised_at) OVER (ORDER BY id) AS falls FROM escalations) t
            WHERE falls", "an id out of order"),
        ("SELECT escalation_id FROM pages WHERE channel = 'email' GROUP BY 1, step, user_id HAVING count(*) > 1",
            "somebody called twice"),
        ("SELECT id FROM entries WHERE abs(extract(epoch FROM now() - at)) > 600", "a time of another clock"),
    ] {
        assert_eq!(scene.query(wrong).await, Vec::<String>::new(), "{what}");
    }
    assert_eq!(scene.query("SELECT count(*) FROM escalations").await, [JUMPS.len().to_string()]);
}
