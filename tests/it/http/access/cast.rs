//! Who calls, and the ids that stand in paths and bodies: the caller's own and those of others.

use super::rules::{Reach, Rule};
use crate::support::practice::{Answer, Caller, Practice};
use carehub::{accounts::Role, clock::Clock};
use reqwest::Method;
use serde_json::{Value, json};
use std::{collections::HashMap, sync::Mutex};
use uuid::Uuid;

/// A practice with somebody else's things in it, and another practice.
pub struct World {
    pub practice: Practice,
    _tombstones: tempfile::TempDir,
    /// A client whom no caller has anything to do with, and what is theirs.
    other: Ids,
    /// The same in another practice.
    foreign: Ids,
    /// Everything that callers were answered.
    pub heard: Mutex<String>,
}

/// Ids by the name of their placeholder.
pub type Ids = HashMap<&'static str, String>;

/// What nobody but its people may ever read: in another's subject, message, note and draft.
pub const CANARY: &str = "canary-of-another";

/// Ids of things in a client's record.
const RECORDS: [&str; 10] = [
    "{thread}",
    "{attachment}",
    "{document}",
    "{appointment}",
    "{assignment}",
    "{submission}",
    "{charge}",
    "{payment}",
    "{invoice}",
    "{paymentplan}",
];

impl World {
    pub async fn start() -> Self {
        let tombstones = tempfile::tempdir().unwrap();
        let practice = Practice::start_with(&[("CAREHUB_TOMBSTONES", tombstones.path().to_str().unwrap())]).await;
        let bea = practice.person("Bea", Role::Client).await;
        let tom = practice.person("Tom", Role::Clinician).await;
        let other = others_things(&practice, &bea, &tom).await;
        let zia = practice.stranger("Zia", Role::Client).await;
        let zed = practice.colleague_of(&zia, "Zed", Role::Clinician).await;
        let mut foreign = others_things(&practice, &zia, &zed).await;
        let zoe = practice.colleague_of(&zia, "Zoe", Role::Admin).await;
        let hold = format!("admin/clients/{}/legal-hold", zia.id);
        zoe.put(&hold, json!({"reason": "A complaint."})).await.expect(200);
        foreign.extend([("key", key(&zoe, &["readUsers"]).await.0), ("erasure", erasure(&practice, &zoe).await)]);
        Self { practice, _tombstones: tombstones, other, foreign, heard: Mutex::default() }
    }

    /// Ids that a caller may not use where `{name}` stands: somebody else's, another practice's. Unknown ids are
    /// compared with these.
    pub fn not_ones_own(&self, rule: &Rule, caller: &Caller, name: &str) -> Vec<&str> {
        let mut ids = vec![self.foreign[name].as_str()];
        // A colleague is everybody's, and those who reach all clients have none that are not theirs.
        let shared = match name {
            "colleague" | "user" | "invitation" | "form" => true,
            "client" | "appointment" | "exception" | "waiting" => matches!(caller.role, Role::Staff | Role::Admin),
            _ => false,
        };
        if rule.reach == Reach::Own && !shared {
            ids.push(&self.other[name]);
        }
        ids
    }

    /// Calls, and takes note of the answer.
    pub async fn call(&self, caller: &Caller, call: &str, body: &str) -> Answer {
        let (method, path) = call.split_once(' ').unwrap();
        let path = path.strip_prefix("/api/v1/").unwrap();
        let body = (!body.is_empty()).then(|| serde_json::from_str(body).unwrap());
        let answer = caller.call(Method::from_bytes(method.as_bytes()).unwrap(), path, body).await;
        self.heard.lock().unwrap().push_str(&answer.body.to_string());
        answer
    }

    /// A digest of the rows of every table, but for the audit log and what nodes write on their own.
    pub async fn rows(&self) -> Vec<String> {
        let digests = "SELECT tablename || ' ' || query_to_xml(format( \
            'SELECT md5(string_agg(r::text, '','' ORDER BY r::text)) FROM %I r', tablename), false, true, '')::text \
            FROM pg_tables WHERE schemaname = 'public' AND tablename !~ '^(audit|rate|key_holders|notification)' ORDER BY tablename";
        self.practice.database.query(digests).await
    }

    /// How many refusals of this caller the audit log tells of.
    pub async fn refusals(&self, caller: &Caller) -> u32 {
        let rows =
            format!("SELECT count(*) FROM audit_events WHERE outcome = 'refused' AND actor_id = '{}'", caller.id);
        self.practice.database.query(&rows).await[0].parse().unwrap()
    }
}

