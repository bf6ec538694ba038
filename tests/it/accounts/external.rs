use crate::support::{
    identity_provider::{Arrived, IdentityProvider, Visitor},
    practice::{Caller, Practice, answer},
};
use carehub::accounts::Role;
use reqwest::{Method, Url};
use serde_json::json;

/// A practice whose hub knows these providers.
async fn practice(providers: &[(&str, &IdentityProvider)]) -> Practice {
    let names: Vec<&str> = providers.iter().map(|(name, _)| *name).collect();
    let mut settings = vec![("OIDC_PROVIDERS".to_owned(), names.join(","))];
    for (name, provider) in providers {
        settings.extend(provider.settings(name));
    }
    let settings: Vec<(&str, &str)> = settings.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let practice = Practice::start_with(&settings).await;
    for (name, provider) in providers {
        provider.know(&practice.hub, name).await;
    }
    practice
}

async fn link(practice: &Practice, who: &Caller, provider: &str) -> Arrived {
    let browser = Visitor::new(&practice.hub);
    let back = browser.sets_out_to_link(who, provider).await;
    browser.arrives(back).await
}

/// The same address with another value of one parameter.
fn with(address: &Url, name: &str, value: &str) -> Url {
    let pairs: Vec<(String, String)> = address.query_pairs().into_owned().filter(|(key, _)| key != name).collect();
    let mut altered = address.clone();
    altered.query_pairs_mut().clear().extend_pairs(pairs).append_pair(name, value);
    altered
}

fn parameter(address: &Url, name: &str) -> String {
    address.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned()
}

#[actix_web::test]
async fn a_linked_identity_opens_its_own_account() {
    let provider = IdentityProvider::start().await;
    let practice = practice(&[("acme", &provider)]).await;
    let client = practice.person("Ada", Role::Client).await;
    let browser = Visitor::new(&practice.hub);
    // Nobody's yet, whatever e-mail address the provider tells.
    practice.database.query("UPDATE users SET email = 'ada@example.org'").await;
    let back = browser.sets_out("portal", "acme").await;
    let arrived = browser.arrives(back).await;
    assert!(arrived.address == "/sign-in?provider=unknown" && !arrived.has_session, "{arrived:?}");

    let linked = link(&practice, &client, "acme").await;
    assert!(linked.address == "/portal/account/security?provider=linked" && !linked.has_session, "{linked:?}");
    let listed = client.get("portal/auth/oidc").await.expect(200);
    assert_eq!(listed["items"], json!([{"id": "acme", "name": "Acme", "linked": true}]));

    let back = browser.sets_out("portal", "acme").await;
    let arrived = browser.arrives(back.clone()).await;
    assert!(arrived.address == "/portal" && arrived.has_session, "{arrived:?}");
    let me = browser.request(Method::GET, "auth/me").send().await.unwrap();
    assert_eq!(answer(me).await.expect(200)["id"], client.id.to_string());
    // It leads back once.
    assert!(!browser.arrives(back).await.has_session);
    // The other door is not open to it.
    let back = browser.sets_out("ehr", "acme").await;
    assert_eq!(browser.arrives(back).await.address, "/sign-in?door=clinician&provider=unknown");

    client.delete("portal/auth/oidc/acme/link").await.expect(204);
    client.delete("portal/auth/oidc/acme/link").await.refused(404, "notFound");
    let back = browser.sets_out("portal", "acme").await;
    assert_eq!(browser.arrives(back).await.address, "/sign-in?provider=unknown");
}

#[actix_web::test]
async fn whatever_is_broken_on_the_way_back_nobody_comes_in() {
    let provider = IdentityProvider::start().await;
    let practice = practice(&[("acme", &provider)]).await;
    let client = practice.person("Ada", Role::Client).await;
    link(&practice, &client, "acme").await;
    let refused = async |browser: &Visitor, back: Url, reason: &str| {
        let arrived = browser.arrives(back).await;
        assert!(arrived.address == "/sign-in?provider=refused" && !arrived.has_session, "{reason}: {arrived:?}");
        let last = "SELECT detail->>'reason' FROM audit_events WHERE outcome = 'refused' ORDER BY id DESC LIMIT 1";
        assert_eq!(practice.database.query(last).await, [reason]);
    };
    let new = || Visitor::new(&practice.hub);

    // The state.
    let browser = new();
    let back = browser.sets_out("portal", "acme").await;
    refused(&browser, with(&back, "state", "another"), "stateMismatch").await;
    // The browser.
    let back = new().sets_out("portal", "acme").await;
    refused(&new(), back, "notSent").await;
    // Who sent it.
    let browser = new();
    let back = browser.sets_out("portal", "acme").await;
    refused(&browser, with(&back, "iss", "https://evil.example"), "issuerMismatch").await;
    // PKCE: a code that another browser was given, on one's own way back.
    let (theirs, browser) = (new(), new());
    let stolen = parameter(&theirs.sets_out("portal", "acme").await, "code");
    let back = browser.sets_out("portal", "acme").await;
    refused(&browser, with(&back, "code", &stolen), "codeRefused").await;
    // A code that is none.
    let browser = new();
    let back = browser.sets_out("portal", "acme").await;
    refused(&browser, with(&back, "code", "guessed"), "codeRefused").await;

    // The token: for another journey, for another client, by another issuer, over, signed by somebody else.
    let wrongs = [
        json!({"claims": {"nonce": "another"}}),
        json!({"claims": {"aud": "another-client"}}),
        json!({"claims": {"aud": ["carehub", "another-client"]}}),
        json!({"claims": {"iss": "https://evil.example"}}),
        json!({"claims": {"exp": 1_600_000_000, "iat": 1_600_000_000 - 60}}),
        json!({"foreignKey": true}),
    ];
    for wrong in wrongs {
        let browser = new();
        let back = browser.sets_out("portal", "acme").await;
        provider.set(wrong.clone()).await;
        refused(&browser, back, "tokenRefused").await;
        provider.set(json!({})).await;
    }
    // And whole, it opens.
    let browser = new();
    let back = browser.sets_out("portal", "acme").await;
    assert!(browser.arrives(back).await.has_session);
}

