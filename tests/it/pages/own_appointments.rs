//! What clients do with their appointments by themselves: they book, move, cancel late, answer offers, and end the address
//! of their calendar. By the practice's policy, each on a phone and at a desktop.

use super::Room;
use crate::support::{Browser, Screen, browser, practice::Caller};
use carehub::{accounts::Role, clock::Clock};
use chrono::{DateTime, TimeDelta, Utc};
use fantoccini::key::Key;
use serde_json::{Value, json};

const PHONE: &str = "+1 312 555 0142";
const LAST_TIME: &str = "[...document.querySelectorAll('dialog .slot-times input')].at(-1).focus()";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_moves_an_appointment_and_cancels_late_for_a_fee_on_a_phone() {
    move_and_cancel_late(Screen::Phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_moves_an_appointment_and_cancels_late_for_a_fee_at_a_desktop() {
    move_and_cancel_late(Screen::Desktop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_done_by_telephone_alone_is_said_with_the_number_on_a_phone() {
    by_telephone(Screen::Phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_done_by_telephone_alone_is_said_with_the_number_at_a_desktop() {
    by_telephone(Screen::Desktop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_books_answers_offers_and_ends_the_address_of_the_calendar_on_a_phone() {
    book_and_answer_offers(Screen::Phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_books_answers_offers_and_ends_the_address_of_the_calendar_at_a_desktop() {
    book_and_answer_offers(Screen::Desktop).await;
}

/// Changes the practice's policy, as its administrator does.
async fn rule(admin: &Caller, changes: Value) {
    let mut policy = admin.get("admin/appointment-policy").await.expect(200);
    policy.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    admin.put("admin/appointment-policy", policy).await.expect(200);
}

/// The client at a page of theirs.
async fn client_of(room: &Room, screen: Screen) -> Browser {
    let [ann] = browser::open(&room.practice.hub.url(""), [screen]).await;
    ann.sign_in(&room.client).await;
    ann
}

fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

async fn closed(window: &Browser) {
    window.wait("the dialog gone", "!document.querySelector('dialog')").await;
}

async fn move_and_cancel_late(screen: Screen) {
    let room = Room::new().await;
    let alma = room.practice.person("Alma Reyes", Role::Admin).await;
    room.clinician.put("ehr/availability", super::around_the_clock()).await.expect(200);
    rule(&alma, json!({"late": "fee", "fee": {"amount": 7500, "currency": "USD"}})).await;
    let (moved, late) = (room.begins_in(3_000, "inPerson").await, room.begins_in(300, "inPerson").await);
    let ann = client_of(&room, screen).await;
    ann.to_appointment(&room.client, &moved).await;
    ann.press_by_key("Move").await;
    ann.wait_for_text("dialog", "Up to 24 hours before it begins this costs nothing").await;
    ann.find("dialog .slot-times input").await;
    ann.fits().await;
    ann.eval(LAST_TIME).await;
    ann.press([' ']).await;
    let chosen = ann.wait("a time", "document.querySelector('dialog .slot-times input:checked')?.value").await;
    ann.press([char::from(Key::Enter)]).await;
    ann.wait_for_text(".toast", "The practice will confirm the new time").await;
    ann.is_said_to_be("Move to be confirmed").await;
    let shown = room.client.get(&format!("portal/appointments/{moved}")).await.expect(200);
    assert_eq!(instant(&shown["startsAt"]), instant(&chosen));

    // Not without saying yes to what it costs.
    ann.to_appointment(&room.client, &late).await;
    ann.press_by_key("Cancel").await;
    ann.wait_for_text("dialog", "so this costs $75.00").await;
    ann.fits().await;
    ann.click("dialog button[type=submit]").await;
    ann.wait("the box to be ticked", "!!document.querySelector('dialog [name=acceptFee]:invalid')").await;
    ann.is_said_to_be("Confirmed").await;
    ann.eval("document.querySelector('dialog [name=acceptFee]').focus()").await;
    ann.press([' ', char::from(Key::Enter)]).await;
    ann.is_said_to_be("Cancelled").await;
    let fees = "SELECT because || ' ' || amount FROM appointment_fees";
    assert_eq!(room.practice.database.query(fees).await, ["cancelledLate 7500"]);

    // A fee of nothing is none: nobody has to agree to it.
    rule(&alma, json!({"fee": {"amount": 0, "currency": "USD"}})).await;
    let free = room.begins_in(600, "inPerson").await;
    ann.to_appointment(&room.client, &free).await;
    ann.press_by_key("Cancel").await;
    ann.find("dialog button[type=submit]").await;
    assert_eq!(ann.eval("document.querySelector('dialog').innerText.includes('$')").await, false);
    ann.done().await;
    ann.is_said_to_be("Cancelled").await;
    ann.fits().await;
    ann.must_be_content().await;
}

async fn by_telephone(screen: Screen) {
    let room = Room::new().await;
    let alma = room.practice.person("Alma Reyes", Role::Admin).await;
    room.clinician.put("ehr/availability", super::around_the_clock()).await.expect(200);
    rule(&alma, json!({"late": "phoneOnly", "phone": PHONE})).await;
    let (late, later) = (room.begins_in(300, "inPerson").await, room.begins_in(3_000, "inPerson").await);
    let now = Clock::system().now();
    let hour = DateTime::from_timestamp(now.timestamp() / 3_600 * 3_600, 0).unwrap() + TimeDelta::hours(30);
    let asked = json!({"clinician": room.clinician.id, "startsAt": hour});
    let asked = room.client.post("portal/appointments/request", asked).await.expect(201);
    let asked = asked["id"].as_str().unwrap();
    let ann = client_of(&room, screen).await;
    let told = async |act: &str, why: &str| {
        ann.press_by_key(act).await;
        ann.wait_for_text("dialog", why).await;
        ann.wait_for_text("dialog a[href='tel:+13125550142']", PHONE).await;
        assert_eq!(ann.eval("!!document.querySelector('dialog care-slots, dialog [name=acceptFee]')").await, false);
        ann.fits().await;
        ann.click("dialog button[type=submit]").await;
        closed(&ann).await;
        ann.is_said_to_be("Confirmed").await;
    };
    ann.to_appointment(&room.client, &late).await;
    for act in ["Cancel", "Move"] {
        told(act, "It begins in less than 24 hours. Please call the practice").await;
    }
    // The practice changes its mind while somebody looks: the refusal brings the number.
    ann.to_appointment(&room.client, &later).await;
    ann.press_by_key("Cancel").await;
    ann.wait_for_text("dialog", "this costs nothing").await;
    rule(&alma, json!({"mayCancel": false})).await;
    ann.click("dialog button[type=submit]").await;
    ann.wait_for_text("dialog [role=alert]", PHONE).await;
    ann.forgive(&["status of 409"]);
    ann.reload().await;
    for act in ["Cancel", "Move"] {
        told(act, "This is done by telephone. Please call the practice").await;
    }
    // What nobody has answered yet is taken back all the same.
    ann.to_appointment(&room.client, asked).await;
    ann.press_by_key("Cancel").await;
    ann.find("dialog button[type=submit]").await;
    ann.done().await;
    ann.is_said_to_be("Cancelled").await;
    ann.must_be_content().await;
}

async fn book_and_answer_offers(screen: Screen) {
    let room = Room::new().await;
    let alma = room.practice.person("Alma Reyes", Role::Admin).await;
    room.clinician.put("ehr/availability", super::around_the_clock()).await.expect(200);
    rule(&alma, json!({"mayBook": true})).await;
    let ann = client_of(&room, screen).await;
    ann.go("/portal/appointments/new").await;
    ann.find("care-slots input[type=radio]").await;
    ann.eval("document.querySelector('.slot-times input').focus()").await;
    ann.press([' ']).await;
    ann.wait_for_text("care-appointment-request", "kept for you until").await;
    ann.press_by_key("Book this time").await;
    ann.wait_for_text("care-appointment-request h2", "Your appointment is booked").await;
    ann.fits().await;

    let now = Clock::system().now();
    let wish =
        json!({"clinician": room.clinician.id, "mode": "video", "from": now, "until": now + TimeDelta::days(30)});
    let waiting = room.client.post("portal/appointments/waitlist", wish).await.expect(201);
    let offer = format!("ehr/appointments/waitlist/{}/offer", waiting["id"].as_str().unwrap());
    let mut offers = Vec::new();
    for days in [5, 6] {
        let offered = json!({"startsAt": now + TimeDelta::days(days)});
        let offered = room.clinician.post(&offer, offered).await.expect(201);
        offers.push(offered["id"].as_str().unwrap().to_owned());
    }
    ann.go("/portal/appointments").await;
    ann.wait_for_text("care-appointments[status=upcoming]", "Kept for you until").await;
    ann.fits().await;
    ann.to_appointment(&room.client, &offers[0]).await;
    ann.press_by_key("Decline").await;
    ann.wait_for_text("dialog", "Decline this time?").await;
    ann.click("dialog button[type=submit]").await;
    ann.wait_for_text(".toast", "Declined").await;
    ann.is_said_to_be("Cancelled").await;
    ann.to_appointment(&room.client, &offers[1]).await;
    ann.press_by_key("Accept").await;
    ann.wait_for_text("dialog", "Take this time?").await;
    ann.done().await;
    ann.is_said_to_be("Confirmed").await;
    assert_eq!(room.client.get("portal/appointments/waitlist").await.expect(200)["items"], json!([]));

    ann.go("/portal/appointments").await;
    ann.press_by_key("Make an address").await;
    ann.find("care-calendar-feed input[readonly]").await;
    let read = "fetch(window.address).then(({ status }) => status)";
    ann.eval("void (window.address = document.querySelector('care-calendar-feed input[readonly]').value)").await;
    assert_eq!(ann.eval(read).await, 200);
    ann.press_by_key("End the address").await;
    let gone = "!document.querySelector('care-calendar-feed').innerText.includes('You made an address')";
    ann.wait("no address", gone).await;
    assert_eq!(ann.eval("document.activeElement.textContent").await, "Make an address");
    assert_eq!(ann.eval(read).await, 404);
    ann.forgive(&["status of 404"]);
    ann.fits().await;
    ann.must_be_content().await;
}
