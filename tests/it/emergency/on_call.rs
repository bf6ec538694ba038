use super::rota::{all_week, on_call_now, put, without_holes};
use crate::support::practice::{Caller, Practice};
use carehub::{accounts::Role, clock::Clock};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

fn days(days: i64) -> DateTime<Utc> {
    Clock::system().now() + TimeDelta::days(days)
}

struct Team {
    practice: Practice,
    alma: Caller,
    maya: Caller,
    tom: Caller,
    dale: Caller,
}

async fn team() -> Team {
    let practice = Practice::start().await;
    Team {
        alma: practice.person("Alma", Role::Admin).await,
        maya: practice.person("Maya", Role::Clinician).await,
        tom: practice.person("Tom", Role::Clinician).await,
        dale: practice.person("Dale", Role::Staff).await,
        practice,
    }
}

/// The holes of a layer over the coming days.
async fn holes(caller: &Caller, layer: &str, days: i64) -> Vec<Value> {
    let coverage = caller.get(&format!("ehr/on-call/coverage?days={days}")).await.expect(200);
    let of = coverage["layers"].as_array().unwrap().iter().find(|of| of["layer"] == layer).unwrap().clone();
    let spans = of["spans"].as_array().unwrap();
    for pair in spans.windows(2) {
        assert_eq!(pair[0]["until"], pair[1]["from"], "the map has no gap");
    }
    spans.iter().filter(|span| span["people"] == json!([])).cloned().collect()
}

#[actix_web::test]
async fn the_week_is_shown_as_it_was_put_and_a_colleagues_change_is_not_overwritten() {
    let Team { alma, maya, dale, practice, .. } = team().await;
    let empty = dale.get("ehr/on-call").await.expect(200);
    assert_eq!(
        (&empty["revision"], &empty["shifts"], &empty["timeZone"]),
        (&json!(0), &json!([]), &json!("America/Chicago"))
    );
    let night = json!({"layer": "onCall", "user": maya.id, "weekday": 5, "starts": "22:00", "ends": "06:30"});
    let put = async |revision: i64| alma.put("ehr/on-call", json!({"revision": revision, "shifts": [night]})).await;
    let changed = put(0).await.expect(200);
    let shown = json!({"layer": "onCall", "user": {"id": maya.id, "name": "Maya", "role": "clinician"},
        "weekday": 5, "starts": "22:00", "ends": "06:30"});
    assert_eq!((&changed["revision"], &changed["shifts"]), (&json!(1), &json!([shown])));
    put(0).await.refused(409, "conflict");
    put(7).await.refused(409, "conflict");
    assert_eq!(maya.get("ehr/on-call").await.expect(200), changed, "nothing was overwritten");
    put(1).await.expect(200);
    let audited = "SELECT detail->>'revision' FROM audit_events WHERE action = 'rota.changed' ORDER BY at, id";
    assert_eq!(practice.database.query(audited).await, ["1", "2"]);
}

