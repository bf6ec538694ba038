//! The sessions of one person: seeing them, ending them, what they ask for again (A9, S2, S8, S9).

use crate::support::{
    Client, Hub, Someone,
    practice::{Caller, PASSWORD, Practice, answer},
    text,
};
use carehub::{accounts::Role, ids::SignInId};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

/// Signs in once more, by a program of this name; the cookie, as a browser sends it back.
async fn sign_in_by(practice: &Practice, who: &Caller, program: &str) -> String {
    let body = json!({"email": who.email, "password": PASSWORD});
    let path = format!("/api/v1/{}/auth/login", who.door());
    let signed_in = practice.request(Method::POST, &path).header("user-agent", program).json(&body).send().await;
    let signed_in = signed_in.unwrap();
    assert_eq!(signed_in.status(), 200);
    signed_in.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}

async fn status_with(practice: &Practice, cookie: &str) -> u16 {
    let asked = practice.request(Method::GET, "/api/v1/auth/me").header("cookie", cookie);
    asked.send().await.unwrap().status().as_u16()
}

#[actix_web::test]
async fn a_sign_in_makes_a_new_session_even_for_whoever_brings_one() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let planted = sign_in_by(&practice, &client, "thief").await;
    let body = json!({"email": client.email, "password": PASSWORD});
    let request = practice.request(Method::POST, "/api/v1/portal/auth/login").header("cookie", &planted);
    let signed_in = request.header("origin", practice.hub.url("")).json(&body).send().await.unwrap();
    let fresh = signed_in.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    assert_ne!(fresh, planted);
    let count = format!("SELECT count(*) FROM sign_in_sessions WHERE user_id = '{}'", client.id);
    assert_eq!(practice.database.query(&count).await, ["3"], "the test's own, the thief's, the new one");
}

#[actix_web::test]
async fn people_see_where_they_are_signed_in_and_end_it_there() {
    let practice = Practice::start().await;
    for role in [Role::Client, Role::Clinician] {
        let (person, other) = (practice.person("Ada", role).await, practice.person("Bo", role).await);
        let laptop = sign_in_by(&practice, &person, "Laptop").await;
        let phone = sign_in_by(&practice, &person, "Phone").await;
        let path = format!("{}/auth/sessions", person.door());
        let list = person.get(&path).await.expect(200);
        let items = list["items"].as_array().unwrap();
        assert_eq!(items.len(), 3);
        assert_eq!(items.iter().filter(|item| item["current"] == true).count(), 1);
        let laptops = items.iter().find(|item| item["userAgent"] == "Laptop").unwrap();
        assert_eq!((laptops["address"].as_str(), laptops["current"].as_bool()), (Some("127.0.0.1"), Some(false)));
        let one = format!("{path}/{}", text(laptops, "id"));
        other.delete(&one).await.refused(404, "notFound");
        other.delete(&format!("{path}/{}", SignInId::new())).await.refused(404, "notFound");
        person.delete(&one).await.expect(204);
        person.delete(&one).await.refused(404, "notFound");
        assert_eq!((status_with(&practice, &laptop).await, status_with(&practice, &phone).await), (401, 200));
        assert_eq!(person.get(&path).await.expect(200)["items"].as_array().unwrap().len(), 2);
        person.post(&format!("{}/auth/logout-everywhere", person.door()), json!({})).await.expect(204);
        assert_eq!(status_with(&practice, &phone).await, 401);
        person.get("auth/me").await.refused(401, "unauthenticated");
        other.get("auth/me").await.expect(200);
    }
    let rows = "SELECT count(*) FROM audit_events WHERE action = 'session.ended' AND actor_id IS NOT NULL";
    assert_eq!(practice.database.query(rows).await, ["4"]);
}

