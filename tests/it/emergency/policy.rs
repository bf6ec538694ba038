use super::rota::{put, without_holes};
use crate::support::practice::{Caller, Practice};
use carehub::{accounts::Role, clock::Clock};
use chrono::TimeDelta;
use serde_json::{Value, json};

const ACCOUNT: &str = "AC00000000000000000000000000000000";

/// Assigned, on call, backup, all clinicians; by e-mail.
pub fn plan() -> Value {
    let step =
        |target: &str| json!({"target": target, "channels": ["inApp", "email"], "acknowledgeWithinSeconds": 120});
    json!({
        "steps": [step("assigned"), step("onCall"), step("backup"), step("allClinicians")],
        "rounds": 2,
        "silenceSeconds": 900,
        "lastResort": {"phone": "+15125550100", "answeredBy": null, "clientIsTold": {"en": "Call us, or 988."}},
    })
}

fn with_version(mut plan: Value, version: i64) -> Value {
    plan["version"] = json!(version);
    plan
}

fn kinds(holes: &Value) -> Vec<(&str, Option<i64>)> {
    holes.as_array().unwrap().iter().map(|hole| (hole["kind"].as_str().unwrap(), hole["step"].as_i64())).collect()
}

async fn check(admin: &Caller, plan: &Value) -> Value {
    admin.post("admin/escalation-policy/check", plan.clone()).await.expect(200)["holes"].clone()
}

#[actix_web::test]
async fn a_policy_with_a_hole_cannot_be_switched_on_and_says_each_in_words() {
    let practice = Practice::start().await;
    let alma = practice.person("Alma", Role::Admin).await;
    let built_in = alma.get("admin/escalation-policy").await.expect(200);
    assert_eq!((&built_in["version"], &built_in["history"]), (&json!(0), &json!([])));
    assert_eq!(built_in["plan"]["steps"].as_array().unwrap().len(), 4);

    // An empty practice: nobody anywhere.
    let holes = check(&alma, &plan()).await;
    let nobody = [("nobodyOnDuty", Some(2)), ("nobodyOnDuty", Some(3)), ("nobodyOnDuty", Some(4))];
    assert_eq!(kinds(&holes), nobody);
    let refused = alma.put("admin/escalation-policy", with_version(plan(), 0)).await.refused(409, "conflict");
    assert_eq!(kinds(&refused["holes"]), nobody, "the same list");

    // Mended, but for what each of these brings back.
    let maya = practice.person("Maya", Role::Clinician).await;
    let dale = practice.person("Dale", Role::Staff).await;
    put(&alma, 0, without_holes(&maya, &dale)).await;
    assert_eq!(check(&alma, &plan()).await, json!([]));
    let mut no_phone = plan();
    no_phone["lastResort"]["phone"] = json!(null);
    let mut by_text_message = plan();
    by_text_message["steps"][1]["channels"] = json!(["inApp", "sms"]);
    let mut in_app = plan();
    in_app["steps"][2]["channels"] = json!(["inApp"]);
    let mut too_late = plan();
    for step in 0..3 {
        too_late["steps"][step]["acknowledgeWithinSeconds"] = json!(1_500);
    }
    for (plan, expected) in [
        (no_phone, vec![("noLastResort", None)]),
        (by_text_message, vec![("channelNotConfigured", None), ("neverReached", Some(2)), ("noWayToPerson", Some(2))]),
        (in_app, vec![("neverReached", Some(3))]),
        (too_late, vec![("neverReached", Some(4))]),
    ] {
        let holes = check(&alma, &plan).await;
        assert_eq!(kinds(&holes), expected);
        assert!(holes.as_array().unwrap().iter().all(|hole| hole["message"].as_str().unwrap().len() > 40), "{holes}");
        let refused = alma.put("admin/escalation-policy", with_version(plan, 0)).await.refused(409, "conflict");
        assert_eq!(refused["holes"], holes);
    }
    // Leave in three weeks is a hole already.
    let at = |days| Clock::system().now() + TimeDelta::days(days);
    let leave = json!({"kind": "leave", "user": maya.id, "startsAt": at(20), "endsAt": at(22)});
    dale.post("ehr/on-call/overrides", leave).await.expect(201);
    let holes = check(&alma, &plan()).await;
    assert_eq!(kinds(&holes), [("nobodyOnDuty", Some(2))]);
    assert!(holes[0]["message"].as_str().unwrap().contains("Maya is on leave"), "{holes}");
    assert_eq!(alma.get("admin/escalation-policy").await.expect(200)["version"], 0, "nothing was switched on");
}

