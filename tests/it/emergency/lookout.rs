use super::{
    policy::plan,
    rota::{put, without_holes},
};
use crate::support::practice::Practice;
use carehub::{accounts::Role, clock::Clock, emergency::lookout::Lookout, notify::Channel};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use serde_json::json;

#[actix_web::test]
async fn a_hole_that_comes_up_within_the_week_is_warned_of_once_a_day_until_it_is_mended() {
    let practice = Practice::start().await;
    let alma = practice.person("Alma", Role::Admin).await;
    let maya = practice.person("Maya", Role::Clinician).await;
    put(&alma, 0, without_holes(&maya, &alma)).await;
    let mut policy = plan();
    policy["version"] = json!(0);
    alma.put("admin/escalation-policy", policy).await.expect(200);

    let clock = Clock::movable();
    let lookout = Lookout {
        database_url: SecretString::from(practice.database.service_url()),
        configured: [Channel::InApp, Channel::Email].into(),
        clock: clock.clone(),
    };
    let warned = async || lookout.look().await.unwrap();
    let now: DateTime<Utc> = clock.now();
    let leave = async |from: i64, until: i64| {
        let span = |days| now + TimeDelta::days(days);
        let body = json!({"kind": "leave", "user": maya.id, "startsAt": span(from), "endsAt": span(until)});
        maya.post("ehr/on-call/overrides", body).await.expect(201)["id"].as_str().unwrap().to_owned()
    };
    assert_eq!(warned().await, 0, "there is none");
    let away = leave(10, 12).await;
    assert_eq!(warned().await, 0, "it is more than a week ahead");
    clock.advance(TimeDelta::days(4));
    assert_eq!(warned().await, 1);
    clock.advance(TimeDelta::seconds(1));
    let (again, the_next_day) = (warned().await, {
        clock.advance(TimeDelta::days(1));
        warned().await
    });
    assert_eq!((again, the_next_day), (0, 1), "once a day");
    let told = "SELECT u.name || ' ' || count(*) FROM notifications n JOIN users u ON u.id = n.user_id
        WHERE n.kind = 'coverageHole' GROUP BY u.name ORDER BY u.name";
    assert_eq!(practice.database.query(told).await, ["Alma 2", "Maya 2"]);
    let alarms = async || maya.get("ehr/alarms").await.expect(200)["items"].to_string();
    assert!(alarms().await.contains("coverageHole"));
    let noted = "SELECT holes FROM coverage_outlooks";
    assert_eq!(practice.database.query(noted).await, ["1"]);
    maya.delete(&format!("ehr/on-call/overrides/{away}")).await.expect(204);
    clock.advance(TimeDelta::days(1));
    assert_eq!((warned().await, practice.database.query(noted).await), (0, vec!["0".to_owned()]), "it was mended");
    assert!(!alarms().await.contains("coverageHole"));
    let audited = "SELECT detail->>'holes' || ' ' || (detail->>'firstFrom' IS NOT NULL) || ' ' || actor_role
        FROM audit_events WHERE action = 'coverage.holesFound'";
    assert_eq!(practice.database.query(audited).await, ["1 true hub", "1 true hub"]);
}

#[actix_web::test]
async fn two_hubs_that_look_at_once_warn_once() {
    let practice = Practice::start().await;
    let alma = practice.person("Alma", Role::Admin).await;
    let maya = practice.person("Maya", Role::Clinician).await;
    let revision = put(&alma, 0, without_holes(&maya, &alma)).await;
    let mut policy = plan();
    policy["version"] = json!(0);
    alma.put("admin/escalation-policy", policy).await.expect(200);
    put(&alma, revision, Vec::new()).await;
    let look = async || {
        let lookout = Lookout {
            database_url: SecretString::from(practice.database.service_url()),
            configured: [Channel::InApp, Channel::Email].into(),
            clock: Clock::system(),
        };
        lookout.look().await.unwrap()
    };
    let (one, other) = futures_util::future::join(look(), look()).await;
    let later = look().await;
    assert_eq!(one + other + later, 2, "a hole in each layer, each warned of once");
}
