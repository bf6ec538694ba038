//! What the staff do with an emergency beside taking it, and what client and staff read when nobody comes.

use super::{
    Room,
    emergencies::{BANNER, CARD},
};
use crate::{
    emergency::escalation::Care,
    support::{Browser, Screen, browser},
};
use carehub::accounts::Role;
use fantoccini::key::Key;
use serde_json::json;

impl Browser {
    /// Chooses somebody in the dialog that is shown.
    async fn chooses(&self, who: &str) {
        self.find("dialog select").await;
        let choose = "(() => { const list = document.querySelector('dialog select');
            list.value = [...list.options].find(({ text }) => text.startsWith(WHO)).value; })() ?? true";
        self.eval(&choose.replace("WHO", &json!(who).to_string())).await;
    }

    async fn confirms(&self) {
        self.click("dialog button[type=submit]").await;
        self.wait("the end of the dialog", "!document.querySelector('dialog')").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_raise_the_alarm_from_a_conversation_pass_it_on_hand_it_over_and_close_it_by_keyboard() {
    let room = Room::new().await;
    let other = room.practice.person("Dr. Cy Dale", Role::Clinician).await;
    let screens = [Screen::Desktop, Screen::Phone, Screen::Phone];
    let [window, second, client] = browser::open(&room.practice.hub.url(""), screens).await;
    room.enter(&client, &room.client).await;
    room.enter(&window, &room.clinician).await;
    second.sign_in(&other).await;
    second.go("/ehr/clients").await;

    window.eval("document.querySelector('.thread-actions .emergency').focus()").await;
    window.press([char::from(Key::Enter)]).await;
    window.wait_for_text("dialog", "Raise an emergency for Ann Field?").await;
    window.confirms().await;
    window.wait_for_text(BANNER, "Ann Field needs somebody now").await;
    client.wait_for_text(CARD, "practice").await;
    client.find(&format!("{CARD} a[href='tel:988']")).await;
    second.wait_for_text(BANNER, "needs somebody now").await;

    let id = room.emergency().await["id"].as_str().unwrap().to_owned();
    window.go(&format!("/ehr/escalations/{id}")).await;
    window.wait_for_text("care-escalation", "A colleague raised it.").await;
    window.eval("document.querySelector('[data-act=skip]').focus()").await;
    window.press([char::from(Key::Enter)]).await;
    window.confirms().await;
    // Nobody is on call, and nobody behind them.
    window.wait_for_text("care-escalation", "Calling, step 4").await;
    window.click("care-escalation [data-act=take]").await;
    window.wait_for_text("care-escalation", "You have it since").await;

    // Handed over, it is still held by whoever had it, until the other takes it.
    window.click("care-escalation [data-act=hand]").await;
    window.chooses("Dr. Cy Dale").await;
    window.confirms().await;
    window.wait_for_text("care-escalation", "Dr. Cy Dale was asked to take it over.").await;
    client.wait_for_text(CARD, "Dr. Ben Hill has it").await;
    second.wait_for_text(BANNER, "You were asked to take it over").await;
    second.press_button("Details").await;
    second.click("care-escalation [data-act=take]").await;
    client.wait_for_text(CARD, "Dr. Cy Dale has it").await;
    second.click("care-escalation [data-act=close]").await;
    second.write("dialog textarea", "   ").await;
    second.click("dialog button[type=submit]").await;
    second.wait_for_text("dialog [role=alert]", "Write what was done").await;
    second.write("dialog textarea", "Went there.").await;
    second.confirms().await;
    client.wait_for_text(CARD, "This emergency is closed").await;
    window.gone(BANNER).await;
    for browser in [&window, &second, &client] {
        browser.must_be_content().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_nobody_comes_the_client_reads_so_with_whom_to_call_and_all_staff_see_it_until_somebody_takes_it() {
    let care = Care::start().await;
    let id = care.emergency().await;
    let front = care.practice.person("Flo Gray", Role::Staff).await;
    let [client, desk] = browser::open(&care.practice.hub.url(""), [Screen::Phone, Screen::Desktop]).await;
    client.sign_in(&care.ada).await;
    client.go(&format!("/portal/messages/{}", care.thread)).await;
    client.connected().await;
    client.find(&format!("{CARD}:not([hidden])")).await;
    desk.sign_in(&front).await;
    for _ in 0..8 {
        care.later(601).await;
    }
    assert_eq!(care.at(&id).await.split(' ').next(), Some("exhausted"));
    client.wait_for_text(CARD, "Nobody at the practice has answered").await;
    client.wait_for_text(CARD, "do not wait any longer").await;
    client.find(&format!("{CARD} a[href='tel:911']")).await;
    desk.wait_for_text(BANNER, "Everybody was called and nobody answered").await;
    desk.find(&format!("{BANNER} [data-take]")).await;
    desk.go(&format!("/ehr/escalations/{id}")).await;
    desk.wait_for_text("care-escalation", "Nobody has answered. The client was told whom to call.").await;

    desk.click("care-escalation [data-act=take]").await;
    desk.wait_for_text("care-escalation", "You have it since").await;
    client.wait_for_text(CARD, "Flo Gray has it").await;
    client.must_be_content().await;
    desk.must_be_content().await;
}