#[actix_web::test]
async fn who_is_signed_out_everywhere_is_out_on_both_nodes_within_five_seconds() {
    let practice = Practice::start().await;
    let other_node = Hub::start(&practice.database).await;
    let client = practice.person("Ada", Role::Client).await;
    let body = json!({"email": client.email, "password": PASSWORD});
    let second = practice.request(Method::POST, "/api/v1/portal/auth/login").json(&body).send().await.unwrap();
    let second = text(&answer(second).await.expect(200), "accessToken").to_owned();
    let second = Someone { id: client.id.to_string(), token: second };
    let mut here = Client::synced(&practice.hub, &client.someone()).await;
    let mut there = Client::synced(&other_node, &second).await;
    client.post("portal/auth/logout-everywhere", json!({})).await.expect(204);
    let closed = tokio::time::timeout(Duration::from_secs(5), async { (here.closed().await, there.closed().await) });
    assert_eq!(closed.await.expect("sockets lived on"), (Some(4401), Some(4401)));
    let (status, _) = other_node.call(Method::GET, "/api/v1/auth/me", &second, None).await;
    assert_eq!(status, 401);
}

#[actix_web::test]
async fn a_password_shown_again_is_recent_for_five_minutes_and_guessing_it_locks_the_account() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let recent = async || {
        let found = "SELECT reauthenticated_at > now() - interval '5 minutes' FROM sign_in_sessions WHERE user_id = ";
        practice.database.query(&format!("{found}'{}'", client.id)).await == ["t"]
    };
    practice.database.query("UPDATE sign_in_sessions SET reauthenticated_at = now() - interval '5 minutes'").await;
    let again = async |password: &str| client.post("portal/auth/reauthenticate", json!({ "password": password })).await;
    again("wrong").await.refused(401, "invalidCredentials");
    assert!(!recent().await);
    again(PASSWORD).await.expect(204);
    assert!(recent().await);
    for _ in 0..4 {
        again("wrong").await.refused(401, "invalidCredentials");
    }
    again(PASSWORD).await.refused(401, "invalidCredentials");
    // Locked, and told so by e-mail; the session itself goes on.
    client.get("auth/me").await.expect(200);
    assert_eq!(practice.database.query("SELECT kind FROM outbox").await, ["security"]);
}

#[actix_web::test]
async fn a_sign_in_from_a_new_program_or_network_is_told_by_e_mail_and_a_known_one_is_not() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    practice.database.query("DELETE FROM sign_in_sessions").await;
    let told = async || practice.database.query("SELECT count(*) FROM outbox WHERE kind = 'security'").await[0].clone();
    sign_in_by(&practice, &client, "Laptop").await;
    assert_eq!(told().await, "0", "the first of all is nothing new");
    sign_in_by(&practice, &client, "Laptop").await;
    assert_eq!(told().await, "0");
    sign_in_by(&practice, &client, "Phone").await;
    assert_eq!(told().await, "1");
    practice.database.query("UPDATE sign_in_sessions SET address = '127.0.0.77'").await;
    sign_in_by(&practice, &client, "Phone").await;
    assert_eq!(told().await, "1", "the same network");
    practice.database.query("UPDATE sign_in_sessions SET address = '192.0.2.1'").await;
    sign_in_by(&practice, &client, "Phone").await;
    assert_eq!(told().await, "2");
    practice.database.query("UPDATE sign_in_sessions SET created_at = now() - interval '91 days'").await;
    sign_in_by(&practice, &client, "Phone").await;
    assert_eq!(told().await, "3", "known, but long ago");
}

#[actix_web::test]
async fn a_lock_spares_live_sessions_and_tells_its_person_once() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let mut live = Client::synced(&practice.hub, &client.someone()).await;
    let browser = sign_in_by(&practice, &client, "Laptop").await;
    practice.database.query("DELETE FROM outbox").await;
    for _ in 0..8 {
        practice.sign_in("portal", &client.email, "wrong").await;
    }
    answer(practice.sign_in("portal", &client.email, PASSWORD).await).await.refused(401, "invalidCredentials");
    assert_eq!(status_with(&practice, &browser).await, 200);
    assert_eq!(live.ask(json!({"type": "ping"})).await["type"], "pong");
    assert_eq!(practice.database.query("SELECT count(*) FROM outbox").await, ["1"]);
}
