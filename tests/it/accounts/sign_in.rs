use crate::support::{
    keys,
    practice::{Answer, PASSWORD, Practice, answer},
};
use carehub::accounts::Role;
use reqwest::Method;
use std::time::{Duration, Instant};

#[actix_web::test]
async fn each_door_lets_in_its_own_and_tells_nobody_anything_else() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let clinician = practice.person("Maya", Role::Clinician).await;
    let unknown = answer(practice.sign_in("portal", "nobody@example.org", PASSWORD).await).await;
    assert_eq!(unknown.status, 401);
    assert_eq!(unknown.body["code"], "invalidCredentials");
    for (door, who, password) in [
        ("portal", &client.email, "wrong"),
        ("ehr", &client.email, PASSWORD),
        ("portal", &clinician.email, PASSWORD),
        ("portal", &"a\0b".to_owned(), PASSWORD),
    ] {
        assert_eq!(answer(practice.sign_in(door, who, password).await).await, unknown, "{door} {who:?}");
    }
    let signed_in = practice.sign_in("portal", &client.email.to_uppercase(), PASSWORD).await;
    let cookie = signed_in.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("carehub_session=") && cookie.ends_with("; HttpOnly; SameSite=Strict; Path=/"));
    let body = answer(signed_in).await.expect(200);
    assert_eq!(body["tokenType"], "Bearer");
    assert_eq!(body["user"]["role"], "client");
    assert_eq!(body["user"]["practice"]["timeZone"], "America/Chicago");
    let me = practice.request(Method::GET, "/api/v1/auth/me").bearer_auth(body["accessToken"].as_str().unwrap());
    assert_eq!(answer(me.send().await.unwrap()).await.expect(200)["id"], client.id.to_string());
}

#[actix_web::test]
async fn five_failures_in_a_row_lock_the_account_and_nobody_can_tell() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let attempt = async |password: &str| answer(practice.sign_in("portal", &client.email, password).await).await;
    for _ in 0..4 {
        attempt("wrong").await.refused(401, "invalidCredentials");
    }
    attempt(PASSWORD).await.expect(200);
    let mut wrong = attempt("wrong").await;
    for _ in 0..4 {
        wrong = attempt("wrong").await;
    }
    let locked: Answer = attempt(PASSWORD).await;
    assert_eq!(locked, wrong);
    // What lives goes on: locking somebody out is no weapon.
    client.get("auth/me").await.expect(200);
    practice.database.query("UPDATE users SET locked_until = locked_until - interval '29 minutes'").await;
    assert_eq!(attempt(PASSWORD).await, wrong);
    practice.database.query("UPDATE users SET locked_until = locked_until - interval '61 seconds'").await;
    attempt(PASSWORD).await.expect(200);
}

#[actix_web::test]
async fn guesses_in_parallel_are_counted_too() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let guesses = (0..12).map(|_| practice.sign_in("portal", &client.email, "wrong"));
    futures_util::future::join_all(guesses).await;
    answer(practice.sign_in("portal", &client.email, PASSWORD).await).await.refused(401, "invalidCredentials");
}

#[actix_web::test]
async fn an_unknown_address_takes_as_long_as_a_wrong_password() {
    const ROUNDS: usize = 15;
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let time = async |email: &str| {
        let since = Instant::now();
        practice.sign_in("portal", email, "wrong").await;
        since.elapsed()
    };
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        known.push(time(&client.email).await);
        unknown.push(time("nobody@example.org").await);
    }
    known.sort();
    unknown.sort();
    // Without the hashing for nobody, one would take a tenth of the other. The rest is the machine's noise.
    let (known, unknown) = (known[ROUNDS / 2], unknown[ROUNDS / 2]);
    assert!(unknown * 2 > known && known * 2 > unknown, "known {known:?}, unknown {unknown:?}");
    assert!(unknown > Duration::from_millis(5), "no hashing at all: {unknown:?}");
}

#[actix_web::test]
async fn a_page_gets_the_cookie_alone_and_a_program_what_it_asks_for() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let login = |tokens: Option<bool>| {
        let body = serde_json::json!({"email": client.email, "password": PASSWORD, "tokens": tokens});
        practice.request(Method::POST, "/api/v1/portal/auth/login").json(&body)
    };
    let page = login(None).header("origin", practice.hub.url("")).send().await.unwrap();
    assert!(page.headers().contains_key("set-cookie"));
    assert_eq!(keys(&answer(page).await.expect(200)), ["user"]);
    let program = login(Some(true)).send().await.unwrap();
    assert!(!program.headers().contains_key("set-cookie"));
    assert!(answer(program).await.expect(200)["accessToken"].is_string());
}

#[actix_web::test]
async fn every_sign_in_and_every_refusal_is_on_record_with_its_reason() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    practice.sign_in("portal", &client.email, PASSWORD).await;
    practice.sign_in("portal", &client.email, "wrong").await;
    practice.sign_in("ehr", &client.email, PASSWORD).await;
    practice.sign_in("portal", "nobody@example.org", PASSWORD).await;
    let rows = "SELECT concat_ws(' ', outcome, coalesce(actor_id, object_id) = client_id, host(address), detail->>'reason') \
        FROM audit_events WHERE action = 'session.begun' ORDER BY id";
    let expected = [
        "done t 127.0.0.1",
        "refused t 127.0.0.1 wrongPassword",
        "refused t 127.0.0.1 wrongDoor",
        "refused 127.0.0.1 wrongPassword",
    ];
    assert_eq!(practice.database.query(rows).await, expected);
}
