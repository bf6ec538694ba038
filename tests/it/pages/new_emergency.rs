//! An emergency that opens a conversation, over a network that goes away: it is there, and once.

use super::{AWAY, PATIENCE, Room};
use crate::support::{
    Browser, Screen, browser,
    cable::{Cable, Network},
    eventually,
};

const RAISED: &str = "SELECT count(*) FROM escalations";

/// The client's window on the page for new conversations, with an emergency chosen.
async fn about_to_write(room: &Room) -> (Cable, Browser) {
    let cable = Cable::to(room.practice.hub.address).await;
    let [window] = browser::open(&cable.url(), [Screen::Phone]).await;
    window.forgive(AWAY);
    window.forgive(&["status of 409"]);
    window.sign_in(&room.client).await;
    window.go("/portal/new").await;
    window.settled().await;
    window.click("[name=emergency]").await;
    window.find("[data-emergency] a[href='tel:911']").await;
    (cable, window)
}

/// Waits for the conversation's page, on which these words are said; the emergency is there once.
async fn arrives(room: &Room, window: &Browser, words: &str) {
    window.wait("its page", "location.pathname.startsWith('/portal/messages/')").await;
    window.reads(words).await;
    window.find("care-emergency:not([hidden])").await;
    assert_eq!(room.practice.database.query(RAISED).await, ["1"]);
    let kept = "Object.keys(sessionStorage).length";
    assert_eq!(window.eval(kept).await, 0, "something is left to be sent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emergency_whose_answer_was_lost_opens_one_conversation_however_often_its_page_is_loaded() {
    let room = Room::new().await;
    let (cable, window) = about_to_write(&room).await;
    window.write("[name=subject]", "Tonight").await;
    window.write("[name=body]", "I am at the bridge").await;
    cable.set(Network::AnswersLost);
    window.click("care-new-thread button[type=submit]").await;
    eventually("an emergency", PATIENCE, async || (room.practice.database.query(RAISED).await == ["1"]).then_some(()))
        .await;
    // Whom to call can be called while nobody knows whether it arrived.
    window.wait_for_text("[data-emergency] [role=alert]", "Not sent yet").await;
    let tappable = "!document.querySelector('[data-emergency] a[href=\"tel:911\"]').closest('[inert]')";
    assert_eq!(window.eval(tappable).await, true);
    cable.set(Network::Cut);
    window.leave().await;
    cable.set(Network::Whole);
    window.go("/portal/new").await;
    window.wait("an end", "location.pathname !== '/portal/new'").await;
    window.go("/portal").await;
    window.click("li.row a").await;
    arrives(&room, &window, "I am at the bridge").await;
    assert_eq!(room.practice.database.query("SELECT count(*) FROM threads").await, ["2"]);
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emergency_that_never_left_goes_out_from_the_page_loaded_again_with_its_words() {
    let room = Room::new().await;
    let (cable, window) = about_to_write(&room).await;
    window.write("[name=subject]", "Tonight").await;
    window.write("[name=body]", "I am at the bridge").await;
    let draft = async || {
        let draft = room.client.get("portal/messages/new/draft").await.expect(200);
        (draft["body"] == "I am at the bridge").then_some(())
    };
    eventually("the draft", PATIENCE, draft).await;
    cable.set(Network::Cut);
    window.click("care-new-thread button[type=submit]").await;
    window.wait_for_text("[data-emergency] [role=alert]", "Not sent yet").await;
    window.leave().await;
    assert_eq!(room.practice.database.query(RAISED).await, ["0"]);
    cable.set(Network::Whole);
    window.go("/portal/new").await;
    arrives(&room, &window, "I am at the bridge").await;
    let draft = room.client.get("portal/messages/new/draft").await.expect(200);
    assert_eq!(draft["body"], "");
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emergency_whose_words_were_lost_with_its_page_still_calls_somebody() {
    let room = Room::new().await;
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Phone]).await;
    window.sign_in(&room.client).await;
    window.go("/portal/new").await;
    window.settled().await;
    // As a page leaves it that was gone before an answer came, and before its draft was stored.
    let left = "sessionStorage.setItem('care-emergency:THREAD', '019a0000-0000-7000-8000-00000000000NUMBER') ?? true";
    window.eval(&left.replace("THREAD", "new").replace("NUMBER", "1")).await;
    window.reload().await;
    arrives(&room, &window, "I need help now.").await;

    // The same where there is a conversation already.
    window.go(&room.path(&room.client)).await;
    window.connected().await;
    window.eval(&left.replace("THREAD", &room.thread).replace("NUMBER", "2")).await;
    window.reload().await;
    window.reads("I need help now.").await;
    window.must_be_content().await;
}
