//! Who gets through to what: every call of the route table × every role × one's own, another's and an unknown id. A call
//! without a rule fails the test, and so does a rule without a call.

mod cast;
mod rules;
mod trail;

use crate::support::{Client, practice::Answer};
use carehub::{
    accounts::Role,
    routes::{Door, TABLE},
};
use cast::{CANARY, Setting, World, key, placeholders, unknown};
use rules::{ELSEWHERE, RULES, Reach, Rule};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Instant};

const ROLES: [Role; 4] = [Role::Client, Role::Clinician, Role::Staff, Role::Admin];

#[test]
fn every_call_of_the_table_has_a_rule_and_every_rule_its_call() {
    let calls: BTreeSet<_> = TABLE.iter().map(|route| format!("{} {}", route.method, route.path)).collect();
    let ruled: BTreeSet<_> = RULES.iter().map(|rule| rule.call.to_owned()).collect();
    assert_eq!(ruled.len(), RULES.len(), "a call has two rules");
    let missing: Vec<_> = calls.symmetric_difference(&ruled).collect();
    assert!(missing.is_empty(), "no rule in tests/it/http/access/rules.rs, or no call for it: {missing:#?}");
    for route in TABLE {
        let rule = RULES.iter().find(|rule| rule.call == format!("{} {}", route.method, route.path)).unwrap();
        let admitted = |role: &Role| match route.door {
            Door::Open => false,
            Door::Signed => true,
            Door::Portal => *role == Role::Client,
            Door::Ehr => role.is_staff(),
            Door::Admin => *role == Role::Admin,
        };
        assert!(rule.who.iter().all(admitted), "{}: the door does not admit all whom the rule does", rule.call);
        assert_eq!(rule.who.is_empty(), route.door == Door::Open, "{}", rule.call);
        let read_by_clients = route.method == "GET" && rule.who == [Role::Client] && rule.own == 200;
        assert_eq!(!rule.shows.is_empty(), read_by_clients, "{}: say which keys a client is shown", rule.call);
    }
}

/// Z1, S4.
#[actix_web::test]
async fn every_call_refuses_the_signed_out_the_wrong_door_and_the_wrong_role_and_writes_that_down() {
    let world = World::start().await;
    for rule in RULES.iter().filter(|rule| !rule.who.is_empty()) {
        let setting = Setting::of(&world, rule, rule.who[0]).await;
        let (call, body) = (setting.fill(rule.call, None), setting.fill(rule.body, None));
        let mut others = Vec::new();
        for role in ROLES.into_iter().filter(|role| !rule.who.contains(role)) {
            others.push(world.practice.person("Ole", role).await);
        }
        let before = world.rows().await;
        world.call(&setting.caller.with_token("no token"), &call, &body).await.refused(401, "unauthenticated");
        for other in &others {
            world.call(other, &call, &body).await.refused(403, "forbidden");
            assert_eq!(world.refusals(other).await, 1, "{} by {:?}", rule.call, other.role);
        }
        assert_eq!(world.rows().await, before, "{} was refused, and changed something", rule.call);
    }
}

/// Z1, Z2, Z6.
#[actix_web::test]
async fn what_is_anothers_answers_like_what_does_not_exist_changes_nothing_and_is_written_down() {
    let world = World::start().await;
    for rule in RULES.iter().filter(|rule| rule.call.contains('{') || rule.body.contains("\"{")) {
        for role in rule.who {
            let setting = Setting::of(&world, rule, *role).await;
            let before = world.rows().await;
            for name in placeholders(rule.call) {
                refuse_in_path(&world, rule, &setting, name).await;
            }
            for name in placeholders(rule.body).into_iter().filter(|name| *name != "soon") {
                refuse_in_body(&world, rule, &setting, name).await;
            }
            assert_eq!(world.rows().await, before, "{} was refused, and changed something", rule.call);
        }
    }
    assert!(!world.heard.lock().unwrap().contains(CANARY), "somebody read what is another's");
}

