//! What is being written is never lost, and never stays behind in the browser.

use super::{BOX, Room};
use crate::support::{Screen, browser};

/// Counts everything that a page can leave in a browser.
const KEPT: &str = "Promise.all([indexedDB.databases(), caches.keys()]).then(([databases, caches]) =>
    localStorage.length + sessionStorage.length + databases.length + caches.length + document.cookie.length)";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_not_yet_sent_survive_a_reload_another_device_and_signing_out() {
    let room = Room::new().await;
    let [desk, phone] = browser::open(&room.practice.hub.url(""), [Screen::Desktop, Screen::Phone]).await;
    room.enter(&desk, &room.client).await;
    desk.write(BOX, "Half a thought").await;
    desk.reload().await;
    desk.holds("Half a thought").await;

    room.enter(&phone, &room.client).await;
    phone.holds("Half a thought").await;
    phone.wait_for_text("care-composer .composer-status", "what you had begun to write").await;

    desk.connected().await;
    desk.write(BOX, " grows").await;
    desk.sign_out().await;
    assert_eq!(room.draft(&room.client).await, "Half a thought grows");
    desk.fill_in_sign_in(&room.client).await;
    desk.wait("the list", "location.pathname === '/portal'").await;
    desk.click("li.row a").await;
    desk.holds("Half a thought grows").await;

    // Only the hub's acknowledgement empties the box, and the draft with it.
    desk.connected().await;
    desk.write(BOX, "\u{e007}").await;
    desk.reads("Half a thought grows").await;
    desk.holds("").await;
    room.keeps_draft(&room.client, "").await;
    phone.reads("Half a thought grows").await;
    phone.looked_at(false).await;
    phone.looked_at(true).await;
    phone.reload().await;
    phone.connected().await;
    phone.holds("").await;
    desk.must_be_content().await;
    phone.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_stays_in_the_browser_after_signing_out_and_back_shows_nothing() {
    let room = Room::new().await;
    let window = room.window(&room.client, Screen::Desktop).await;
    window.say("A secret of mine").await;
    window.reads("A secret of mine").await;
    window.write(BOX, "and another").await;
    assert_eq!(window.eval(KEPT).await, 0, "while writing");
    window.sign_out().await;
    window.wait_for_text("main", "You are signed out").await;
    assert_eq!(window.eval(KEPT).await, 0, "after signing out");
    for _ in 0..3 {
        window.back().await;
        window.wait("a page", "document.readyState === 'complete'").await;
        // A page that the browser kept alive would be shown at once.
        let shown = window.eval("document.documentElement.outerHTML").await.to_string();
        for secret in ["A secret of mine", "and another", "I cannot sleep.", "Ann Field"] {
            assert!(!shown.contains(secret), "{secret} at {}", window.path().await);
        }
        assert!(window.path().await.starts_with("/sign-in"), "{}", window.path().await);
    }
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_begun_as_a_staff_note_is_still_one_after_a_reload() {
    let room = Room::new().await;
    let window = room.window(&room.clinician, Screen::Phone).await;
    for (mode, words) in [("note", "Between us"), ("message", "For the client")] {
        window.click(&format!(".modes [value={mode}]")).await;
        window.find(BOX).await.clear().await.unwrap();
        window.write(BOX, words).await;
        room.keeps_draft(&room.clinician, words).await;
        window.reload().await;
        window.connected().await;
        window.holds(words).await;
        window.wait_for_text("care-composer .composer-status", "what you had begun to write").await;
        let chosen = window.eval("document.querySelector('.modes :checked').value").await;
        assert_eq!(chosen, mode);
    }
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_survive_a_session_that_ended_saved_or_not() {
    let room = Room::new().await;
    let window = room.window(&room.client, Screen::Desktop).await;
    window.forgive(&["status of 401", "WebSocket connection to"]);
    let end = format!(
        "UPDATE sign_in_sessions SET expires_at = now() WHERE user_id = '{}' AND cookie_hash IS NOT NULL",
        room.client.id
    );

    // With everything saved, the page is left for the sign-in, and found again.
    window.write(BOX, "Saved words").await;
    room.keeps_draft(&room.client, "Saved words").await;
    room.practice.database.query(&end).await;
    window.reload().await;
    window.wait("the sign-in page", "location.pathname === '/sign-in'").await;
    window.fill_in_sign_in(&room.client).await;
    window.holds("Saved words").await;
    assert_eq!(window.path().await, room.path(&room.client));
    window.connected().await;

    // With words that the hub does not have, the page asks right here.
    room.practice.database.query(&end).await;
    window.write(BOX, " and these").await;
    window.wait_for_text("dialog", "Sign in again to keep your words").await;
    window.wait("nothing else to be seen", "getComputedStyle(document.querySelector('main')).visibility === 'hidden' || getComputedStyle(document.querySelector('main')).display === 'none'").await;
    window.write("dialog [name=email]", &room.client.email).await;
    window.write("dialog [name=password]", crate::support::practice::PASSWORD).await;
    window.click("dialog button[type=submit]").await;
    window.connected().await;
    window.holds("Saved words and these").await;
    room.keeps_draft(&room.client, "Saved words and these").await;
    window.say("!").await;
    window.reads("Saved words and these!").await;
    assert_eq!(room.stored().await, ["I cannot sleep.", "Saved words and these!"]);
    window.must_be_content().await;
}
