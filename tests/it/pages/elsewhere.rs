//! Signing in through an identity provider, and the way back for somebody who lost their second step.

use super::Room;
use crate::support::{Browser, Screen, app::App, browser, identity_provider::IdentityProvider, practice::Practice};
use carehub::accounts::Role;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_links_an_account_elsewhere_signs_in_with_it_and_unlinks_it() {
    let provider = IdentityProvider::start().await;
    let mut settings = vec![("OIDC_PROVIDERS".to_owned(), "acme".to_owned())];
    settings.extend(provider.settings("acme"));
    let settings: Vec<(&str, &str)> = settings.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let practice = Practice::start_with(&settings).await;
    provider.know(&practice.hub, "acme").await;
    let clinician = practice.person("Dr. Ben Hill", Role::Clinician).await;
    let [window] = browser::open(&practice.hub.url(""), [Screen::Desktop]).await;

    // Not linked yet: it opens nothing, whoever is signed in there.
    window.go("/sign-in?door=clinician").await;
    window.press_button("Sign in with Acme").await;
    window.wait_for_text("[role=alert]", "opens none here").await;

    window.sign_in(&clinician).await;
    window.go("/ehr/account").await;
    window.press_button("Link Acme").await;
    window.wait_for_text(".toast", "Linked").await;
    window.wait_for_text("care-outside-identities .record", "Linked").await;
    assert_eq!(window.path().await, "/ehr/account/security");
    window.sign_out().await;
    window.click("[name=door][value=clinician]").await;
    window.press_button("Sign in with Acme").await;
    window.wait("the inbox", "location.pathname === '/ehr' && !!document.body.dataset.userId").await;

    window.go("/ehr/account").await;
    window.press_button("Unlink Acme").await;
    window.wait_for_text("dialog", "Your password and passkeys still do").await;
    window.click("dialog button[type=submit]").await;
    window
        .wait("no link", "!document.querySelector('care-outside-identities .record').innerText.includes('Linked')")
        .await;
    window.must_be_content().await;
}

/// Gives somebody an authenticator app by the calls, as the page would.
async fn enrol(who: &crate::support::practice::Caller) -> App {
    let door = who.door();
    let app = App::scan(&who.post(&format!("{door}/auth/mfa/totp"), json!({})).await.expect(200));
    who.post(&format!("{door}/auth/mfa/totp/confirm"), json!({"code": app.code(0)})).await.expect(200);
    app
}

async fn asks_for_a_second_step(window: &Browser, who: &crate::support::practice::Caller) {
    window.go("/sign-in").await;
    window.fill_in_sign_in(who).await;
    window.wait_for_text("h1", "One more step").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_lost_the_second_step_is_let_in_again_by_the_practice() {
    let room = Room::new().await;
    let staff = room.practice.person("Flo Gray", Role::Staff).await;
    let admin = room.practice.person("Hal Ives", Role::Admin).await;
    enrol(&room.client).await;
    enrol(&room.clinician).await;
    let [lost, desk] = browser::open(&room.practice.hub.url(""), [Screen::Phone, Screen::Desktop]).await;
    asks_for_a_second_step(&lost, &room.client).await;
    desk.sign_in(&staff).await;
    desk.go("/ehr/clients").await;
    desk.press_button("Reset second step: Ann Field").await;
    desk.wait_for_text("dialog", "Do this only when you are sure who is asking").await;
    desk.click("dialog button[type=submit]").await;
    desk.wait_for_text(".toast", "The second step of Ann Field is reset").await;
    lost.sign_in(&room.client).await;
    lost.sign_out().await;

    // A colleague's is the administrators' business.
    asks_for_a_second_step(&lost, &room.clinician).await;
    desk.sign_out().await;
    desk.sign_in(&admin).await;
    desk.go("/ehr/admin").await;
    desk.press_button("Reset second step: Dr. Ben Hill").await;
    desk.click("dialog button[type=submit]").await;
    desk.wait_for_text(".toast", "The second step of Dr. Ben Hill is reset").await;
    lost.sign_in(&room.clinician).await;
    lost.must_be_content().await;
    desk.must_be_content().await;
}