async fn refuse_in_path(world: &World, rule: &Rule, setting: &Setting, name: &str) {
    let body = setting.fill(rule.body, None);
    let call = |id: &str| setting.fill(rule.call, Some((name, id)));
    let nothing = world.call(&setting.caller, &call(&unknown()), &body).await;
    for id in world.not_ones_own(rule, &setting.caller, name) {
        let before = world.refusals(&setting.caller).await;
        let answer = world.call(&setting.caller, &call(id), &body).await;
        assert_eq!(answer, nothing, "{} by {:?}: another's {name}", rule.call, setting.caller.role);
        answer.refused(404, "notFound");
        assert_eq!(world.refusals(&setting.caller).await, before + 1, "{}", rule.call);
    }
}

async fn refuse_in_body(world: &World, rule: &Rule, setting: &Setting, name: &str) {
    let call = setting.fill(rule.call, None);
    let send = async |id: &str| -> Answer {
        world.call(&setting.caller, &call, &setting.fill(rule.body, Some((name, id)))).await
    };
    let nothing = send(&unknown()).await;
    assert!((400..500).contains(&nothing.status), "{}: an unknown {name}: {nothing:?}", rule.call);
    for id in world.not_ones_own(rule, &setting.caller, name) {
        assert_eq!(send(id).await, nothing, "{} by {:?}: another's {name}", rule.call, setting.caller.role);
    }
}

/// Z1.
#[actix_web::test]
async fn everybody_gets_through_to_their_own() {
    let world = World::start().await;
    for rule in RULES.iter().filter(|rule| rule.own != ELSEWHERE) {
        for role in rule.who {
            let setting = Setting::of(&world, rule, *role).await;
            let answer =
                world.call(&setting.caller, &setting.fill(rule.call, None), &setting.fill(rule.body, None)).await;
            assert_eq!(answer.status, rule.own, "{} by {role:?}: {}", rule.call, answer.body);
        }
    }
    assert!(!world.heard.lock().unwrap().contains(CANARY), "somebody read what is another's");
}

/// Z7.
#[actix_web::test]
async fn under_emergency_access_records_are_read_and_nothing_in_them_is_changed() {
    let world = World::start().await;
    // Whoever sees that somebody is in danger says so, by whatever right they see it. A draft is its writer's, and stays so.
    let allowed = ["/break-glass", "/escalate", "/draft"];
    let changes = |rule: &&Rule| {
        rule.reach == Reach::Own
            && (rule.own != ELSEWHERE && rule.own < 400)
            && rule.who.contains(&Role::Clinician)
            && !rule.call.starts_with("GET ")
            && !allowed.iter().any(|end| rule.call.ends_with(end))
    };
    let (mut judged, mut changed) = (0, Vec::new());
    for rule in RULES.iter().filter(changes) {
        let setting = Setting::of(&world, rule, Role::Clinician).await;
        let Some(client) = setting.client(rule) else { continue };
        let eve = world.practice.person("Eve", Role::Clinician).await;
        let reason = json!({"reason": "She called in distress."});
        eve.post(&format!("ehr/clients/{client}/break-glass"), reason).await.expect(201);
        let before = world.rows().await;
        let answer = world.call(&eve, &setting.fill(rule.call, None), &setting.fill(rule.body, None)).await;
        if ![403, 404, 422].contains(&answer.status) || world.rows().await != before {
            changed.push(format!("{} answers {}", rule.call, answer.status));
        }
        judged += 1;
    }
    assert!(changed.is_empty(), "under emergency access these went on: {changed:#?}");
    assert!(judged > 25, "only {judged} calls were judged");
}

