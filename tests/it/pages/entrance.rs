//! From being put on file to being signed in.

use crate::support::{
    Screen, browser,
    practice::{PASSWORD, Practice},
};
use carehub::accounts::Role;

const CHOSEN: &str = "seven lanterns over the harbor";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_front_desk_puts_a_client_on_file_who_registers_confirms_and_signs_in() {
    let (practice, mail) = Practice::with_mail().await;
    let desk = practice.person("Flo Gray", Role::Staff).await;
    let address = "ann.field@example.org";
    let [window] = browser::open(&practice.hub.url(""), [Screen::Phone]).await;
    window.forgive(&["status of 422", "status of 401"]);
    window.sign_in(&desk).await;
    window.go("/ehr/clients/new").await;
    window.write("[name=name]", "Ann Field").await;
    window.write("[name=email]", address).await;
    window.eval("document.querySelector('[name=dateOfBirth]').value = '1990-02-28'").await;
    window.write("[name=ssnLast4]", "12").await;
    window.click("care-form button[type=submit]").await;
    window.wait_for_text(".field-error", "four digits").await;
    window.write("[name=ssnLast4]", "34").await;
    window.click("care-form button[type=submit]").await;
    window.wait_for_text("main", "The client is on file").await;
    window.sign_out().await;

    window.click("a[href='/register']").await;
    window.write("[name=email]", address).await;
    window.write("[name=password]", CHOSEN).await;
    window.eval("document.querySelector('[name=dateOfBirth]').value = '1990-02-28'").await;
    window.write("[name=ssnLast4]", "1234").await;
    window.wait("the terms", "document.querySelector('[name=acceptTerms]').value").await;
    // Not accepted yet.
    window.click("care-form button[type=submit]").await;
    window.wait_for_text(".field-error", "accept the terms").await;
    window.click("[name=accepted]").await;
    window.click("care-form button[type=submit]").await;
    window.wait_for_text("h1", "Look into your e-mail").await;

    let token = mail.nth(address, 1).await.secret("/verify-email");
    window.go(&format!("/verify-email#{token}")).await;
    window.wait_for_text("care-form:not([hidden]) h1", "Confirm your e-mail address").await;
    window.click("care-form:not([hidden]) button[type=submit]").await;
    window.wait_for_text("main", "Your address is confirmed").await;
    assert!(practice.lets_in("portal", address, CHOSEN).await);
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_colleague_is_invited_and_chooses_how_they_sign_in() {
    let (practice, mail) = Practice::with_mail().await;
    let admin = practice.person("Hal Ives", Role::Admin).await;
    let address = "cy.dale@example.org";
    let [window] = browser::open(&practice.hub.url(""), [Screen::Desktop]).await;
    window.sign_in(&admin).await;
    window.go("/ehr/admin/invitations").await;
    window.write("[name=email]", address).await;
    window.eval("document.querySelector('[name=role]').value = 'clinician'").await;
    window.click("care-form button[type=submit]").await;
    window.wait_for_text("care-invitations .record", address).await;
    window.sign_out().await;
    let token = mail.nth(address, 1).await.secret("/invitation");
    window.go(&format!("/invitation#{token}")).await;
    window.write("[name=name]", "Dr. Cy Dale").await;
    window.write("[name=password]", PASSWORD).await;
    window.click("care-form:not([hidden]) button[type=submit]").await;
    window.wait_for_text("main", "Your account is ready").await;
    assert!(practice.lets_in("ehr", address, PASSWORD).await);
    window.must_be_content().await;
}
