//! The way in.

use super::Room;
use crate::support::{Screen, browser};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_signing_in_nobody_is_sent_to_a_foreign_page() {
    let room = Room::new().await;
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Phone]).await;
    let home = room.practice.hub.url("/portal");
    for foreign in [
        "//evil.example/portal",
        "/\\evil.example",
        "%2f%2fevil.example",
        "/%2f%2fevil.example",
        "https://evil.example/portal",
        "https:evil.example",
        "javascript:alert(1)",
        "/portal/..//evil.example",
        "/\t/evil.example",
        "/sign-out",
    ] {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", foreign).finish();
        window.go(&format!("/sign-in?{query}")).await;
        window.fill_in_sign_in(&room.client).await;
        window.wait("somebody's own page", "!!document.body.dataset.userId").await;
        assert_eq!(window.eval("location.href").await, home, "next={foreign}");
        window.sign_out().await;
    }
    // Asked for a page of one's own, one comes there after signing in.
    window.go(&room.path(&room.client)).await;
    window.wait("the sign-in page", "location.pathname === '/sign-in'").await;
    window.fill_in_sign_in(&room.client).await;
    window.connected().await;
    assert_eq!(window.path().await, room.path(&room.client));
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_comes_through_the_wrong_door_is_told_and_keeps_what_was_typed() {
    let room = Room::new().await;
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Phone]).await;
    window.forgive(&["status of 401"]);
    window.go("/sign-in?door=clinician").await;
    window.write("[name=email]", &room.client.email).await;
    window.write("[name=password]", crate::support::practice::PASSWORD).await;
    window.click("form[action='/sign-in'] button").await;
    window.wait_for_text("[role=alert]", "do not open this door").await;
    assert_eq!(window.eval("document.querySelector('[name=email]').value").await, room.client.email.as_str());
    assert_eq!(window.eval("document.querySelector('[name=password]').value").await, "");
    assert!(!window.path().await.contains('@'), "the address holds what was typed");
    window.click("[name=door][value=client]").await;
    window.write("[name=password]", crate::support::practice::PASSWORD).await;
    window.click("form[action='/sign-in'] button").await;
    window.wait("the list", "location.pathname === '/portal'").await;
    // A client has no business at the practice's pages.
    window.go(&room.path(&room.clinician)).await;
    assert_eq!(window.path().await, "/portal");
    window.must_be_content().await;
}