/// A caller and what is theirs, as far as a rule names it.
pub struct Setting {
    pub caller: Caller,
    pub own: Ids,
}

impl Setting {
    pub async fn of(world: &World, rule: &Rule, role: Role) -> Self {
        let practice = &world.practice;
        let caller = practice.person("Ada", role).await;
        let mut own = Ids::new();
        let names =
            |name: &str| rule.call.contains(&format!("{{{name}}}")) || rule.body.contains(&format!("{{{name}}}"));
        if names("client") || names("user") {
            let client = practice.person("Cleo", Role::Client).await;
            practice.cares(&caller, &client).await;
            own.insert("client", client.id.to_string());
            if names("plan") {
                own.insert("plan", assigned(&caller, &client).await.0);
            }
            // In a care team it is oneself; an administrator changes others.
            let admin = rule.call.contains("/admin/");
            let user = if admin { practice.person("Kim", Role::Clinician).await.id } else { caller.id };
            own.insert("user", user.to_string());
        }
        if names("assessment") {
            own.insert("assessment", assessment(practice, &caller).await);
        }
        if names("colleague") {
            own.insert("colleague", practice.person("Kim", Role::Clinician).await.id.to_string());
        }
        if names("soon") {
            own.insert("soon", soon().to_rfc3339());
        }
        if names("key") {
            own.insert("key", key(&caller, &["readUsers"]).await.0);
        }
        if names("erasure") {
            own.insert("erasure", erasure(practice, &caller).await);
        }
        if names("override") {
            own.insert("override", override_of(&caller).await);
        }
        if names("invitation") {
            own.insert("invitation", invitation(&caller).await);
        }
        if names("outbox") {
            own.insert("outbox", given_up(practice, &caller).await);
        }
        if names("notification") {
            own.insert("notification", notification(practice, &caller).await);
        }
        if names("form") {
            own.insert("form", form(practice, &caller).await);
        }
        if names("assignment") {
            own.extend(assignment(practice, &caller).await);
            if names("file") {
                own.insert("file", form_file(practice, &own).await);
            }
        }
        if names("submission") {
            let mut given = assignment(practice, &caller).await;
            if names("file") {
                given.insert("file", form_file(practice, &given).await);
            }
            given.insert("submission", submission(practice, &given, "x").await);
            own.extend(given.into_iter().filter(|(name, _)| ["submission", "owner", "file"].contains(name)));
        }
        if names("session") {
            own.insert("session", session(&caller).await);
        }
        if names("passkey") {
            own.insert("passkey", practice.old_passkey(&caller).await);
        }
        if names("provider") {
            // None is set up on the hub of these tests.
            own.insert("provider", "none".to_owned());
        }
        if names("thread") {
            let ids = thread(practice, &caller).await;
            own.extend(ids);
        }
        if names("attachment") {
            let ids = thread(practice, &caller).await;
            own.insert("attachment", attachment(&caller, &ids["thread"]).await);
            own.insert("owner", ids["owner"].clone());
        }
        if names("document") {
            let (client, carer) = match role {
                Role::Client => (caller.clone(), practice.person("Kim", Role::Clinician).await),
                _ => (practice.person("Cleo", Role::Client).await, caller.clone()),
            };
            practice.cares(&carer, &client).await;
            own.insert("document", document(practice, &carer, &client, "Plan.pdf").await);
            own.insert("owner", client.id.to_string());
        }
        if names("appointment") {
            own.extend(appointment(practice, &caller).await);
        }
        if ["charge", "payment", "invoice", "month"].into_iter().any(names) {
            let client = match role {
                Role::Client => caller.clone(),
                _ => practice.person("Cleo", Role::Client).await,
            };
            own.extend(money(practice, &client, "x").await);
            own.insert("owner", client.id.to_string());
        }
        if names("exception") {
            own.insert("exception", exception(practice, &caller).await);
        }
        if names("attempt") {
            own.insert("attempt", attempt(practice, &caller).await);
        }
        if names("card") {
            own.insert("card", "pm_own".to_owned());
        }
        if names("waiting") {
            own.insert("waiting", waiting(practice, &caller).await);
        }
        if names("month") {
            let month = match role {
                Role::Client => {
                    let statements = caller.get("portal/billing/statements").await.expect(200);
                    string(&statements["items"][0]["month"])
                }
                _ => carehub::clock::Clock::system().now().format("%Y-%m").to_string(),
            };
            own.insert("month", month);
        }
        if names("paymentplan") {
            let client = match role {
                Role::Client => caller.clone(),
                _ => practice.person("Cleo", Role::Client).await,
            };
            own.insert("paymentplan", payment_plan(practice, &client).await);
            own.insert("owner", client.id.to_string());
        }
        if names("escalation") {
            own.insert("escalation", emergency(&caller, &thread(practice, &caller).await["thread"]).await);
        }
        Self { caller, own }
    }

