//! Ways out of Carehub as people see them: their phone, and what did not arrive.

use super::PATIENCE;
use crate::{
    notify::office::{Office, code},
    support::{
        Screen, browser, eventually,
        twilio::{self, Instead},
    },
};
use carehub::{accounts::Role, notify::Channel};

const KIM: &str = "+15125550123";
const PHONE: &str = "care-phone";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_counts_once_its_code_is_entered_says_when_it_said_stop_and_is_taken_away() {
    let office = Office::open().await;
    let kim = office.practice.person("Kim", Role::Clinician).await;
    let [window] = browser::open(&office.practice.hub.url(""), [Screen::Phone]).await;
    window.forgive(&["status of 422"]);
    window.sign_in(&kim).await;
    window.go("/ehr/account/notifications").await;
    window.wait_for_text(PHONE, "In an emergency, a text message reaches you").await;
    window.press_button("Add a phone").await;
    window.write("dialog [name=number]", "512 555 0123").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("dialog [role=alert]", "with its country").await;
    window.find("dialog [name=number]").await.clear().await.unwrap();
    window.write("dialog [name=number]", "+1 (512) 555-0123").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("dialog", "good for ten minutes").await;
    let sent = code(&office.twilio.nth(KIM, 1).await.body);
    let wrong = if sent == "000000" { "000001" } else { "000000" };
    window.write("dialog [name=code]", wrong).await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("dialog [role=alert]", "This is not the code").await;
    window.press_button("Cancel").await;
    window.wait_for_text(PHONE, "The number counts once you enter it").await;
    window.press_button("Enter the code").await;
    window.write("dialog [name=code]", &sent).await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text(PHONE, "(512) 555-0123, confirmed").await;

    twilio::answer(&office.practice.hub, KIM, "STOP", None).await;
    window.reload().await;
    window.wait_for_text(PHONE, "STOP was sent from this phone").await;
    window.wait_for_text(PHONE, "not even in an emergency").await;
    twilio::answer(&office.practice.hub, KIM, "START", None).await;
    window.reload().await;
    window.wait_for_text(PHONE, "confirmed").await;
    window.wait("no word of STOP", "!document.querySelector('care-phone').innerText.includes('STOP was sent')").await;
    window.press_button("Take it away").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text(PHONE, "Without a phone you can be called only by e-mail").await;
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_did_not_arrive_is_seen_and_sent_again() {
    let office = Office::open().await;
    let admin = office.practice.person("Alma", Role::Admin).await;
    let kim = office.person("Kim", Role::Clinician, KIM).await;
    let [window] = browser::open(&office.practice.hub.url(""), [Screen::Desktop]).await;
    window.sign_in(&admin).await;
    window.go("/ehr/admin/undelivered").await;
    window.wait_for_text("care-undelivered", "Everything was delivered.").await;
    office.twilio.once(Instead::Refuse { status: 400, code: 30007, retry_after: None });
    let id = office.page(&kim, Channel::Sms).await;
    office.becomes(id, "failed 1 twilio 30007 kept").await;
    window.reload().await;
    window.wait_for_text("care-undelivered .record", "Kim").await;
    for words in ["SMS", "Given up", "Call to an emergency", "30007", "after 1 try"] {
        window.wait_for_text("care-undelivered .record", words).await;
    }
    window.press_button("Send again: Kim").await;
    window.wait_for_text("dialog", "It goes out at once").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("care-undelivered", "Everything was delivered.").await;
    eventually("the text message", PATIENCE, async || (office.twilio.texts(KIM).len() == 2).then_some(())).await;
    window.must_be_content().await;
}
