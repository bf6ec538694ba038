//! The waitlist and series, as the practice keeps them, on a phone and on a desktop.

use super::{PATIENCE, Room};
use crate::support::{Browser, Screen, browser, eventually};
use carehub::clock::Clock;
use chrono::{DateTime, TimeDelta};
use fantoccini::key::Key;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_practice_keeps_its_waitlist_by_keyboard_on_a_phone() {
    keep_the_waitlist(Screen::Phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_practice_keeps_its_waitlist_by_keyboard_at_a_desktop() {
    keep_the_waitlist(Screen::Desktop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_series_is_moved_and_cancelled_by_keyboard_on_a_phone() {
    move_and_cancel_a_series(Screen::Phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_series_is_moved_and_cancelled_by_keyboard_at_a_desktop() {
    move_and_cancel_a_series(Screen::Desktop).await;
}

impl Room {
    /// The clinician on a page of theirs.
    async fn clinician_at(&self, screen: Screen, path: &str) -> Browser {
        let [window] = browser::open(&self.practice.hub.url(""), [screen]).await;
        window.sign_in(&self.clinician).await;
        window.go(path).await;
        window
    }
}

async fn keep_the_waitlist(screen: Screen) {
    let room = Room::new().await;
    room.clinician.put("ehr/availability", super::around_the_clock()).await.expect(200);
    let now = Clock::system().now();
    let wish =
        json!({"clinician": room.clinician.id, "mode": "video", "from": now, "until": now + TimeDelta::days(30)});
    room.client.post("portal/appointments/waitlist", wish).await.expect(201);
    let window = room.clinician_at(screen, "/ehr/appointments/requests").await;
    window.press_button("Offer a time").await;
    window.find("dialog .slot-times input").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("dialog [role=alert]", "Choose a time first").await;
    // Of today there may be nothing left that is far enough ahead to be offered.
    window.eval("document.querySelector('dialog .slot-days button:nth-child(2)').click()").await;
    window.eval("[...document.querySelectorAll('dialog .slot-times input')].at(-1).focus()").await;
    window.press([' ']).await;
    window.press([char::from(Key::Enter)]).await;
    window.wait_for_text(".toast", "Offered").await;
    let offered = room.client.get("portal/appointments").await.expect(200);
    assert_eq!(offered["items"][0]["state"], "offered");
    window.click("care-waitlist summary").await;
    window.press_button("Change").await;
    window.eval("document.querySelector('dialog [name=mode]').value = 'phone'").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("care-waitlist", "Telephone").await;
    window.click("care-waitlist summary").await;
    window.press_button("Take off").await;
    window.wait_for_text("dialog", "is told so").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("care-waitlist", "Nobody waits").await;
    window.fits().await;
    window.must_be_content().await;
    let told = async || {
        let told = room.client.get("portal/notifications").await.expect(200);
        told["items"].as_array().unwrap().iter().any(|one| one["kind"] == "waitlistRemoved").then_some(())
    };
    eventually("word that one is off the waitlist", PATIENCE, told).await;
}

async fn move_and_cancel_a_series(screen: Screen) {
    let room = Room::new().await;
    room.clinician.put("ehr/availability", super::around_the_clock()).await.expect(200);
    let now = Clock::system().now();
    let hour = now.timestamp() / 3_600 * 3_600;
    let at = DateTime::from_timestamp(hour, 0).unwrap() + TimeDelta::hours(30);
    let series = json!({"client": room.client.id, "clinician": room.clinician.id, "startsAt": at, "rule": "FREQ=WEEKLY;COUNT=4"});
    let made = room.clinician.post("ehr/appointments", series).await.expect(201);
    let taken =
        json!({"client": room.client.id, "clinician": room.clinician.id, "startsAt": at + TimeDelta::hours(175)});
    room.clinician.post("ehr/appointments", taken).await.expect(201);
    let page = format!("/ehr/appointments/{}", made["items"][0]["id"].as_str().unwrap());
    let window = room.clinician_at(screen, &page).await;
    window.press_button("Move").await;
    window.find("dialog .slot-times input").await;
    window.eval("document.querySelector('dialog [name=scope][value=one]').focus()").await;
    window.press([char::from(Key::Down)]).await;
    window.press([char::from(Key::Down)]).await;
    window.wait("the whole of it", "document.querySelector('dialog [name=scope]:checked').value === 'all'").await;
    let to = at + TimeDelta::hours(7);
    let choose = format!(
        "(() => {{ const to = Date.parse('{to}'); for (const day of document.querySelectorAll('dialog .slot-days button')) {{
            day.click();
            const found = [...document.querySelectorAll('dialog .slot-times input')].find(({{value}}) => Date.parse(value) === to);
            if (found) {{ found.click(); return true; }}
        }} return false; }})()",
        to = to.to_rfc3339()
    );
    assert_eq!(window.eval(&choose).await, true);
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("dialog [role=alert]", "Nothing was changed").await;
    window.forgive(&["status of 409"]);
    window.click("dialog [name=leaveTaken]").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text(".toast", "Moved: 3 appointments; left where they were: 1").await;
    window.press_button("Cancel").await;
    window.wait_for_text("dialog", "one of a series").await;
    window.click("dialog [name=scope][value=all]").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text(".toast", "Cancelled: 4 appointments").await;
    window.fits().await;
    window.must_be_content().await;
}
