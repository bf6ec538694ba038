//! An appointment, from the request to the cancellation, on a phone and on a desktop.

use super::Room;
use crate::support::{Screen, browser};
use carehub::clock::Clock;
use chrono::TimeDelta;
use fantoccini::key::Key;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_asks_by_keyboard_the_practice_confirms_and_the_client_cancels_by_its_policy() {
    let room = Room::new().await;
    room.clinician.put("ehr/availability", super::around_the_clock()).await.expect(200);
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_practice_keeps_its_waitlist_and_moves_and_cancels_a_series_by_keyboard_on_a_phone() {
    let room = Room::new().await;
    room.clinician.put("ehr/availability", super::around_the_clock()).await.expect(200);
    let now = Clock::system().now();
    let wish =
        json!({"clinician": room.clinician.id, "mode": "video", "from": now, "until": now + TimeDelta::days(30)});
    room.client.post("portal/appointments/waitlist", wish).await.expect(201);
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Phone]).await;
    window.sign_in(&room.clinician).await;
    window.go("/ehr/appointments/requests").await;
    window.press_button("Offer a time").await;
    window.find("dialog .slot-times input").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("dialog [role=alert]", "Choose a time first").await;
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
    window.wait_for_text("dialog", "Carehub does not tell them").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("care-waitlist", "Nobody waits").await;

    let hour = now.timestamp() / 3_600 * 3_600;
    let at = chrono::DateTime::from_timestamp(hour, 0).unwrap() + TimeDelta::hours(30);
    let series = json!({"client": room.client.id, "clinician": room.clinician.id, "startsAt": at, "rule": "FREQ=WEEKLY;COUNT=4"});
    let made = room.clinician.post("ehr/appointments", series).await.expect(201);
    let taken =
        json!({"client": room.client.id, "clinician": room.clinician.id, "startsAt": at + TimeDelta::hours(175)});
    room.clinician.post("ehr/appointments", taken).await.expect(201);
    window.go(&format!("/ehr/appointments/{}", made["items"][0]["id"].as_str().unwrap())).await;
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
    window.must_be_content().await;
}