#[actix_web::test]
async fn switching_on_is_a_version_an_audit_row_and_never_over_a_colleagues() {
    let practice = Practice::start().await;
    let alma = practice.person("Alma", Role::Admin).await;
    let maya = practice.person("Maya", Role::Clinician).await;
    put(&alma, 0, without_holes(&maya, &alma)).await;
    let switch_on =
        async |plan: Value, version: i64| alma.put("admin/escalation-policy", with_version(plan, version)).await;
    let first = switch_on(plan(), 0).await.expect(200);
    assert_eq!((&first["version"], &first["plan"], &first["holes"]), (&json!(1), &plan(), &json!([])));
    switch_on(plan(), 0).await.refused(409, "conflict");
    let mut second = plan();
    second["rounds"] = json!(3);
    let shown = switch_on(second.clone(), 1).await.expect(200);
    assert_eq!((&shown["version"], &shown["plan"]["rounds"]), (&json!(2), &json!(3)));
    let versions: Vec<_> =
        shown["history"].as_array().unwrap().iter().map(|version| version["version"].clone()).collect();
    assert_eq!(versions, [2, 1]);
    assert_eq!(shown["history"][1]["switchedOnBy"], "Alma");
    let audited =
        "SELECT detail->>'version' FROM audit_events WHERE action = 'escalationPolicy.switchedOn' ORDER BY at, id";
    assert_eq!(practice.database.query(audited).await, ["1", "2"]);
    // Fields out of bounds are told apart from holes, and stored neither.
    let mut bad = plan();
    bad["rounds"] = json!(11);
    bad["steps"][0]["acknowledgeWithinSeconds"] = json!(5);
    let refused = switch_on(bad.clone(), 2).await.refused(422, "invalid");
    let pointers: Vec<_> = refused["errors"].as_array().unwrap().iter().map(|error| error["pointer"].clone()).collect();
    assert_eq!(pointers, ["/steps/0/acknowledgeWithinSeconds", "/rounds"]);
    alma.post("admin/escalation-policy/check", bad).await.refused(422, "invalid");
    // The service can neither change nor remove a version.
    let rights = "SELECT string_agg(p, ',') FROM unnest(ARRAY['INSERT', 'UPDATE', 'DELETE']) p
        WHERE has_table_privilege('carehub_service', 'escalation_policies', p)";
    assert_eq!(practice.database.query(rights).await, ["INSERT"]);
}

#[actix_web::test]
async fn somebody_without_a_verified_number_is_a_hole_in_a_step_by_text_message() {
    let twilio = [("TWILIO_ACCOUNT_SID", ACCOUNT), ("TWILIO_AUTH_TOKEN", "secret"), ("TWILIO_FROM", "+15005550006")];
    let practice = Practice::start_with(&twilio).await;
    let alma = practice.person("Alma", Role::Admin).await;
    let maya = practice.person("Maya", Role::Clinician).await;
    put(&alma, 0, without_holes(&maya, &alma)).await;
    let mut plan = plan();
    plan["steps"][1]["channels"] = json!(["inApp", "sms"]);
    let holes = check(&alma, &plan).await;
    assert_eq!(kinds(&holes), [("noWayToPerson", Some(2))]);
    assert_eq!(holes[0]["user"]["name"], "Maya");
    let number = async |verified: &str, opted_out: &str| {
        let row = format!(
            "INSERT INTO contact_points (id, user_id, channel, key_id, sealed, lookup, created_at, verified_at, opted_out_at)
            SELECT gen_random_uuid(), '{}', 'sms', id, '', '', now(), {verified}, {opted_out} FROM data_keys LIMIT 1",
            maya.id
        );
        practice.database.query("DELETE FROM contact_points").await;
        practice.database.query(&row).await;
        check(&alma, &plan).await
    };
    // Opening a thread makes the key that such rows name.
    practice.person("Ada", Role::Client).await.open("Sleep", "I cannot sleep").await;
    assert_eq!(kinds(&number("NULL", "NULL").await), [("noWayToPerson", Some(2))], "not verified yet");
    assert_eq!(number("now()", "NULL").await, json!([]));
    assert_eq!(kinds(&number("now()", "now()").await), [("noWayToPerson", Some(2))], "they answered STOP");
}