    /// Whose record a call is about, where it is about one client's.
    pub fn client(&self, rule: &Rule) -> Option<String> {
        let names = |name: &str| rule.call.contains(name) || rule.body.contains(name);
        match self.caller.role {
            Role::Client => Some(self.caller.id.to_string()),
            _ if names("{client}") => self.own.get("client").cloned(),
            _ if RECORDS.into_iter().any(names) => self.own.get("owner").cloned(),
            _ => None,
        }
    }

    /// The path or body with the caller's own ids, but for one.
    pub fn fill(&self, text: &str, but: Option<(&str, &str)>) -> String {
        let mut text = text.to_owned();
        for (name, id) in self.own.iter().map(|(name, id)| (*name, id.as_str())) {
            let id = but.filter(|(other, _)| *other == name).map_or(id, |(_, id)| id);
            text = text.replace(&format!("{{{name}}}"), id);
        }
        text
    }
}

/// The names of the placeholders in a text.
pub fn placeholders(text: &str) -> Vec<&str> {
    let ends = text.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    let is_name = |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase());
    ends.map(|(name, _)| name).filter(is_name).collect()
}

pub fn unknown() -> String {
    Uuid::now_v7().to_string()
}

/// A thread that is the caller's, with an entry by them.
async fn thread(practice: &Practice, caller: &Caller) -> Ids {
    let (thread, owner) = match caller.role {
        Role::Client => (caller.open("Sleep", "I cannot sleep").await, caller.id),
        _ => {
            let client = practice.person("Cleo", Role::Client).await;
            let thread = client.open("Sleep", "I cannot sleep").await;
            caller.claim(&thread).await.expect(200);
            (thread, client.id)
        }
    };
    let reply = match caller.role {
        Role::Client => format!("portal/messages/{thread}/reply"),
        _ => format!("ehr/threads/{thread}/reply"),
    };
    let entry = caller.post(&reply, json!({"body": "Hello"})).await.expect(201)["id"].clone();
    Ids::from([("thread", thread), ("entry", string(&entry)), ("owner", owner.to_string())])
}

/// An appointment in a month that is the caller's: a client's, or of somebody who works for the practice.
async fn appointment(practice: &Practice, caller: &Caller) -> Ids {
    let (client, clinician) = match caller.role {
        Role::Client => (caller.clone(), practice.colleague_of(caller, "Kim", Role::Clinician).await),
        _ => (practice.colleague_of(caller, "Cleo", Role::Client).await, caller.clone()),
    };
    let id = made(practice, &client, &clinician).await;
    Ids::from([("appointment", id), ("owner", client.id.to_string())])
}

async fn made(practice: &Practice, client: &Caller, clinician: &Caller) -> String {
    let row = format!(
        "INSERT INTO appointments (id, practice_id, client_id, clinician_id, state, mode, during, taken, room, made_by,
            made_at, changed_at)
        SELECT '{}', practice_id, '{}', id, 'confirmed', 'video', tstzrange(at, at + interval '50 minutes'),
            tstzrange(at, at + interval '1 hour'), gen_random_uuid(), id, now(), now()
        FROM users, (SELECT now() + interval '30 days' AS at) soon WHERE id = '{}' RETURNING id",
        unknown(),
        client.id,
        clinician.id
    );
    practice.database.query(&row).await.remove(0)
}

/// What a client was charged, a charge that is on no invoice, and what they paid. Nobody tells them: that would be written
/// down at some time later.
async fn money(practice: &Practice, client: &Caller, words: &str) -> Ids {
    let abe = practice.colleague_of(client, "Abe", Role::Admin).await;
    let path = |what: &str| format!("ehr/billing/clients/{}/{what}", client.id);
    let charge = async || {
        let charge = json!({"description": words, "unitAmount": 5_000});
        string(&abe.post(&path("charges"), charge).await.expect(201)["id"])
    };
    charge().await;
    let invoice = string(&abe.post(&path("invoices"), json!({})).await.expect(201)["id"]);
    let paid = json!({"amount": 1_000, "method": "cash", "note": words});
    let payment = string(&abe.post(&path("payments"), paid).await.expect(201)["id"]);
    practice.database.query(&format!("DELETE FROM notifications WHERE about IN ('{invoice}', '{payment}')")).await;
    Ids::from([("charge", charge().await), ("invoice", invoice), ("payment", payment)])
}

