//! The network goes away at every step of writing and sending: each word is there once.

use super::{AWAY, BOX, PATIENCE, Room};
use crate::support::{
    Browser, Screen, browser,
    cable::{Cable, Network},
    eventually,
};
use std::time::Duration;

/// The client's window, behind a cable.
async fn behind_a_cable(room: &Room) -> (Cable, Browser) {
    let cable = Cable::to(room.practice.hub.address).await;
    let [window] = browser::open(&cable.url(), [Screen::Desktop]).await;
    window.forgive(AWAY);
    room.enter(&window, &room.client).await;
    (cable, window)
}

async fn is_stored(room: &Room, words: &str) {
    let stored = async || room.stored().await.contains(&words.to_owned()).then_some(());
    eventually(&format!("{words:?} in the store"), PATIENCE, stored).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sent_without_a_network_goes_out_once_and_in_order() {
    let room = Room::new().await;
    let (cable, window) = behind_a_cable(&room).await;
    cable.set(Network::Cut);
    window.online(false).await;
    window.say("one").await;
    window.wait_for_text(".composer-status", "Not sent yet").await;
    window.say("two").await;
    // Each that waits stands by itself above the box, which is free for the next.
    window.holds("").await;
    window.write(BOX, "three, unsent").await;
    let waiting = "[...document.querySelectorAll('.outgoing li')].map(({ textContent }) => textContent)";
    assert_eq!(window.eval(waiting).await, serde_json::json!(["one", "two"]));
    window.holds("three, unsent").await;
    assert_eq!(room.stored().await, ["I cannot sleep."]);
    cable.set(Network::Whole);
    window.reads("two").await;
    window.holds("three, unsent").await;
    room.keeps_draft(&room.client, "three, unsent").await;
    let all = ["I cannot sleep.", "one", "two"];
    assert_eq!(window.shown().await, all);
    assert_eq!(room.stored().await, all);
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_whose_acknowledgement_is_lost_is_there_once() {
    let room = Room::new().await;
    let (cable, window) = behind_a_cable(&room).await;
    for (words, reloaded) in [("lost on the way back", false), ("lost on the way back, and reloaded", true)] {
        let before = cable.lost();
        cable.set(Network::AcknowledgementsLost);
        window.say(words).await;
        is_stored(&room, words).await;
        assert!(cable.lost() > before, "nothing was lost");
        // What takes long leaves the box, and stays in sight.
        window.wait_for_text(".outgoing", words).await;
        window.holds("").await;
        if reloaded {
            cable.set(Network::Whole);
            window.reload().await;
        } else {
            cable.set(Network::Cut);
            window.online(false).await;
            cable.set(Network::Whole);
        }
        window.reads(words).await;
        window.holds("").await;
        room.keeps_draft(&room.client, "").await;
    }
    let all = ["I cannot sleep.", "lost on the way back", "lost on the way back, and reloaded"];
    assert_eq!(room.stored().await, all);
    assert_eq!(window.shown().await, all);
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_sent_into_a_network_that_stands_still_is_there_once() {
    let room = Room::new().await;
    let (cable, window) = behind_a_cable(&room).await;
    cable.set(Network::Stopped);
    window.say("slow").await;
    window.wait_for_text(".composer-status", "Sending").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    window.wait_for_text(".outgoing", "slow").await;
    cable.set(Network::Whole);
    window.reads("slow").await;
    window.holds("").await;
    assert_eq!(room.stored().await, ["I cannot sleep.", "slow"]);
    assert_eq!(window.shown().await, ["I cannot sleep.", "slow"]);
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_whose_saving_was_cut_is_saved_again_without_a_question() {
    let room = Room::new().await;
    let (cable, window) = behind_a_cable(&room).await;
    window.write(BOX, "First").await;
    room.keeps_draft(&room.client, "First").await;
    let before = cable.lost();
    cable.set(Network::AnswersLost);
    window.write(BOX, " second").await;
    // It arrived; the page does not know.
    room.keeps_draft(&room.client, "First second").await;
    eventually("a lost answer", PATIENCE, async || (cable.lost() > before).then_some(())).await;
    window.write(BOX, " third").await;
    cable.set(Network::Cut);
    window.wait_for_text(".composer-status", "Not saved yet").await;
    window.write(BOX, " fourth").await;
    cable.set(Network::Whole);
    room.keeps_draft(&room.client, "First second third fourth").await;
    assert_eq!(window.eval("document.querySelectorAll('dialog').length").await, 0, "asked which device's text to keep");
    window.holds("First second third fourth").await;
    window.must_be_content().await;
}
