//! Whom a client in danger is sent to: those whom their practice names, in their language, wherever it is said.

use super::{
    Room,
    emergencies::{BANNER, CARD},
};
use crate::support::{Browser, Screen, browser};
use carehub::accounts::Role;

const CALL: &str = "tel:+15125550100";
const WRITE: &str = "sms:+15125550100";

impl Browser {
    /// Fails where somebody is named whom the practice does not name.
    async fn names_no_other(&self, css: &str) {
        let words = self.find(css).await.text().await.unwrap();
        assert!(!words.contains("988") && !words.contains("911"), "{css}: {words}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_practices_own_phrases_are_tried_saved_and_refused_by_name() {
    let room = Room::new().await;
    let admin = room.practice.person("Hal Ives", Role::Admin).await;
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Phone]).await;
    window.forgive(&["status of 422"]);
    window.sign_in(&admin).await;
    window.go("/ehr/admin/crisis-phrases").await;
    let phrases = "care-crisis-phrases";
    window.write(&format!("{phrases} [name=text]"), "going through the Purple Door").await;
    window.press_button("Try it").await;
    window.wait_for_text(phrases, "It would not be recognised").await;
    window.write(&format!("{phrases} [name=phrases]"), "the purple door\nhe").await;
    window.click(&format!("{phrases} button.primary")).await;
    window
        .wait_for_text(&format!("{phrases} [role=alert]"), "“he”: This would be found in messages about anything")
        .await;
    window.write(&format!("{phrases} [name=phrases]"), "\u{e003}\u{e003}\u{e003}").await;
    window.click(&format!("{phrases} button.primary")).await;
    window.wait_for_text(phrases, "Saved. They are looked for from now on.").await;
    window.press_button("Try it").await;
    window.wait_for_text(&format!("{phrases} .warning"), "It would be an emergency").await;
    window.press_button("Spanish:").await;
    window.wait_for_text(phrases, "es-").await;
    // It is looked for at once.
    room.client.open("Evening", "I am going through the purple door").await;
    window.wait_for_text(BANNER, "Ann Field needs somebody now").await;
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_in_danger_is_sent_where_their_practice_says_in_their_language_and_nowhere_else() {
    let room = Room::new().await;
    let admin = room.practice.person("Hal Ives", Role::Admin).await;
    let [client, office] = browser::open(&room.practice.hub.url(""), [Screen::Phone, Screen::Desktop]).await;
    room.enter(&client, &room.client).await;
    client.find("aside.help a[href='tel:988']").await;

    office.sign_in(&admin).await;
    office.go("/ehr/admin/crisis-phrases").await;
    office.write("care-crisis-resources [name=en]", "County crisis team without a way to it").await;
    office.click("care-crisis-resources button[type=submit]").await;
    office.wait_for_text("care-crisis-resources [role=alert]", "a colon").await;
    office.find("care-crisis-resources [name=en]").await.clear().await.unwrap();
    office.write("care-crisis-resources [name=en]", "County crisis team: call or text +1 512 555 0100").await;
    office.write("care-crisis-resources [name=es]", "Equipo de crisis: llame al 555 0100").await;
    office.click("care-crisis-resources button[type=submit]").await;
    office.wait_for_text("care-crisis-resources [role=status]", "Saved").await;

    // Without a connection the page has to have it already.
    client.reload().await;
    client.connected().await;
    client.find(&format!("aside.help a[href='{CALL}']")).await;
    client.names_no_other("aside.help").await;
    client.click("care-composer .emergency").await;
    client.find(&format!("dialog a[href='{WRITE}']")).await;
    client.wait_for_text("dialog", "County crisis team").await;
    client.names_no_other("dialog").await;
    client.press_button("Go back").await;
    client.wait("the end of the dialog", "!document.querySelector('dialog')").await;
    client.cries("I cannot go on").await;
    client.find(&format!("{CARD}:not([hidden]) a[href='{CALL}']")).await;
    client.names_no_other(CARD).await;
    client.find(&format!("li.entry.notice a[href='{CALL}']")).await;
    office.click(&format!("{BANNER} [data-take]")).await;
    client.wait_for_text(CARD, "has it").await;

    room.practice.database.query(&format!("UPDATE users SET language = 'es' WHERE id = '{}'", room.client.id)).await;
    client.go("/portal/new").await;
    client.find("aside.help[lang=es] a[href='tel:5550100']").await;
    client.wait_for_text("aside.help", "¿En peligro?").await;
    client.click("[name=emergency]").await;
    client.find("[data-emergency] [lang=es] a[href='tel:5550100']").await;
    client.names_no_other("body").await;
    client.must_be_content().await;
    office.must_be_content().await;
}