/// A payment plan that runs.
async fn payment_plan(practice: &Practice, client: &Caller) -> String {
    let row = format!(
        "INSERT INTO payment_plans (id, practice_id, client_id, currency, total, rhythm, time_zone, method, method_name,
            consent, made_at)
        SELECT '{}', practice_id, id, 'USD', 4200, 'weekly', 'UTC', 'pm_1', 'Visa', 'x', now() FROM users WHERE id = '{}'
        RETURNING id",
        unknown(),
        client.id
    );
    practice.database.query(&row).await.remove(0)
}

/// Somebody is away.
async fn exception(practice: &Practice, caller: &Caller) -> String {
    let schedule = format!(
        "INSERT INTO clinician_schedules (user_id, practice_id, revision, time_zone, session_minutes, buffer_minutes,
            step_minutes, notice_minutes, horizon_days, changed_at)
        SELECT id, practice_id, 1, 'America/Chicago', 50, 10, 60, 60, 60, now() FROM users WHERE id = '{}'
        ON CONFLICT DO NOTHING",
        caller.id
    );
    practice.database.query(&schedule).await;
    let away = format!(
        "INSERT INTO clinician_exceptions (id, user_id, is_open, starts_at, ends_at, made_by, made_at)
        VALUES ('{}', '{id}', false, now(), now() + interval '1 day', '{id}', now()) RETURNING id",
        unknown(),
        id = caller.id
    );
    practice.database.query(&away).await.remove(0)
}

/// A place on the waitlist.
async fn waiting(practice: &Practice, client: &Caller) -> String {
    let row = format!(
        "INSERT INTO appointment_waitlist (id, practice_id, client_id, clinician_id, mode, from_at, until_at, made_at)
        SELECT '{}', practice_id, id, id, 'video', now(), now() + interval '1 day', now() FROM users WHERE id = '{}'
        RETURNING id",
        unknown(),
        client.id
    );
    practice.database.query(&row).await.remove(0)
}

/// A payment by card that failed.
async fn attempt(practice: &Practice, client: &Caller) -> String {
    let row = format!(
        "INSERT INTO payment_attempts (id, practice_id, client_id, key, purpose, amount, currency, off_session, state,
            created_at, settled_at)
        SELECT '{}', practice_id, id, gen_random_uuid(), 'balance', 100, 'USD', false, 'failed', now(), now()
        FROM users WHERE id = '{}' RETURNING id",
        unknown(),
        client.id
    );
    practice.database.query(&row).await.remove(0)
}

/// What a client and their clinician have, full of [`CANARY`].
async fn others_things(practice: &Practice, client: &Caller, clinician: &Caller) -> Ids {
    practice.cares(clinician, client).await;
    let thread = client.open(CANARY, CANARY).await;
    clinician.claim(&thread).await.expect(200);
    let reply = client.post(&format!("portal/messages/{thread}/reply"), json!({"body": CANARY})).await.expect(201);
    clinician.post(&format!("ehr/threads/{thread}/notes"), json!({"body": CANARY})).await.expect(201);
    clinician.put(&format!("ehr/threads/{thread}/draft"), json!({"body": CANARY})).await.expect(200);
    let (plan, assessment) = assigned(clinician, client).await;
    let mut ids = money(practice, client, CANARY).await;
    ids.extend([
        ("attachment", attachment(client, &thread).await),
        ("document", document(practice, clinician, client, &format!("{CANARY}.pdf")).await),
        ("plan", plan),
        ("assessment", assessment),
        ("escalation", emergency(clinician, &thread).await),
        ("thread", thread),
        ("form", form(practice, clinician).await),
        ("assignment", give(practice, clinician, client).await),
        ("submission", {
            let given = give(practice, clinician, client).await;
            submit(client, &given, CANARY).await
        }),
        ("file", {
            let given = give(practice, clinician, client).await;
            let into = format!("portal/forms/{given}/files?field=letter");
            string(&client.upload(&into, &format!("{CANARY}.txt"), CANARY).await.expect(201)["id"])
        }),
        ("entry", string(&reply["id"])),
        ("session", session(client).await),
        ("override", override_of(clinician).await),
        ("notification", notification(practice, client).await),
        ("invitation", {
            let admin = practice.colleague_of(client, "Abe", Role::Admin).await;
            invitation(&admin).await
        }),
        ("outbox", given_up(practice, client).await),
        ("passkey", practice.old_passkey(client).await),
        ("provider", "theirs".to_owned()),
        ("appointment", made(practice, client, clinician).await),
        ("exception", exception(practice, clinician).await),
        ("attempt", attempt(practice, client).await),
        ("card", "pm_theirs".to_owned()),
        ("waiting", waiting(practice, client).await),
        // Of the months in which nobody had an account yet, none has a statement.
        ("month", "1999-01".to_owned()),
        ("paymentplan", payment_plan(practice, client).await),
        ("client", client.id.to_string()),
        ("user", clinician.id.to_string()),
        ("colleague", clinician.id.to_string()),
    ]);
    ids
}