/// Z8.
#[actix_web::test]
async fn an_api_key_opens_the_calls_of_its_scopes_and_no_other() {
    const SCOPES: [&str; 3] = ["findPeople", "readUsers", "readAudit"];
    let world = World::start().await;
    let ana = world.practice.person("Ana", Role::Admin).await;
    for rule in RULES.iter().filter(|rule| !rule.who.is_empty()) {
        let setting = Setting::of(&world, rule, rule.who[0]).await;
        let (call, body) = (setting.fill(rule.call, None), setting.fill(rule.body, None));
        let (id, all) = key(&ana, &SCOPES).await;
        let mut program = ana.with_token(&all);
        program.id = id.parse().unwrap();
        if rule.scope.is_empty() {
            let before = world.rows().await;
            world.call(&program, &call, &body).await.refused(403, "forbidden");
            assert_eq!(world.refusals(&program).await, 1, "{}", rule.call);
            assert_eq!(unused(world.rows().await), unused(before), "{} was refused, and changed something", rule.call);
            continue;
        }
        world.call(&program, &call, &body).await.expect(rule.own);
        let others: Vec<_> = SCOPES.into_iter().filter(|scope| *scope != rule.scope).collect();
        let (id, secret) = key(&ana, &others).await;
        let mut program = ana.with_token(&secret);
        program.id = id.parse().unwrap();
        world.call(&program, &call, &body).await.refused(403, "forbidden");
        assert_eq!(world.refusals(&program).await, 1, "{}", rule.call);
    }
}

/// That a key was used is noted with the key.
fn unused(mut rows: Vec<String>) -> Vec<String> {
    rows.retain(|row| !row.starts_with("api_keys "));
    rows
}

/// Fields that the server owns. None of them is a field of what is sent.
fn poison(body: &str) -> String {
    let mut body: Value = serde_json::from_str(body).unwrap();
    let fields = json!({
        "role": "admin", "practice": MARK, "practiceId": MARK, "practice_id": MARK, "userId": MARK, "sender": MARK,
        "from": {"id": MARK}, "senderId": MARK, "clientId": MARK, "assigneeId": MARK, "thread": MARK, "status": "disabled",
        "seq": 77_777_777, "head": 77_777_777, "version": 77_777_777, "amount": 77_777_777, "score": 77_777_777,
        "at": "2001-01-01T00:00:00Z", "createdAt": "2001-01-01T00:00:00Z", "expiresAt": "2001-01-01T00:00:00Z",
        "kind": "note", "sharedWithClient": true, "emergency": true, "takesPart": true, "grants": ["manageUsers"],
    });
    for (name, value) in fields.as_object().unwrap() {
        body.as_object_mut().unwrap().entry(name.clone()).or_insert(value.clone());
    }
    body.to_string()
}

const MARK: &str = "0badbad0-bad0-7bad-8bad-0badbad0bad0";

/// Z3.
#[actix_web::test]
async fn fields_that_the_server_owns_are_never_taken_from_a_caller() {
    let world = World::start().await;
    let database = &world.practice.database;
    for rule in RULES.iter().filter(|rule| rule.own != ELSEWHERE && !rule.body.is_empty()) {
        for role in rule.who {
            let setting = Setting::of(&world, rule, *role).await;
            let body = poison(&setting.fill(rule.body, None));
            let answer = world.call(&setting.caller, &setting.fill(rule.call, None), &body).await;
            assert!([rule.own, 400, 422].contains(&answer.status), "{}: {answer:?}", rule.call);
            let who = format!(
                "SELECT role || ' ' || status || ' ' || practice_id FROM users WHERE id = '{}'",
                setting.caller.id
            );
            let expected = format!("{} active {}", role.as_str(), world.practice.id);
            assert_eq!(database.query(&who).await, [expected], "{}", rule.call);
        }
    }
    let stored = "SELECT string_agg(query_to_xml(format('SELECT * FROM %I', tablename), false, true, '')::text, '') \
        FROM pg_tables WHERE schemaname = 'public'";
    let stored = database.query(stored).await.remove(0);
    for mark in [MARK, "77777777", "2001-01-01"] {
        assert!(!stored.contains(mark), "{mark} was stored");
    }
    let notes =
        "SELECT count(*) FROM entries e JOIN users u ON u.id = e.sender_id WHERE e.kind = 'note' AND u.role = 'client'";
    assert_eq!(database.query(notes).await, ["0"]);
}

