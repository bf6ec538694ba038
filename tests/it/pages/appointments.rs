//! An appointment, from the request to the cancellation, on a phone and on a desktop.

use super::Room;
use crate::support::{Screen, browser};
use fantoccini::key::Key;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_asks_by_keyboard_the_practice_confirms_and_the_client_cancels_by_its_policy() {
    let room = Room::new().await;
    let hours: Vec<_> =
        (1..=7).map(|weekday| json!({"weekday": weekday, "starts": "00:00", "ends": "00:00"})).collect();
    let week = json!({"revision": 0, "timeZone": "America/Chicago", "hours": hours, "sessionMinutes": 50,
        "bufferMinutes": 10, "stepMinutes": 60, "noticeMinutes": 60, "horizonDays": 60, "roomUrl": null});
    room.clinician.put("ehr/availability", week).await.expect(200);
    let [phone, desktop] = browser::open(&room.practice.hub.url(""), [Screen::Phone, Screen::Desktop]).await;

    phone.sign_in(&room.client).await;
    phone.go("/portal/appointments").await;
    phone.wait_for_text("care-appointments[status=upcoming]", "no appointment ahead").await;
    phone.go("/portal/appointments/new").await;
    phone.find("care-slots input[type=radio]").await;
    // The day after tomorrow, then a time, by keys alone.
    phone.eval("document.querySelector('.slot-days button:nth-child(3)').focus()").await;
    phone.press([char::from(Key::Enter)]).await;
    phone.eval("document.querySelector('.slot-times input').focus()").await;
    phone.press([' ']).await;
    phone
        .wait(
            "the time is kept",
            "document.querySelector('care-appointment-request').innerText.includes('kept for you until')",
        )
        .await;
    phone.write("care-appointment-request textarea", "About my sleep").await;
    phone.press_button("Ask for this time").await;
    phone.wait_for_text("care-appointment-request h2", "The practice has your request").await;
    phone.must_be_content().await;

    desktop.sign_in(&room.clinician).await;
    desktop.go("/ehr/appointments/requests").await;
    desktop.wait_for_text("care-staff-appointments", "About my sleep").await;
    desktop.press_button("Confirm").await;
    desktop.wait_for_text("care-staff-appointments", "Nobody waits for an answer").await;
    for view in ["Week", "Month", "Day"] {
        desktop.go("/ehr/appointments").await;
        desktop.find("care-schedule [data-view]").await;
        desktop.press_button(view).await;
        desktop.press_button("Today").await;
        if view == "Week" {
            continue;
        }
        if view == "Day" {
            desktop.press_button("After").await;
            desktop.press_button("After").await;
        }
        let shown = "document.querySelector('care-schedule').innerText.includes('Ann Field')";
        desktop.wait(view, shown).await;
    }
    desktop.must_be_content().await;

    phone.go("/portal/appointments").await;
    phone.wait_for_text("care-appointments[status=upcoming]", "Confirmed").await;
    phone.press_button("Cancel").await;
    phone.wait_for_text("dialog", "this costs nothing").await;
    phone.click("dialog button[type=submit]").await;
    phone.wait_for_text("care-appointments[status=upcoming]", "no appointment ahead").await;
    phone.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hours_are_written_down_and_kept_and_an_address_for_calendars_is_shown_once() {
    let room = Room::new().await;
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Phone]).await;
    window.sign_in(&room.clinician).await;
    window.go("/ehr/availability").await;
    window.press_button("Add hours").await;
    window.find("[data-row='0']").await;
    window.press_button("Save the hours").await;
    window.wait_for_text("care-availability [role=status]", "Saved").await;
    let kept = room.clinician.get("ehr/availability").await.expect(200);
    assert_eq!(kept["hours"], json!([{"weekday": 1, "starts": "09:00", "ends": "17:00"}]));
    window.must_be_content().await;
    window.sign_out().await;

    window.sign_in(&room.client).await;
    window.go("/portal/appointments").await;
    window.press_button("Make an address").await;
    window.find("care-calendar-feed input[readonly]").await;
    let address = window.eval("document.querySelector('care-calendar-feed input[readonly]').value").await;
    assert!(address.as_str().unwrap().ends_with(".ics"), "{address}");
    window.reload().await;
    window.wait_for_text("care-calendar-feed", "You made an address").await;
    assert_eq!(window.eval("document.querySelectorAll('care-calendar-feed input[readonly]').length").await, 0);
    window.must_be_content().await;
}
