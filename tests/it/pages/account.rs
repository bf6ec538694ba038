//! One's own account, as its person sees and changes it.

use super::Room;
use crate::support::{
    Browser, Screen,
    app::App,
    browser,
    practice::{PASSWORD, Practice},
};
use carehub::accounts::Role;
use serde_json::json;

const SECOND_STEP: &str = "form[action='/sign-in/second-step'] button";

impl Browser {
    /// Types a code on the page that asks for a second step.
    async fn second_step(&self, code: &str) {
        self.write("[name=code]", code).await;
        self.click(SECOND_STEP).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_sees_where_they_are_signed_in_and_signs_another_device_out() {
    let room = Room::new().await;
    let [desk, phone] = browser::open(&room.practice.hub.url(""), [Screen::Desktop, Screen::Phone]).await;
    phone.forgive(&["status of 401", "WebSocket connection to"]);
    phone.sign_in(&room.client).await;
    phone.online(true).await;
    desk.sign_in(&room.client).await;
    desk.press_button("Account").await;
    desk.press_button("Security").await;
    desk.wait_for_text("care-sessions .record", "This device").await;
    let others = "[...document.querySelectorAll('care-sessions .record')].filter((one) => !one.innerText.includes('This device')).length";
    let before = desk.eval(others).await.as_u64().unwrap();
    assert!(before >= 1);
    desk.press_button("Sign out Chrome").await;
    desk.wait_for_text("dialog", "has to sign in again").await;
    desk.click("dialog button[type=submit]").await;
    desk.wait("one less", &format!("{others} === {}", before - 1)).await;
    phone.wait("the sign-in page", "location.pathname === '/sign-in'").await;
    desk.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_sets_up_an_app_signs_in_with_it_and_turns_it_off() {
    let room = Room::new().await;
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Phone]).await;
    window.forgive(&["status of 401", "status of 403", "status of 422"]);
    window.sign_in(&room.client).await;
    // The hub is asked for a recent proof of who it is.
    let old = "UPDATE sign_in_sessions SET reauthenticated_at = now() - interval '1 hour'";
    room.practice.database.query(old).await;
    window.go("/portal/account/security").await;
    window.press_button("Set up an authenticator app").await;
    window.wait_for_text("dialog", "Please confirm that it is you").await;
    window.write("dialog [name=password]", "not this one at all").await;
    window.click("dialog button[type=submit]").await;
    window.find("dialog .failure").await;
    window.find("dialog [name=password]").await.clear().await.unwrap();
    window.write("dialog [name=password]", PASSWORD).await;
    window.click("dialog button[type=submit]").await;

    window.find("dialog svg.qr path").await;
    let secret = window.eval("document.querySelector('dialog .secret').textContent.replaceAll(' ', '')").await;
    let app = App::scan(&json!({"secret": secret}));
    window.write("dialog [name=code]", &app.wrong_code()).await;
    window.click("dialog button[type=submit]").await;
    window.find("dialog .failure").await;
    window.find("dialog [name=code]").await.clear().await.unwrap();
    window.write("dialog [name=code]", &app.code(0)).await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("dialog", "Keep your backup codes").await;
    let codes = super::strings(
        &window.eval("[...document.querySelectorAll('.codes code')].map(({ textContent }) => textContent)").await,
    );
    assert_eq!(codes.len(), 10);
    window.click("dialog [type=checkbox]").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("care-second-factor", "10 backup codes are left").await;

    // The page that one wanted is there after both steps.
    window.sign_out().await;
    window.go(&room.path(&room.client)).await;
    window.fill_in_sign_in(&room.client).await;
    window.second_step(&app.wrong_code()).await;
    window.wait_for_text("[role=alert]", "This code is not right").await;
    window.second_step(&codes[0]).await;
    window.connected().await;
    assert_eq!(window.path().await, room.path(&room.client));

    window.go("/portal/account/security").await;
    window.wait_for_text("care-second-factor", "9 backup codes are left").await;
    window.press_button("Turn it off").await;
    window.wait_for_text("dialog", "Your password alone").await;
    window.click("dialog button[type=submit]").await;
    window.find("care-second-factor .primary").await;
    window.sign_out().await;
    window.sign_in(&room.client).await;
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_adds_a_passkey_and_signs_in_without_a_password() {
    let room = Room::new().await;
    let base = room.practice.hub.url("").replace("127.0.0.1", "localhost");
    let [window] = browser::open(&base, [Screen::Desktop]).await;
    window.sign_in(&room.clinician).await;
    window.devtools("WebAuthn.enable", json!({})).await;
    let device = json!({"protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
        "hasUserVerification": true, "isUserVerified": true, "automaticPresenceSimulation": true});
    window.devtools("WebAuthn.addVirtualAuthenticator", json!({"options": device})).await;
    window.go("/ehr/account").await;
    window.press_button("Add a passkey").await;
    window.write("dialog [name=name]", "This desk").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("care-passkeys .record", "This desk").await;
    window.sign_out().await;
    window.click("[name=door][value=clinician]").await;
    window.press_button("Sign in with a passkey").await;
    window.wait("the inbox", "location.pathname === '/ehr'").await;
    window.go("/ehr/account").await;
    window.wait_for_text("care-passkeys .record", "last used").await;
    window.press_button("Remove the passkey").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("care-passkeys", "You have no passkey yet").await;
    window.must_be_content().await;
}

const NEW: &str = "seven lanterns over the harbor";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_is_changed_and_what_is_wrong_stands_next_to_its_field() {
    let room = Room::new().await;
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Phone]).await;
    window.forgive(&["status of 401", "status of 422"]);
    window.sign_in(&room.client).await;
    window.go("/portal/account/security").await;
    let save = "care-form button[type=submit]";
    let error_of = |name: &str| {
        format!(
            "document.getElementById(document.querySelector('[name={name}]').getAttribute('aria-describedby')?.split(' ')[0])?.matches('.field-error')"
        )
    };
    // Found here: nothing typed, too short.
    window.write("[name=newPassword]", "short").await;
    window.click(save).await;
    for name in ["currentPassword", "newPassword"] {
        window.wait(&format!("an error of {name}"), &error_of(name)).await;
    }
    assert_eq!(window.eval("document.activeElement.name").await, "currentPassword");
    // Found by the hub: too common.
    window.write("[name=currentPassword]", PASSWORD).await;
    window.find("[name=newPassword]").await.clear().await.unwrap();
    window.write("[name=newPassword]", "passwordpassword").await;
    window.click(save).await;
    window.wait("an error from the hub", &error_of("newPassword")).await;
    // What was typed stays, and can be looked at.
    window.press_button("Show the password").await;
    assert_eq!(window.eval("document.querySelector('[name=currentPassword]').type").await, "text");
    window.find("[name=newPassword]").await.clear().await.unwrap();
    window.write("[name=newPassword]", NEW).await;
    window.click(save).await;
    window.wait_for_text("care-form [role=status]", "Your password is changed").await;
    assert!(room.practice.lets_in("portal", &room.client.email, NEW).await);
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forgotten_password_is_replaced_by_the_link_of_an_e_mail() {
    let (practice, mail) = Practice::with_mail().await;
    let who = practice.person("Dr. Ben Hill", Role::Clinician).await;
    let [window] = browser::open(&practice.hub.url(""), [Screen::Phone]).await;
    window.go("/sign-in?door=clinician").await;
    window.click("a[href^='/forgot-password']").await;
    window.write("[name=email]", &who.email).await;
    window.click("care-form button[type=submit]").await;
    window.wait_for_text("h1", "Look into your e-mail").await;
    assert_eq!(window.eval("document.activeElement.tagName").await, "H1");
    let token = mail.nth(&who.email, 1).await.secret("/reset-password?door=clinician");
    // A link that lost its end says so.
    window.go("/reset-password?door=clinician").await;
    window.wait_for_text("h1:not([hidden] *)", "This link is not whole").await;
    window.go(&format!("/reset-password?door=clinician&again#{token}")).await;
    window.wait("no token in the address", "location.hash === ''").await;
    window.write("[name=password]", NEW).await;
    window.click("care-form:not([hidden]) button[type=submit]").await;
    window.wait_for_text("main", "Your password is changed").await;
    assert!(practice.lets_in("ehr", &who.email, NEW).await);
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_sees_who_opened_their_record_decides_on_consents_and_takes_a_copy() {
    let room = Room::new().await;
    room.clinician.get(&format!("ehr/threads/{}", room.thread)).await.expect(200);
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Phone]).await;
    window.sign_in(&room.client).await;
    window.go("/portal/account/privacy").await;
    window.wait_for_text("care-access-log .record", "Dr. Ben Hill").await;
    window.press_button("I agree: E-mails").await;
    window.wait_for_text("care-consents [data-kind] .record-actions", "").await;
    window.press_button("Withdraw: E-mails").await;
    window.press_button("I agree: E-mails").await;
    window.press_button("Withdraw: E-mails").await;
    window.eval("URL.createObjectURL = (file) => { window.copied = file; return '#'; }").await;
    window.press_button("Make a copy").await;
    window.wait_for_text("care-export", "in your downloads").await;
    let copied = window.eval("window.copied.text()").await;
    assert!(copied.as_str().unwrap().contains("I cannot sleep."), "the copy lacks what was written");
    window.must_be_content().await;
}