/// A file that somebody sent in this thread.
async fn attachment(caller: &Caller, thread: &str) -> String {
    let (into, reply) = match caller.role {
        Role::Client => ("portal/messages/attachments".to_owned(), format!("portal/messages/{thread}/reply")),
        _ => (format!("ehr/messages/attachments?thread={thread}"), format!("ehr/threads/{thread}/reply")),
    };
    let file = caller.upload(&into, "notes.txt", "words").await.expect(201);
    caller.post(&reply, json!({"body": "", "attachments": [file["id"]]})).await.expect(201);
    string(&file["id"])
}

/// A document that is shared with a client, whom nobody tells of it: that would be written down at some time later.
async fn document(practice: &Practice, carer: &Caller, client: &Caller, name: &str) -> String {
    let path = format!("ehr/clients/{}/documents?share=true", client.id);
    let id = string(&carer.upload(&path, name, "%PDF-1.7 %%EOF").await.expect(201)["id"]);
    practice.database.query(&format!("DELETE FROM notifications WHERE about = '{id}'")).await;
    id
}

/// An emergency in this thread that the caller has, so that the engine leaves it alone.
async fn emergency(caller: &Caller, thread: &str) -> String {
    let id = string(&caller.post(&format!("ehr/threads/{thread}/escalate"), json!({})).await.expect(201)["id"]);
    caller.post(&format!("ehr/escalations/{id}/acknowledge"), json!({})).await.expect(200);
    id
}

/// A published form of somebody's practice.
async fn form(practice: &Practice, caller: &Caller) -> String {
    let kim = practice.colleague_of(caller, "Kim", Role::Clinician).await;
    let definition = json!({"title": "Mood", "fields": [{"key": "mood", "label": "How are you?", "type": "text"},
        {"key": "letter", "label": "Is there a letter?", "type": "file"}]});
    let made = kim.post("ehr/forms", json!({"kind": "custom", "definition": definition})).await.expect(201);
    let id = string(&made["id"]);
    kim.post(&format!("ehr/forms/{id}/publish"), json!({"revision": 1})).await.expect(200);
    id
}

/// Gives a form to a client.
async fn give(practice: &Practice, by: &Caller, client: &Caller) -> String {
    let form = form(practice, by).await;
    string(&by.post(&format!("ehr/forms/{form}/assignments"), json!({"client": client.id})).await.expect(201)["id"])
}

/// A form that the caller has to fill in, or a client whom the caller looks after.
async fn assignment(practice: &Practice, caller: &Caller) -> Ids {
    let (client, by) = match caller.role {
        Role::Client => (caller.clone(), practice.colleague_of(caller, "Kim", Role::Clinician).await),
        _ => (practice.colleague_of(caller, "Cleo", Role::Client).await, caller.clone()),
    };
    practice.cares(&by, &client).await;
    let id = give(practice, &by, &client).await;
    Ids::from([("assignment", id), ("owner", client.id.to_string()), ("token", client.token)])
}

/// A file that the client of [`assignment`] added.
async fn form_file(practice: &Practice, given: &Ids) -> String {
    let path = format!("/api/v1/portal/forms/{}/files?field=letter", given["assignment"]);
    let request = practice.request(reqwest::Method::POST, &path).bearer_auth(&given["token"]);
    let sent = request.header("content-type", "application/octet-stream").body("words").send().await.unwrap();
    string(&crate::support::practice::answer(sent).await.expect(201)["id"])
}