#[actix_web::test]
async fn the_same_name_and_e_mail_address_at_another_issuer_opens_nothing() {
    let (first, second) = (IdentityProvider::start().await, IdentityProvider::start().await);
    let practice = practice(&[("first", &first), ("second", &second)]).await;
    let client = practice.person("Ada", Role::Client).await;
    link(&practice, &client, "first").await;
    let browser = Visitor::new(&practice.hub);
    let back = browser.sets_out("portal", "second").await;
    let arrived = browser.arrives(back).await;
    assert!(arrived.address == "/sign-in?provider=unknown" && !arrived.has_session, "{arrived:?}");
    // What one provider answered is no answer of the other (mix-up).
    let back = browser.sets_out("portal", "second").await;
    let address = back.as_str().replace("/oidc/second/", "/oidc/first/").parse().unwrap();
    assert_eq!(browser.arrives(address).await.address, "/sign-in?provider=refused");
}

#[actix_web::test]
async fn an_identity_is_linked_to_one_account_and_only_while_its_person_is_signed_in() {
    let provider = IdentityProvider::start().await;
    let practice = practice(&[("acme", &provider)]).await;
    let (ada, bea) = (practice.person("Ada", Role::Client).await, practice.person("Bea", Role::Client).await);
    link(&practice, &ada, "acme").await;
    assert_eq!(link(&practice, &bea, "acme").await.address, "/portal/account/security?provider=taken");
    provider.set(json!({"sub": "bea"})).await;
    let browser = Visitor::new(&practice.hub);
    let back = browser.sets_out_to_link(&bea, "acme").await;
    bea.post("portal/auth/logout", json!({})).await.expect(204);
    assert_eq!(browser.arrives(back).await.address, "/portal/account/security?provider=taken");
    let linked = practice.database.query("SELECT user_id FROM external_identities").await;
    assert_eq!(linked, [ada.id.to_string()]);
}

#[actix_web::test]
async fn an_identity_provider_does_not_get_round_the_second_factor() {
    let provider = IdentityProvider::start().await;
    let practice = practice(&[("acme", &provider)]).await;
    let client = practice.person("Ada", Role::Client).await;
    link(&practice, &client, "acme").await;
    let app = client.enrol().await;
    let browser = Visitor::new(&practice.hub);
    let back = browser.sets_out("portal", "acme").await;
    let arrived = browser.arrives(back).await;
    assert!(!arrived.has_session);
    let ticket = arrived.address.strip_prefix("/sign-in#ticket=").unwrap();
    // The page asks for the second step, and asking is no guess.
    for _ in 0..6 {
        let page = practice.request(Method::POST, "/sign-in/second-step");
        let filled = format!("ticket={ticket}&door=portal");
        let page = page.header("content-type", "application/x-www-form-urlencoded").body(filled).send().await.unwrap();
        assert_eq!(page.status(), 200);
        assert!(page.text().await.unwrap().contains(r#"name="code""#));
    }
    practice.verify(&client, ticket, &app.code(1)).await.expect(200);
}

#[actix_web::test]
async fn a_provider_that_is_away_is_a_sign_in_page_that_says_so() {
    let provider = IdentityProvider::start().await;
    let practice = practice(&[("acme", &provider)]).await;
    // Away when somebody comes back, and before anybody was sent there.
    let back = Visitor::new(&practice.hub);
    let address = back.sets_out("portal", "acme").await;
    drop(provider);
    assert_eq!(back.arrives(address).await.address, "/sign-in?provider=away");
    let elsewhere = Practice::start_with(&[
        ("OIDC_PROVIDERS", "acme"),
        ("OIDC_ACME_ISSUER", "http://127.0.0.1:9"),
        ("OIDC_ACME_CLIENT_ID", "carehub"),
        ("OIDC_ACME_CLIENT_SECRET", "a secret of the tests"),
    ])
    .await;
    for (door, page) in [("portal", "/sign-in?provider=away"), ("ehr", "/sign-in?door=clinician&provider=away")] {
        let gone = Visitor::new(&elsewhere.hub).request(Method::GET, &format!("{door}/auth/oidc/acme"));
        let gone = gone.header("accept", "text/html").send().await.unwrap();
        assert_eq!((gone.status().as_u16(), gone.headers()["location"].to_str().unwrap()), (302, page));
        let shown = elsewhere.request(Method::GET, page).send().await.unwrap().text().await.unwrap();
        assert!(shown.contains("does not answer at the moment"), "{shown}");
    }
}
