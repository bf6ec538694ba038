use crate::support::{
    authenticator::Authenticator,
    practice::{Answer, Caller, PASSWORD, Practice, answer},
};
use carehub::accounts::Role;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

/// As browsers see the hub: passkeys need a name.
fn origin(practice: &Practice) -> String {
    format!("http://localhost:{}", practice.hub.address.port())
}

async fn post(practice: &Practice, path: &str, token: Option<&str>, body: &Value) -> Answer {
    let url = format!("/api/v1/{path}");
    let host = origin(practice).replace("http://", "");
    let mut request = practice.request(Method::POST, &url).header("host", host).json(body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    answer(request.send().await.unwrap()).await
}

async fn add(practice: &Practice, who: &Caller) -> Authenticator {
    let at = format!("{}/auth/passkeys/register", who.door());
    let question = post(practice, &format!("{at}/start"), Some(&who.token), &json!({})).await.expect(200);
    let (authenticator, credential) = Authenticator::create(&origin(practice), &question);
    let made = json!({"ceremony": question["ceremony"], "name": "My phone", "credential": credential});
    post(practice, &format!("{at}/finish"), Some(&who.token), &made).await.expect(201);
    authenticator
}

async fn ask(practice: &Practice, door: &str, login: Value) -> Value {
    post(practice, &format!("{door}/auth/passkeys/sign-in/start"), None, &login).await.expect(200)
}

async fn present(practice: &Practice, door: &str, ceremony: &Value, credential: Value) -> Answer {
    let body = json!({"ceremony": ceremony, "credential": credential});
    post(practice, &format!("{door}/auth/passkeys/sign-in/finish"), None, &body).await
}

#[actix_web::test]
async fn a_passkey_signs_in_without_e_mail_address_and_password() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let mut passkey = add(&practice, &client).await;
    let listed = client.get("portal/auth/passkeys").await.expect(200);
    assert_eq!(listed["items"][0]["name"], "My phone");
    assert!(listed["items"][0]["lastUsedAt"].is_null());

    let question = ask(&practice, "portal", json!({})).await;
    assert_eq!(question["publicKey"]["allowCredentials"], json!([]), "somebody is named before anybody signed in");
    let signed_in = present(&practice, "portal", &question["ceremony"], passkey.get(&question)).await.expect(200);
    let caller = client.with_token(signed_in["accessToken"].as_str().unwrap());
    assert_eq!(caller.get("auth/me").await.expect(200)["id"], client.id.to_string());
    assert!(client.get("portal/auth/passkeys").await.expect(200)["items"][0]["lastUsedAt"].is_string());
    // At the other door it opens nothing.
    let question = ask(&practice, "ehr", json!({})).await;
    let refused = present(&practice, "ehr", &question["ceremony"], passkey.get(&question)).await;
    refused.refused(401, "invalidPasskey");
}

#[actix_web::test]
async fn a_passkey_of_a_page_that_only_looks_like_ours_is_refused() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let mut passkey = add(&practice, &client).await;
    for foreign in ["http://localhost.evil.example", "https://evil.example", "http://localhost:1", "null"] {
        passkey.origin = foreign.into();
        let question = ask(&practice, "portal", json!({})).await;
        let refused = present(&practice, "portal", &question["ceremony"], passkey.get(&question)).await;
        refused.refused(401, "invalidPasskey");
    }
    // Nor is one made there.
    let at = "portal/auth/passkeys/register";
    let question = post(&practice, &format!("{at}/start"), Some(&client.token), &json!({})).await.expect(200);
    let (_, credential) = Authenticator::create("https://evil.example", &question);
    let made = json!({"ceremony": question["ceremony"], "name": "Theirs", "credential": credential});
    post(&practice, &format!("{at}/finish"), Some(&client.token), &made).await.refused(422, "invalid");
}

#[actix_web::test]
async fn a_challenge_is_answered_once() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let mut passkey = add(&practice, &client).await;
    let question = ask(&practice, "portal", json!({})).await;
    let answers: Vec<Value> = (0..10).map(|_| passkey.get(&question)).collect();
    let at_once = answers.into_iter().map(|answer| present(&practice, "portal", &question["ceremony"], answer));
    let let_in = join_all(at_once).await.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(let_in, 1);
    // An answer to another challenge.
    let (first, second) = (ask(&practice, "portal", json!({})).await, ask(&practice, "portal", json!({})).await);
    let answer = passkey.get(&first);
    present(&practice, "portal", &second["ceremony"], answer.clone()).await.refused(401, "invalidPasskey");
    // A challenge that waited too long.
    practice.database.query("UPDATE passkey_ceremonies SET expires_at = now() - interval '1 second'").await;
    present(&practice, "portal", &first["ceremony"], answer).await.refused(401, "invalidPasskey");
    // A registration's challenge signs nobody in.
    let at = "portal/auth/passkeys/register/start";
    let making = post(&practice, at, Some(&client.token), &json!({})).await.expect(200);
    let answer = passkey.get(&making);
    present(&practice, "portal", &making["ceremony"], answer).await.refused(401, "invalidPasskey");
}

