//! What somebody was told, and how they want to be told.

use super::{PATIENCE, Room};
use crate::support::{Screen, browser, eventually};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_chooses_is_kept_and_what_nobody_may_turn_off_is_not_offered() {
    let room = Room::new().await;
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Phone]).await;
    window.sign_in(&room.clinician).await;
    window.go("/ehr/account/notifications").await;
    let email = "[name='channels.newMessage'][value=email]";
    window.find(email).await;
    assert_eq!(window.eval("document.querySelector(\"[name='channels.emergency']\")").await, json!(null));
    window.click(email).await;
    window.click("[name=quiet]").await;
    window.find("[name='quietHours.from']").await;
    window.press_button("Save").await;
    window.wait_for_text("care-notification-choices [role=status]", "Saved").await;
    window.reload().await;
    window.find(email).await;
    assert_eq!(window.eval(&format!("document.querySelector(\"{email}\").checked")).await, false);
    assert_eq!(window.eval("document.querySelector('[name=quiet]').checked").await, true);
    let kept = room.clinician.get("ehr/account/notifications").await.expect(200);
    assert_eq!(kept["quietHours"], json!({"from": "21:00", "until": "08:00"}));
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bell_counts_what_is_unread_and_reading_it_makes_it_less() {
    let room = Room::new().await;
    let other = room.practice.person("Dr. Cy Dale", carehub::accounts::Role::Clinician).await;
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Desktop]).await;
    window.sign_in(&other).await;
    window.go("/ehr/notifications").await;
    // Signing in on this new device was told, too.
    window.wait_for_text("care-notifications", "A new sign-in").await;
    let hand_over = json!({"to": other.id});
    room.clinician.post(&format!("ehr/threads/{}/hand-over", room.thread), hand_over).await.expect(200);
    let unread = async || {
        let answer = other.get("ehr/notifications/unread-count").await.expect(200);
        (answer["unread"] == 2).then_some(())
    };
    eventually("two notices", PATIENCE, unread).await;
    window.wait_for_text("care-bell .badge", "2").await;
    window.wait("both listed", "document.querySelectorAll('care-notifications .record').length === 2").await;
    window.press_button("Mark as read").await;
    window.wait_for_text("care-bell .badge", "1").await;
    window.press_button("Mark all as read").await;
    window.wait("nothing unread", "!document.querySelector('care-bell .badge')").await;
    window.wait("no mark", "!document.querySelector('care-notifications .tag')").await;
    window.must_be_content().await;
}
