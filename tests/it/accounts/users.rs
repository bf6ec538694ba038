use crate::support::{
    Client, Hub, eventually,
    practice::{Caller, Practice},
};
use carehub::accounts::Role;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

fn names(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

async fn change(admin: &Caller, user: &Caller, change: Value) -> crate::support::practice::Answer {
    admin.call(Method::PATCH, &format!("admin/users/{}", user.id), Some(change)).await
}

#[actix_web::test]
async fn an_administrator_finds_users_by_role_status_name_and_address_in_their_practice_alone() {
    let practice = Practice::start().await;
    let ana = practice.person("Ana", Role::Admin).await;
    let maya = practice.person("Maya 100%", Role::Clinician).await;
    practice.person("Ada", Role::Client).await;
    practice.stranger("Maya Elsewhere", Role::Clinician).await;
    assert_eq!(names(&ana.get("admin/users").await.expect(200)), ["Ada", "Maya 100%", "Ana"]);
    assert_eq!(names(&ana.get("admin/users?role=clinician").await.expect(200)), ["Maya 100%"]);
    assert_eq!(names(&ana.get("admin/users?q=0%25").await.expect(200)), ["Maya 100%"]);
    assert_eq!(names(&ana.get(&format!("admin/users?q={}", maya.email)).await.expect(200)), ["Maya 100%"]);
    ana.post(&format!("admin/users/{}/lock", maya.id), json!({})).await.expect(200);
    assert_eq!(names(&ana.get("admin/users?status=disabled").await.expect(200)), ["Maya 100%"]);
    let page = ana.get("admin/users?limit=2").await.expect(200);
    let next = page["next"].as_str().unwrap();
    assert_eq!(names(&ana.get(&format!("admin/users?limit=2&cursor={next}")).await.expect(200)), ["Ana"]);
}

/// S2.
#[actix_web::test]
async fn what_an_administrator_takes_away_is_gone_everywhere_within_five_seconds_on_every_node() {
    let practice = Practice::start().await;
    let second = Hub::start(&practice.database).await;
    let ana = practice.person("Ana", Role::Admin).await;
    for (path, body) in [
        ("lock", None),
        ("end-sessions", None),
        ("", Some(json!({"role": "staff"}))),
        ("", Some(json!({"status": "disabled"}))),
    ] {
        let maya = practice.person("Maya", Role::Clinician).await;
        let mut here = Client::synced(&practice.hub, &maya.someone()).await;
        let mut there = Client::synced(&second, &maya.someone()).await;
        let answer = match &body {
            Some(body) => change(&ana, &maya, body.clone()).await.expect(200),
            None => ana.post(&format!("admin/users/{}/{path}", maya.id), json!({})).await.expect(200),
        };
        assert_eq!(answer["sessions"], 0, "{answer}");
        let gone = async {
            maya.get("ehr/inbox").await.refused(401, "unauthenticated");
            let (status, _) = second.call(Method::GET, "/api/v1/ehr/inbox", &maya.someone(), None).await;
            assert_eq!(status, 401);
            assert_eq!((here.closed().await, there.closed().await), (Some(4401), Some(4401)), "{path} {body:?}");
        };
        tokio::time::timeout(Duration::from_secs(5), gone).await.expect("gone within five seconds");
    }
}

#[actix_web::test]
async fn two_administrators_who_disable_each_other_leave_one_and_nobody_disables_themselves() {
    let practice = Practice::start().await;
    let ana = practice.person("Ana", Role::Admin).await;
    let bob = practice.person("Bob", Role::Admin).await;
    for wish in [json!({"role": "staff"}), json!({"status": "disabled"})] {
        change(&ana, &ana, wish).await.refused(409, "conflict");
    }
    ana.post(&format!("admin/users/{}/lock", ana.id), json!({})).await.refused(409, "conflict");
    let both = futures_util::future::join(
        change(&ana, &bob, json!({"status": "disabled"})),
        change(&bob, &ana, json!({"role": "clinician"})),
    );
    let (one, other) = both.await;
    assert_eq!(u8::from(one.status == 200) + u8::from(other.status == 200), 1, "{one:?} {other:?}");
    let left = "SELECT count(*) FROM users WHERE role = 'admin' AND status = 'active'";
    assert_eq!(practice.database.query(left).await, ["1"]);
}

#[actix_web::test]
async fn roles_stay_on_their_side_and_a_new_name_is_seen_at_once() {
    let practice = Practice::start().await;
    let ana = practice.person("Ana", Role::Admin).await;
    let ada = practice.person("Ada", Role::Client).await;
    let maya = practice.person("Maya", Role::Clinician).await;
    for (user, role) in [(&ada, "admin"), (&maya, "client")] {
        let refused = change(&ana, user, json!({"role": role})).await.refused(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/role");
    }
    for name in ["", "  ", "two\nlines", &"x".repeat(201)] {
        change(&ana, &maya, json!({"name": name})).await.refused(422, "invalid");
    }
    change(&ana, &maya, json!({"name": " Maya Lind "})).await.expect(200);
    assert_eq!(maya.get("auth/me").await.expect(200)["name"], "Maya Lind");
    // Nothing new: nothing ends, nothing is written.
    let again = change(&ana, &maya, json!({"name": "Maya Lind", "role": "clinician", "status": "active"})).await;
    assert_eq!(again.expect(200)["sessions"], 1);
    let rows = "SELECT count(*) FROM audit_events WHERE action = 'user.changed'";
    assert_eq!(practice.database.query(rows).await, ["1"]);
}

#[actix_web::test]
async fn an_administrator_lets_somebody_in_again_who_failed_to_sign_in_too_often() {
    let practice = Practice::start().await;
    let ana = practice.person("Ana", Role::Admin).await;
    let ada = practice.person("Ada", Role::Client).await;
    for _ in 0..5 {
        practice.sign_in("portal", &ada.email, "a wrong password").await;
    }
    let user = eventually("the lock", Duration::from_secs(2), async || {
        let found = ana.get(&format!("admin/users?q={}", ada.email)).await.expect(200)["items"][0].clone();
        found["lockedUntil"].is_string().then_some(found)
    });
    assert_eq!(user.await["status"], "active");
    let unlocked = ana.post(&format!("admin/users/{}/unlock", ada.id), json!({})).await.expect(200);
    assert_eq!(unlocked["lockedUntil"], Value::Null);
    let signed_in = practice.sign_in("portal", &ada.email, crate::support::practice::PASSWORD).await;
    assert_eq!(signed_in.status(), 200);
}

/// Z9.
#[actix_web::test]
async fn every_user_is_one_person_with_an_address_of_their_own() {
    let practice = Practice::start().await;
    let ada = practice.person("Ada", Role::Client).await;
    let id = uuid::Uuid::now_v7();
    let twin = format!(
        "INSERT INTO users (id, practice_id, role, email, name, time_zone) \
         VALUES ('{id}', '{}', 'clinician', upper('{}'), 'Ada', 'UTC') ON CONFLICT DO NOTHING RETURNING id",
        practice.id, ada.email
    );
    assert_eq!(practice.database.query(&twin).await, Vec::<String>::new());
    // The demo's people share a well-known password: a production configuration refuses them, and to seed.
    for command in [&[][..], &["seed", "--pairs", "1", "--tokens", "unused"]] {
        let refused = std::process::Command::new(env!("CARGO_BIN_EXE_carehub"))
            .args(command)
            .env_clear()
            .env("CAREHUB_PROFILE", "production")
            .env("DATABASE_URL", &practice.database.url)
            .output()
            .unwrap();
        assert!(!refused.status.success());
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(said.contains("production"), "{command:?}: {said}");
    }
}