#[actix_web::test]
async fn a_counter_that_goes_back_is_refused() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let mut passkey = add(&practice, &client).await;
    let mut use_at = async |counter: u32| {
        let question = ask(&practice, "portal", json!({})).await;
        passkey.counter = counter - 1;
        present(&practice, "portal", &question["ceremony"], passkey.get(&question)).await
    };
    use_at(7).await.expect(200);
    for copied in [7, 3, 1] {
        use_at(copied).await.refused(401, "invalidPasskey");
    }
    use_at(8).await.expect(200);
}

#[actix_web::test]
async fn an_altered_answer_or_anothers_passkey_is_refused() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let other = practice.person("Bea", Role::Client).await;
    let mut passkey = add(&practice, &client).await;
    let mut others = add(&practice, &other).await;
    let alterations: [fn(&mut Value); 4] = [
        |answer| answer["response"]["signature"] = json!("MEQCIA"),
        |answer| answer["response"]["userHandle"] = Value::Null,
        |answer| answer["response"]["userHandle"] = json!("AAAAAAAAAAAAAAAAAAAAAA"),
        |answer| answer["rawId"] = json!("AAAAAAAAAAAAAAAAAAAAAA"),
    ];
    for alter in alterations {
        let question = ask(&practice, "portal", json!({})).await;
        let mut answer = passkey.get(&question);
        alter(&mut answer);
        present(&practice, "portal", &question["ceremony"], answer).await.refused(401, "invalidPasskey");
    }
    // One's own passkey under another's name.
    let question = ask(&practice, "portal", json!({})).await;
    let mut answer = passkey.get(&question);
    answer["response"]["userHandle"] = others.get(&question)["response"]["userHandle"].clone();
    present(&practice, "portal", &question["ceremony"], answer).await.refused(401, "invalidPasskey");
}

#[actix_web::test]
async fn a_passkey_is_the_second_factor_after_a_password() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let mut passkey = add(&practice, &client).await;
    let mut others = add(&practice, &practice.person("Bea", Role::Client).await).await;
    let asked = answer(practice.sign_in("portal", &client.email, PASSWORD).await).await.expect(200);
    assert_eq!(asked["mfa"]["methods"], json!(["passkey"]));
    let ticket = &asked["mfa"]["ticket"];
    let finish = async |passkey: &mut Authenticator| {
        let question = ask(&practice, "portal", json!({"ticket": ticket})).await;
        assert_eq!(question["publicKey"]["allowCredentials"].as_array().unwrap().len(), 1);
        let body = json!({"ceremony": question["ceremony"], "ticket": ticket, "credential": passkey.get(&question)});
        post(&practice, "portal/auth/passkeys/sign-in/finish", None, &body).await
    };
    finish(&mut others).await.refused(401, "invalidPasskey");
    let signed_in = finish(&mut passkey).await.expect(200);
    assert_eq!(signed_in["user"]["id"], client.id.to_string());
}

#[actix_web::test]
async fn a_locked_account_still_opens_with_its_passkey() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let mut passkey = add(&practice, &client).await;
    for _ in 0..5 {
        practice.sign_in("portal", &client.email, "wrong").await;
    }
    answer(practice.sign_in("portal", &client.email, PASSWORD).await).await.refused(401, "invalidCredentials");
    let question = ask(&practice, "portal", json!({})).await;
    present(&practice, "portal", &question["ceremony"], passkey.get(&question)).await.expect(200);
    practice.database.query("UPDATE users SET status = 'disabled'").await;
    let question = ask(&practice, "portal", json!({})).await;
    let refused = present(&practice, "portal", &question["ceremony"], passkey.get(&question)).await;
    refused.refused(401, "invalidPasskey");
}

#[actix_web::test]
async fn a_passkey_that_was_removed_opens_nothing() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let other = practice.person("Bea", Role::Client).await;
    let mut passkey = add(&practice, &client).await;
    let id = client.get("portal/auth/passkeys").await.expect(200)["items"][0]["id"].as_str().unwrap().to_owned();
    other.delete(&format!("portal/auth/passkeys/{id}")).await.refused(404, "notFound");
    client.delete(&format!("portal/auth/passkeys/{id}")).await.expect(204);
    client.delete(&format!("portal/auth/passkeys/{id}")).await.refused(404, "notFound");
    let question = ask(&practice, "portal", json!({})).await;
    let refused = present(&practice, "portal", &question["ceremony"], passkey.get(&question)).await;
    refused.refused(401, "invalidPasskey");
    assert!(answer(practice.sign_in("portal", &client.email, PASSWORD).await).await.expect(200)["user"].is_object());
}

#[actix_web::test]
async fn at_a_bare_address_there_are_no_passkeys_and_the_refusal_says_why() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let refused = client.post("portal/auth/passkeys/register/start", json!({})).await.refused(409, "conflict");
    assert!(refused["detail"].as_str().unwrap().contains("CAREHUB_PUBLIC_URL"));
}
