//! The practice's clients: finding them, who looks after them, and opening a record in an emergency.

use super::Room;
use crate::support::{Browser, Screen, browser};
use carehub::accounts::Role;
use fantoccini::key::Key;

impl Browser {
    /// Presses a button or link whose words, or whose name for screen readers, begin like this.
    pub(super) async fn press_button(&self, words: &str) {
        let button = self.wait_for_button(words).await;
        self.eval(&format!("{button}.click() ?? true")).await;
    }

    /// The same by keys alone.
    pub(super) async fn press_by_key(&self, words: &str) {
        let button = self.wait_for_button(words).await;
        self.eval(&format!("{button}.focus() ?? true")).await;
        self.press([char::from(Key::Enter)]).await;
    }

    /// What gives it in the page.
    async fn wait_for_button(&self, words: &str) -> String {
        let script =
            "[...document.querySelectorAll('button, summary, a.button, nav a')].find((one) => (one.checkVisibility() || one.closest('details')) &&
            ((one.ariaLabel ?? '').startsWith(WORDS) || one.textContent.trim().startsWith(WORDS)))"
                .replace("WORDS", &serde_json::json!(words).to_string());
        self.wait(words, &format!("!!{script}")).await;
        script
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_record_is_opened_in_an_emergency_with_a_reason_and_its_client_is_told() {
    let room = Room::new().await;
    let other = room.practice.person("Dr. Cy Dale", Role::Clinician).await;
    let [cy, ann] = browser::open(&room.practice.hub.url(""), [Screen::Phone, Screen::Desktop]).await;
    cy.sign_in(&other).await;
    cy.press_button("Clients").await;
    cy.wait_for_text("care-clients", "You have no clients yet").await;
    cy.click("[name=scope][value=practice]").await;
    cy.wait_for_text("care-clients", "at least two letters").await;
    cy.write("[name=q]", "Ann").await;
    cy.wait_for_text("care-clients .record", "closed to you").await;
    assert_eq!(cy.eval("document.querySelectorAll('.record a').length").await, 0, "a closed record has a link");

    cy.press_button("Emergency access").await;
    cy.wait_for_text("dialog", "The client and the practice’s administrators are told").await;
    cy.write("dialog textarea", "short").await;
    cy.click("dialog button[type=submit]").await;
    assert_eq!(cy.eval("!!document.querySelector('dialog[open] textarea:invalid')").await, true);
    cy.write("dialog textarea", ": called me at night, in fear").await;
    cy.click("dialog button[type=submit]").await;
    cy.wait_for_text("care-clients .record", "Emergency access until").await;
    cy.press_button("Conversations").await;
    cy.click("li.row a").await;
    cy.reads("I cannot sleep.").await;

    ann.sign_in(&room.client).await;
    ann.go("/portal/account/privacy").await;
    ann.wait_for_text("care-emergency-access", "Dr. Cy Dale").await;
    cy.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_front_desk_lets_a_colleague_into_a_care_team_and_out_again() {
    let room = Room::new().await;
    let staff = room.practice.person("Flo Gray", Role::Staff).await;
    room.practice.person("Dr. Cy Dale", Role::Clinician).await;
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Desktop]).await;
    window.sign_in(&staff).await;
    window.go("/ehr/clients").await;
    window.press_button("Care team: Ann Field").await;
    window.wait_for_text("dialog", "Those in the team see the client’s whole record").await;
    window.eval("[...document.querySelectorAll('dialog option')].find(({ text }) => text.startsWith('Dr. Cy')).selected = true").await;
    window.press_button("Let in").await;
    window.wait_for_text("dialog .records", "Dr. Cy Dale").await;
    window.press_button("Take Dr. Cy Dale out").await;
    window.wait("an empty team", "!document.querySelector('dialog .records').innerText.includes('Cy Dale')").await;
    window.click("dialog button[type=submit]").await;
    window.must_be_content().await;
}
