//! What administrators do.

use super::Room;
use crate::support::{Browser, Screen, browser, practice::Caller};
use carehub::accounts::Role;

/// An administrator's window.
async fn admin(room: &Room, screen: Screen) -> (Caller, Browser) {
    let admin = room.practice.person("Hal Ives", Role::Admin).await;
    let [window] = browser::open(&room.practice.hub.url(""), [screen]).await;
    window.sign_in(&admin).await;
    (admin, window)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_locks_somebody_out_and_lets_them_in_again() {
    let room = Room::new().await;
    let (_, window) = admin(&room, Screen::Phone).await;
    window.press_button("Practice").await;
    window.write("[name=q]", "Ben").await;
    window.wait("one person", "document.querySelectorAll('care-users .record').length === 1").await;
    window.press_button("Lock: Dr. Ben Hill").await;
    window.wait_for_text("dialog", "within seconds").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("care-users .record", "Locked").await;
    room.clinician.get("auth/me").await.refused(401, "unauthenticated");
    window.press_button("Unlock: Dr. Ben Hill").await;
    window.click("dialog button[type=submit]").await;
    window.wait("nobody locked", "!document.querySelector('care-users .record').innerText.includes('Locked')").await;
    window.press_button("Change: Dr. Ben Hill").await;
    window.find("dialog [name=name]").await.clear().await.unwrap();
    window.write("dialog [name=name]", "Dr. Benjamin Hill").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("care-users .record", "Dr. Benjamin Hill").await;
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_shown_once_and_works_until_it_is_ended() {
    let room = Room::new().await;
    let (_, window) = admin(&room, Screen::Desktop).await;
    window.forgive(&["status of 422"]);
    window.go("/ehr/admin/api-keys").await;
    window.wait_for_text("care-api-keys", "There are no keys").await;
    window.write("[name=name]", "Scheduling").await;
    window.eval("document.querySelector('[name=expiresOn]').value = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10)").await;
    // Nothing is chosen that it may do.
    window.click("care-form button[type=submit]").await;
    window
        .wait("a refusal", "document.querySelector('care-form .failure:not([hidden]), care-form .field-error')")
        .await;
    window.click("[data-scope=findPeople]").await;
    window.click("care-form button[type=submit]").await;
    let secret = window.find("dialog .secret").await.text().await.unwrap();
    assert!(secret.starts_with("chk_"), "{secret}");
    let key = room.clinician.with_token(&secret);
    key.get("ehr/colleagues").await.expect(200);
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("care-api-keys .record", "Scheduling").await;
    let page = window.eval("document.documentElement.outerHTML").await;
    assert!(!page.as_str().unwrap().contains(&secret), "the key is still on the page");
    window.press_button("End the key").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("care-api-keys .record", "Ended").await;
    key.get("ehr/colleagues").await.refused(401, "unauthenticated");
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_of_retention_holds_and_the_audit_log_are_the_administrators() {
    let room = Room::new().await;
    let (_, window) = admin(&room, Screen::Desktop).await;
    window.go("/ehr/admin/retention").await;
    let mail = "input[name='rules.3.days']";
    window.find(mail).await.clear().await.unwrap();
    window.write(mail, "1").await;
    window.click("care-retention button").await;
    window.find("care-retention .field-error").await;
    window.find(mail).await.clear().await.unwrap();
    window.write(mail, "90").await;
    window.click("care-retention button").await;
    window.wait_for_text("care-retention [role=status]", "Saved").await;

    window.go("/ehr/admin?role=client").await;
    window.press_button("Legal hold: Ann Field").await;
    window.write("dialog textarea", "Case 2026-17").await;
    window.click("dialog button[type=submit]").await;
    window.wait("the end of the dialog", "!document.querySelector('dialog')").await;
    window.press_button("Legal hold: Ann Field").await;
    window.wait_for_text("dialog", "Case 2026-17").await;
    window.press_button("Leave it").await;

    window.go("/ehr/admin/audit").await;
    window.wait_for_text("care-audit-log .record", "Hal Ives").await;
    window.write("[name=action]", "legalHold.placed").await;
    window.click("care-audit-log button[type=submit]").await;
    window.wait("one row", "document.querySelectorAll('care-audit-log .record').length === 1").await;
    window.wait_for_text("care-audit-log .record", "Ann Field").await;
    window.wait_for_text("care-audit-log .record .record-title", "Placed a legal hold").await;
    window.forgive(&["legal-hold - Failed to load resource: the server responded with a status of 404"]);
    window.must_be_content().await;
}
