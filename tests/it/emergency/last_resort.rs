//! When nobody came: the practice's own telephone is sent a message, without a word of whose emergency it is.

use super::policy;
use crate::{
    notify::office::Office,
    support::{
        eventually,
        practice::{Caller, Practice},
        twilio::Instead,
    },
};
use carehub::{accounts::Role, ids::PolicyId};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// The practice's own.
const DESK: &str = "+15125550199";

/// Switches a plan on, whatever holes it has.
pub async fn go_by(practice: &Practice, plan: &Value) {
    let policy = format!(
        "INSERT INTO escalation_policies (id, practice_id, version, plan, switched_on_at)
        SELECT '{}', '{}', 1 + count(*), '{plan}', now() FROM escalation_policies WHERE practice_id = '{}'",
        PolicyId::new(),
        practice.id,
        practice.id
    );
    practice.database.query(&policy).await;
}

fn plan(answered_by: Option<&Caller>) -> Value {
    let step = json!({"target": "allClinicians", "channels": ["inApp", "email"], "acknowledgeWithinSeconds": 600});
    let answered_by = answered_by.map(|person| person.id);
    json!({"steps": [step], "rounds": 1, "silenceSeconds": 900, "lastResort": {"phone": DESK, "answeredBy": answered_by}})
}

struct Setting {
    office: Office,
    ada: Caller,
    tom: Caller,
    thread: String,
}

impl Setting {
    async fn start() -> Self {
        let office = Office::open().await;
        let ada = office.practice.person("Ada", Role::Client).await;
        let tom = office.practice.person("Tom", Role::Clinician).await;
        let thread = ada.open("Sleep", "I cannot sleep").await;
        Self { office, ada, tom, thread }
    }

    /// Ada presses the button, and nobody comes; the emergency's id.
    async fn nobody_comes(&self) -> String {
        let said = json!({"body": "I am not safe", "priority": "emergency"});
        self.ada.post(&format!("portal/messages/{}/reply", self.thread), said).await.expect(201);
        let newest = "SELECT id FROM escalations ORDER BY raised_at DESC LIMIT 1";
        let id = self.query(newest).await.remove(0);
        self.exhausted(&id).await;
        id
    }

    async fn exhausted(&self, id: &str) {
        let over =
            format!("UPDATE escalations SET due_at = now() WHERE id = '{id}' AND state = 'paging' RETURNING state");
        let state = format!("SELECT state FROM escalations WHERE id = '{id}'");
        eventually("the last resort", Duration::from_secs(10), async || {
            self.query(&over).await;
            (self.query(&state).await == ["exhausted"]).then_some(())
        })
        .await;
    }

    async fn query(&self, statement: &str) -> Vec<String> {
        self.office.practice.database.query(statement).await
    }
}

#[actix_web::test]
async fn the_practices_telephone_is_told_where_to_look_and_nothing_of_whom_it_is_about() {
    let setting = Setting::start().await;
    go_by(&setting.office.practice, &plan(None)).await;
    let id = setting.nobody_comes().await;
    let text = setting.office.twilio.nth(DESK, 1).await;
    let port = setting.office.practice.hub.address.port();
    let expected = format!(
        "Carehub: Nobody has answered an emergency in Carehub: everybody was called in vain. Somebody has to see to it \
         now. http://localhost:{port}/ehr/escalations"
    );
    assert_eq!(text.body, expected);
    let trail = format!(
        "SELECT detail->>'channel' FROM audit_events
        WHERE action = 'escalation.practiceCalled' AND object_id = '{id}'"
    );
    assert_eq!(setting.query(&trail).await, ["sms"]);
    // A drill says that it is one.
    let alma = setting.office.practice.person("Alma", Role::Admin).await;
    let drill = alma.post("ehr/escalations/drill", json!({})).await.expect(201);
    setting.exhausted(drill["id"].as_str().unwrap()).await;
    assert!(setting.office.twilio.nth(DESK, 2).await.body.contains("DRILL"));
}

#[actix_web::test]
async fn whoever_answers_the_practices_telephone_takes_the_emergency_by_its_link() {
    let setting = Setting::start().await;
    go_by(&setting.office.practice, &plan(Some(&setting.tom))).await;
    let id = setting.nobody_comes().await;
    let text = setting.office.twilio.nth(DESK, 1).await;
    let path = text.body[text.body.find("/ack/").expect("a link")..].to_owned();
    for word in ["Ada", "Tom", "Sleep", "safe", &setting.thread, &id] {
        assert!(!text.body.contains(word), "{}", text.body);
    }
    let call = async |method: Method| {
        let request = setting.office.practice.request(method, &format!("/api/v1{path}"));
        request.send().await.unwrap().json::<Value>().await.unwrap()
    };
    assert_eq!(call(Method::GET).await["state"], "exhausted", "reading takes nothing");
    assert_eq!(call(Method::POST).await["acknowledgedBy"], "Tom");
    // Whoever left gets no link.
    setting.tom.post(&format!("ehr/escalations/{id}/resolve"), json!({"note": "Called her."})).await.expect(200);
    setting.query("UPDATE users SET status = 'disabled' WHERE name = 'Tom'").await;
    setting.nobody_comes().await;
    let text = setting.office.twilio.nth(DESK, 2).await;
    assert!(text.body.ends_with("/ehr/escalations"), "{}", text.body);
}

#[actix_web::test]
async fn once_somebody_has_it_the_practices_telephone_is_not_told_any_more() {
    let setting = Setting::start().await;
    go_by(&setting.office.practice, &plan(None)).await;
    setting.office.twilio.once(Instead::Refuse { status: 503, code: 20503, retry_after: Some(300) });
    let id = setting.nobody_comes().await;
    let row = "SELECT concat_ws(' ', state, attempts) FROM outbox WHERE kind = 'lastResort'";
    let refused = async || (setting.query(row).await == ["waiting 1"]).then_some(());
    eventually("the message to be refused", Duration::from_secs(10), refused).await;
    setting.tom.post(&format!("ehr/escalations/{id}/acknowledge"), json!({})).await.expect(200);
    assert_eq!(setting.query(row).await, ["cancelled 1"]);
    assert!(setting.office.twilio.texts(DESK).is_empty());
}

#[actix_web::test]
async fn only_somebody_of_the_practice_answers_its_telephone() {
    let practice = Practice::start().await;
    let alma = practice.person("Alma", Role::Admin).await;
    let maya = practice.person("Maya", Role::Clinician).await;
    let ada = practice.person("Ada", Role::Client).await;
    let stranger = practice.stranger("Eve", Role::Clinician).await;
    super::rota::put(&alma, 0, super::rota::without_holes(&maya, &alma)).await;
    let with = |answered_by: &Caller| {
        let mut plan = policy::plan();
        plan["version"] = json!(0);
        plan["lastResort"]["answeredBy"] = json!(answered_by.id);
        plan
    };
    for nobody in [&ada, &stranger] {
        let refused = alma.put("admin/escalation-policy", with(nobody)).await.refused(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/lastResort/answeredBy");
    }
    let on = alma.put("admin/escalation-policy", with(&maya)).await.expect(200);
    assert_eq!(on["plan"]["lastResort"]["answeredBy"], json!(maya.id));
}
