//! An appointment, from the request to the cancellation; hours, and an address for calendars. On a phone and on a desktop.

use super::Room;
use crate::support::{Screen, browser};
use fantoccini::key::Key;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_asks_by_keyboard_the_practice_confirms_and_the_client_cancels_by_its_policy() {
    from_request_to_cancellation([Screen::Phone, Screen::Desktop]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_goes_for_a_client_at_a_desktop_and_a_practice_on_a_phone() {
    from_request_to_cancellation([Screen::Desktop, Screen::Phone]).await;
}

async fn from_request_to_cancellation(screens: [Screen; 2]) {
    let room = Room::new().await;
    room.clinician.put("ehr/availability", super::around_the_clock()).await.expect(200);
    let [ann, ben] = browser::open(&room.practice.hub.url(""), screens).await;

    ann.sign_in(&room.client).await;
    ann.go("/portal/appointments").await;
    ann.wait_for_text("care-appointments[status=upcoming]", "no appointment ahead").await;
    ann.go("/portal/appointments/new").await;
    ann.find("care-slots input[type=radio]").await;
    // The third day, then a time, by keys alone.
    ann.eval("document.querySelector('.slot-days button:nth-child(3)').focus()").await;
    ann.press([char::from(Key::Enter)]).await;
    ann.eval("document.querySelector('.slot-times input').focus()").await;
    ann.press([' ']).await;
    ann.wait(
        "the time is kept",
        "document.querySelector('care-appointment-request').innerText.includes('kept for you until')",
    )
    .await;
    // Late in the evening, the first day with a free time is tomorrow.
    let ahead = "(() => { const chosen = new Date(document.querySelector('.slot-times input:checked').value);
        return Math.round((chosen.setHours(0, 0, 0, 0) - new Date().setHours(0, 0, 0, 0)) / 86_400_000); })()";
    let days = ann.eval(ahead).await.as_i64().unwrap();
    let next_month = ann
        .eval(
            "new Date(document.querySelector('.slot-times input:checked').value).getMonth() !== new Date().getMonth()",
        )
        .await;
    ann.write("care-appointment-request textarea", "About my sleep").await;
    ann.press_button("Ask for this time").await;
    ann.wait_for_text("care-appointment-request h2", "The practice has your request").await;
    ann.fits().await;
    ann.must_be_content().await;

    ben.sign_in(&room.clinician).await;
    ben.go("/ehr/appointments/requests").await;
    ben.wait_for_text("care-staff-appointments", "About my sleep").await;
    ben.press_button("Confirm").await;
    ben.wait_for_text("care-staff-appointments", "Nobody waits for an answer").await;
    for view in ["Week", "Month", "Day"] {
        ben.go("/ehr/appointments").await;
        ben.find("care-schedule [data-view]").await;
        ben.press_button(view).await;
        ben.press_button("Today").await;
        if view == "Week" {
            continue;
        }
        if view == "Month" && next_month == true {
            ben.press_button("After").await;
        }
        if view == "Day" {
            for _ in 0..days {
                ben.press_button("After").await;
            }
        }
        let shown = "document.querySelector('care-schedule').innerText.includes('Ann Field')";
        ben.wait(view, shown).await;
        ben.fits().await;
    }
    ben.must_be_content().await;

    ann.go("/portal/appointments").await;
    ann.wait_for_text("care-appointments[status=upcoming]", "Confirmed").await;
    ann.press_button("Cancel").await;
    ann.wait_for_text("dialog", "this costs nothing").await;
    ann.click("dialog button[type=submit]").await;
    ann.wait_for_text("care-appointments[status=upcoming]", "no appointment ahead").await;
    ann.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hours_are_written_down_and_kept_and_an_address_for_calendars_is_shown_once() {
    hours_and_an_address(Screen::Phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hours_and_an_address_for_calendars_at_a_desktop() {
    hours_and_an_address(Screen::Desktop).await;
}

async fn hours_and_an_address(screen: Screen) {
    let room = Room::new().await;
    let [window] = browser::open(&room.practice.hub.url(""), [screen]).await;
    window.sign_in(&room.clinician).await;
    window.go("/ehr/availability").await;
    window.press_button("Add hours").await;
    window.find("[data-row='0']").await;
    window.press_button("Save the hours").await;
    window.wait_for_text("care-availability [role=status]", "Saved").await;
    let kept = room.clinician.get("ehr/availability").await.expect(200);
    assert_eq!(kept["hours"], json!([{"weekday": 1, "starts": "09:00", "ends": "17:00"}]));
    window.fits().await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_weeks_are_offered_whole_however_many_times_they_have() {
    let room = Room::new().await;
    let mut often = super::around_the_clock();
    often["sessionMinutes"] = json!(5);
    often["bufferMinutes"] = json!(0);
    often["stepMinutes"] = json!(5);
    room.clinician.put("ehr/availability", often).await.expect(200);
    let [ann] = browser::open(&room.practice.hub.url(""), [Screen::Phone]).await;
    ann.sign_in(&room.client).await;
    ann.go("/portal/appointments/new").await;
    ann.find("care-slots input[type=radio]").await;
    // Two weeks of five minutes each, but for the hour that is too near. Clocks may change in between.
    let found =
        ann.eval("parseInt(document.querySelector('care-slots [role=status]').textContent)").await.as_i64().unwrap();
    assert!((4_018..=4_020).contains(&found), "{found} free times");
    ann.click(".slot-days button:last-child").await;
    let last =
        "(new Date(document.querySelector('.slot-times label:last-child input').value) - Date.now()) / 3_600_000";
    let last = ann.eval(last).await.as_f64().unwrap();
    assert!((335.0..=336.0).contains(&last), "the last one is {last} hours ahead");
    ann.fits().await;
    ann.must_be_content().await;
}