/// Z4.
#[actix_web::test]
async fn a_client_is_shown_only_what_is_on_the_list() {
    let world = World::start().await;
    for rule in RULES.iter().filter(|rule| !rule.shows.is_empty()) {
        let setting = Setting::of(&world, rule, Role::Client).await;
        if let Some(thread) = setting.own.get("thread") {
            let maya = world.practice.person("Maya", Role::Clinician).await;
            maya.claim(thread).await.expect(200);
            maya.post(&format!("ehr/threads/{thread}/notes"), json!({"body": CANARY})).await.expect(201);
        }
        let answer = world.call(&setting.caller, &setting.fill(rule.call, None), "").await.expect(200);
        let mut found = BTreeSet::new();
        keys(&answer, &mut found);
        let allowed: BTreeSet<_> = rule.shows.split_whitespace().collect();
        let more: Vec<_> = found.iter().filter(|key| !allowed.contains(key.as_str())).collect();
        assert!(more.is_empty(), "{} shows {more:?}", rule.call);
    }
    assert!(!world.heard.lock().unwrap().contains(CANARY), "a client read a note");
}

fn keys(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| {
            found.insert(key.clone());
            keys(value, found);
        }),
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        _ => {}
    }
}

/// Z1.
#[actix_web::test]
async fn the_time_that_a_refusal_takes_does_not_tell_whether_something_exists() {
    const CALLS: usize = 200;
    let world = World::start().await;
    let rule = RULES.iter().find(|rule| rule.call == "GET /api/v1/portal/messages/{thread}").unwrap();
    let setting = Setting::of(&world, rule, Role::Client).await;
    let anothers = world.not_ones_own(rule, &setting.caller, "thread")[1].to_owned();
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..CALLS {
        for (id, times) in [anothers.clone(), unknown()].iter().zip(&mut times) {
            let call = setting.fill(rule.call, Some(("thread", id)));
            let since = Instant::now();
            world.call(&setting.caller, &call, "").await.refused(404, "notFound");
            times.push(since.elapsed());
        }
    }
    let [anothers, unknown] = times.map(|mut times| {
        times.sort_unstable();
        times[CALLS / 2]
    });
    assert!(anothers.abs_diff(unknown).as_millis() < 5, "{anothers:?} and {unknown:?}");
}

/// Z6.
#[actix_web::test]
async fn nothing_of_others_comes_live_neither_words_nor_who_types_or_is_there() {
    let world = World::start().await;
    let practice = &world.practice;
    let ada = practice.person("Ada", Role::Client).await;
    let bea = practice.person("Bea", Role::Client).await;
    let maya = practice.person("Maya", Role::Clinician).await;
    let mut listeners = Vec::new();
    for role in ROLES {
        let listener = if role == Role::Client { ada.clone() } else { practice.person("Ole", role).await };
        listeners.push(Client::synced(&practice.hub, &listener.someone()).await);
    }
    let thread = bea.open(CANARY, CANARY).await;
    maya.claim(&thread).await.expect(200);
    let mut live = Client::synced(&practice.hub, &bea.someone()).await;
    live.say_and_wait(&thread, CANARY).await;
    live.send(json!({"type": "typing", "thread": thread, "on": true})).await;
    maya.post(&format!("ehr/threads/{thread}/read"), json!({"seq": 3})).await.expect(204);
    live.expect("receipt").await;
    drop(live);
    for (listener, role) in listeners.iter_mut().zip(ROLES) {
        for frame in listener.collect(std::time::Duration::from_millis(300)).await {
            let pool = role.is_staff() && frame["type"] == "thread" && frame["assignee"].is_null();
            let said = frame.to_string();
            assert!(pool || !said.contains(CANARY), "{role:?} heard {said}");
            assert!(pool || !said.contains(&thread), "{role:?} heard of the thread: {said}");
            assert!(pool || !said.contains(&bea.id.to_string()), "{role:?} heard of its client: {said}");
        }
    }
}