/// What the client of [`assignment`] answered.
async fn submission(practice: &Practice, given: &Ids, answer: &str) -> String {
    let path = format!("/api/v1/portal/forms/{}/submit", given["assignment"]);
    let request = practice.request(reqwest::Method::POST, &path).bearer_auth(&given["token"]);
    let letter: Vec<&String> = given.get("file").into_iter().collect();
    let sent = request.json(&json!({"answers": {"mood": answer, "letter": letter}})).send().await.unwrap();
    string(&crate::support::practice::answer(sent).await.expect(201)["submission"])
}

async fn submit(client: &Caller, assignment: &str, answer: &str) -> String {
    let path = format!("portal/forms/{assignment}/submit");
    string(&client.post(&path, json!({"answers": {"mood": answer}})).await.expect(201)["submission"])
}

fn soon() -> chrono::DateTime<chrono::Utc> {
    Clock::system().now() + chrono::TimeDelta::days(1)
}

/// Makes an API key: its id and secret.
pub async fn key(admin: &Caller, scopes: &[&str]) -> (String, String) {
    let made = admin.post("admin/api-keys", json!({"name": "Billing", "scopes": scopes, "expiresAt": soon()})).await;
    let made = made.expect(201);
    (string(&made["id"]), string(&made["secret"]))
}

/// Erases a client of the administrator's practice.
async fn erasure(practice: &Practice, admin: &Caller) -> String {
    let gone = practice.colleague_of(admin, "Zen", Role::Client).await;
    let erase = format!("admin/clients/{}/erasure", gone.id);
    string(&admin.post(&erase, json!({"reason": "Asked for.", "confirm": gone.email})).await.expect(201)["id"])
}

async fn invitation(admin: &Caller) -> String {
    let invited = json!({"email": format!("{}@example.org", unknown()), "role": "staff"});
    string(&admin.post("admin/invitations", invited).await.expect(201)["id"])
}

/// Notes that a member of staff is away.
async fn override_of(caller: &Caller) -> String {
    let leave = json!({"kind": "leave", "user": caller.id, "startsAt": "2026-01-01T00:00:00Z", "endsAt": soon()});
    string(&caller.post("ehr/on-call/overrides", leave).await.expect(201)["id"])
}

/// A message to them that was given up.
async fn given_up(practice: &Practice, caller: &Caller) -> String {
    // Makes the practice's key, where there is none.
    let admin = practice.colleague_of(caller, "Abe", Role::Admin).await;
    invitation(&admin).await;
    let row = format!(
        "INSERT INTO outbox (id, practice_id, recipient_id, channel, kind, key_id, sealed, state, settled_at)
        SELECT '{}', practice_id, id, 'sms', 'page', (SELECT id FROM data_keys WHERE owner_id = practice_id), 'x', 'failed',
            now() FROM users WHERE id = '{}' RETURNING id",
        unknown(),
        caller.id
    );
    practice.database.query(&row).await[0].clone()
}

/// Assigns an instrument to a client: the plan, and what waits for answers.
async fn assigned(clinician: &Caller, client: &Caller) -> (String, String) {
    let assign = format!("ehr/clients/{}/assessments", client.id);
    let plan =
        clinician.post(&assign, json!({"instrument": "phq-9", "recurrence": {"kind": "once"}})).await.expect(201);
    let waiting = client.get("portal/assessments").await.expect(200)["items"][0]["id"].clone();
    (string(&plan["id"]), string(&waiting))
}

/// An assessment of the caller's own, or of a client whom the caller looks after.
async fn assessment(practice: &Practice, caller: &Caller) -> String {
    let (client, clinician) = match caller.role {
        Role::Client => (caller.clone(), practice.person("Kim", Role::Clinician).await),
        _ => (practice.person("Cleo", Role::Client).await, caller.clone()),
    };
    practice.cares(&clinician, &client).await;
    assigned(&clinician, &client).await.1
}

/// Something that somebody was told.
async fn notification(practice: &Practice, caller: &Caller) -> String {
    let insert = format!(
        "INSERT INTO notifications (id, practice_id, user_id, kind, due_at, told, told_at)
        SELECT '{}', practice_id, id, 'reminder', now(), nextval('notifications_told'), now() FROM users WHERE id = '{}'
        RETURNING id",
        unknown(),
        caller.id
    );
    practice.database.query(&insert).await.remove(0)
}

async fn session(caller: &Caller) -> String {
    string(&caller.get("auth/me").await.expect(200)["session"]["id"])
}

fn string(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