#[actix_web::test]
async fn only_administrators_change_the_week_and_only_colleagues_who_can_sign_in_stand_in_it() {
    let Team { practice, alma, maya, dale, tom } = team().await;
    let ada = practice.person("Ada", Role::Client).await;
    let zed = practice.stranger("Zed", Role::Clinician).await;
    for other in [&maya, &dale] {
        other.put("ehr/on-call", json!({"revision": 0, "shifts": []})).await.refused(403, "forbidden");
    }
    let week = |user: &Caller, weekday: i64, starts: &str, ends: &str| {
        json!({"revision": 0, "shifts": [
            {"layer": "backup", "user": maya.id, "weekday": 1, "starts": "00:00", "ends": "00:00"},
            {"layer": "onCall", "user": user.id, "weekday": weekday, "starts": starts, "ends": ends}]})
    };
    alma.post(&format!("admin/users/{}/lock", tom.id), json!({})).await.expect(200);
    for (body, pointer) in [
        (week(&ada, 1, "08:00", "16:00"), "/shifts/1/user"),
        (week(&zed, 1, "08:00", "16:00"), "/shifts/1/user"),
        (week(&tom, 1, "08:00", "16:00"), "/shifts/1/user"),
        (week(&maya, 0, "08:00", "16:00"), "/shifts/1/weekday"),
        (week(&maya, 8, "08:00", "16:00"), "/shifts/1/weekday"),
        (week(&maya, 1, "24:00", "16:00"), "/shifts/1/starts"),
        (week(&maya, 1, "08:00", "four"), "/shifts/1/ends"),
        (json!({"revision": 0, "shifts": vec![week(&maya, 1, "08:00", "09:00")["shifts"][0].clone(); 201]}), "/shifts"),
    ] {
        let refused = alma.put("ehr/on-call", body).await.refused(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
    assert_eq!(maya.get("ehr/on-call").await.expect(200)["revision"], 0);
    let most = vec![week(&maya, 1, "08:00", "09:00")["shifts"][0].clone(); 200];
    alma.put("ehr/on-call", json!({"revision": 0, "shifts": most})).await.expect(200);
}

#[actix_web::test]
async fn covers_and_leave_change_who_is_on_call_and_whose_are_taken_back_end() {
    let Team { alma, maya, tom, dale, practice } = team().await;
    put(&alma, 0, without_holes(&maya, &dale)).await;
    assert_eq!(
        (on_call_now(&tom, "onCall").await, on_call_now(&tom, "backup").await),
        (vec!["Maya".into()], vec!["Dale".into()])
    );
    let add = async |body: Value| {
        tom.post("ehr/on-call/overrides", body).await.expect(201)["id"].as_str().unwrap().to_owned()
    };
    let span = |mut body: Value, from: i64, until: i64| {
        body["startsAt"] = json!(days(from));
        body["endsAt"] = json!(days(until));
        body
    };
    // Maya is away; nobody covers, then Tom does.
    let leave = add(span(json!({"kind": "leave", "user": maya.id}), -1, 2)).await;
    assert_eq!(on_call_now(&tom, "onCall").await, Vec::<String>::new());
    let hole = holes(&tom, "onCall", 30).await.remove(0);
    assert_eq!((&hole["hole"]["because"], &hole["hole"]["missing"][0]["name"]), (&json!("onLeave"), &json!("Maya")));
    let cover = add(span(json!({"kind": "cover", "layer": "onCall", "user": tom.id}), -1, 2)).await;
    assert_eq!(on_call_now(&tom, "onCall").await, ["Tom"]);
    assert_eq!(holes(&tom, "onCall", 30).await, Vec::<Value>::new());
    assert_eq!(on_call_now(&tom, "backup").await, ["Dale"], "the other layer stays");
    let shown = tom.get("ehr/on-call").await.expect(200);
    assert_eq!(shown["overrides"].as_array().unwrap().len(), 2);
    // What began ends now and stays on record; what did not begin goes; neither goes twice.
    let ahead = add(span(json!({"kind": "leave", "user": dale.id}), 3, 4)).await;
    for id in [&cover, &ahead] {
        tom.delete(&format!("ehr/on-call/overrides/{id}")).await.expect(204);
        tom.delete(&format!("ehr/on-call/overrides/{id}")).await.refused(409, "conflict");
    }
    assert_eq!(on_call_now(&tom, "onCall").await, Vec::<String>::new());
    assert_eq!(holes(&tom, "backup", 30).await, Vec::<Value>::new());
    let kept = "SELECT count(*) FROM on_call_overrides WHERE removed_at IS NULL AND ends_at <= now()";
    assert_eq!(practice.database.query(kept).await, ["1"]);
    tom.delete(&format!("ehr/on-call/overrides/{leave}")).await.expect(204);
    assert_eq!(on_call_now(&tom, "onCall").await, ["Maya"]);
    let audited = "SELECT action || ' ' || count(*) FROM audit_events WHERE action LIKE 'onCallOverride.%' GROUP BY action ORDER BY 1";
    let expected = ["onCallOverride.added 3", "onCallOverride.ended 2", "onCallOverride.removed 1"];
    assert_eq!(practice.database.query(audited).await, expected);
}

#[actix_web::test]
async fn a_cover_or_leave_that_makes_no_sense_is_refused_and_says_where() {
    let Team { practice, maya, dale, .. } = team().await;
    let ada = practice.person("Ada", Role::Client).await;
    let body = |user: &Caller, layer: Value, from: i64, until: i64| json!({"kind": "cover", "layer": layer, "user": user.id, "startsAt": days(from), "endsAt": days(until)});
    for (body, pointer) in [
        (body(&maya, json!(null), 1, 2), "/layer"),
        (body(&maya, json!("third"), 1, 2), "/layer"),
        (body(&ada, json!("onCall"), 1, 2), "/user"),
        (body(&maya, json!("onCall"), 2, 1), "/endsAt"),
        (body(&maya, json!("onCall"), -2, -1), "/endsAt"),
        (body(&maya, json!("onCall"), 1, 400), "/endsAt"),
    ] {
        let refused = dale.post("ehr/on-call/overrides", body).await.refused(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
    dale.get("ehr/on-call/coverage?days=92").await.expect(200);
    for days in [0, 93] {
        dale.get(&format!("ehr/on-call/coverage?days={days}")).await.refused(422, "invalid");
    }
}

#[actix_web::test]
async fn who_was_locked_leaves_a_hole_that_names_them() {
    let Team { alma, maya, tom, dale, practice: _practice } = team().await;
    let week = [all_week("onCall", &tom), all_week("backup", &dale)].concat();
    put(&alma, 0, week).await;
    assert_eq!(holes(&maya, "onCall", 92).await, Vec::<Value>::new());
    alma.post(&format!("admin/users/{}/lock", tom.id), json!({})).await.expect(200);
    let holes = holes(&maya, "onCall", 92).await;
    assert_eq!(holes.len(), 1, "one from now on: {holes:?}");
    assert_eq!(
        (&holes[0]["hole"]["because"], &holes[0]["hole"]["missing"][0]["name"]),
        (&json!("cannotSignIn"), &json!("Tom"))
    );
}
