//! The day of an appointment and the way to it: another time proposed and accepted, the room for video, arriving, what
//! took place and what did not. Each on a phone and on a desktop, by keys.

use super::{PATIENCE, Room};
use crate::support::{Browser, Screen, browser, eventually, practice::Caller};
use carehub::clock::Clock;
use chrono::{DateTime, SecondsFormat, TimeDelta};
use fantoccini::key::Key;
use serde_json::json;

/// Where the clinician meets clients over video. Nobody is there.
const MEETING: &str = "https://meet.example.org/dr-hill";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_arrives_meets_their_clinician_and_one_who_does_not_come_is_noted_on_a_phone() {
    spend_a_day(Screen::Phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_arrives_meets_their_clinician_and_one_who_does_not_come_is_noted_at_a_desktop() {
    spend_a_day(Screen::Desktop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_time_is_proposed_and_accepted_on_a_phone() {
    propose_and_accept(Screen::Phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_time_is_proposed_and_accepted_at_a_desktop() {
    propose_and_accept(Screen::Desktop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_parties_come_to_the_room_for_video_when_it_is_open_on_a_phone() {
    meet_over_video(Screen::Phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_parties_come_to_the_room_for_video_when_it_is_open_at_a_desktop() {
    meet_over_video(Screen::Desktop).await;
}

impl Room {
    /// An appointment that is confirmed, and begins in so many minutes, or began.
    pub(super) async fn begins_in(&self, minutes: i64, mode: &str) -> String {
        let far = Clock::system().now() + TimeDelta::days(3);
        let booking = json!({"client": self.client.id, "clinician": self.clinician.id, "startsAt": far, "mode": mode});
        let made = self.clinician.post("ehr/appointments", booking).await.expect(201);
        let id = made["items"][0]["id"].as_str().unwrap().to_owned();
        let near = format!(
            "UPDATE appointments SET during = tstzrange(at, at + interval '50 minutes'),
                taken = tstzrange(at, at + interval '50 minutes')
            FROM (SELECT now() + interval '{minutes} minutes' AS at) near WHERE id = '{id}'"
        );
        self.practice.database.query(&near).await;
        id
    }

    /// What an appointment has come to.
    async fn comes_to(&self, appointment: &str, state: &str) {
        let there = async || {
            let shown = self.client.get(&format!("portal/appointments/{appointment}")).await.expect(200);
            (shown["state"] == state).then_some(())
        };
        eventually(state, PATIENCE, there).await;
    }
}

impl Browser {
    pub(super) async fn to_appointment(&self, who: &Caller, appointment: &str) {
        self.go(&format!("/{}/appointments/{appointment}", who.door())).await;
        self.find("main .record").await;
    }

    /// The buttons of the one appointment that is shown, and what it is said to be.
    pub(super) async fn offers(&self) -> Vec<String> {
        super::strings(
            &self.eval("[...document.querySelectorAll('main .record button')].map((one) => one.textContent)").await,
        )
    }

    pub(super) async fn is_said_to_be(&self, state: &str) {
        self.wait_for_text("main .record-title", state).await;
    }
}

async fn spend_a_day(screen: Screen) {
    let room = Room::new().await;
    let (missed, coming) = (room.begins_in(-60, "inPerson").await, room.begins_in(30, "inPerson").await);
    let [ben, ann] = browser::open(&room.practice.hub.url(""), [screen, screen]).await;
    ben.sign_in(&room.clinician).await;
    ann.sign_in(&room.client).await;

    ben.to_appointment(&room.clinician, &coming).await;
    let offered = ben.offers().await;
    assert!(
        offered.contains(&"Check in".into()) && !offered.contains(&"Missed".into()),
        "it did not begin: {offered:?}"
    );
    ben.press_by_key("Check in").await;
    ben.is_said_to_be("Here").await;
    ben.wait_for_text(".toast", "Ann Field is here").await;
    // Whoever works by keys goes on where they were.
    ben.wait("the focus", "document.activeElement.textContent === 'Complete'").await;
    room.comes_to(&coming, "checkedIn").await;
    ann.to_appointment(&room.client, &coming).await;
    ann.is_said_to_be("Here").await;
    assert_eq!(ann.offers().await, Vec::<String>::new(), "it can be neither moved nor cancelled any more");
    ben.press([char::from(Key::Enter)]).await;
    ben.is_said_to_be("Took place").await;
    assert_eq!(ben.offers().await, Vec::<String>::new());
    ann.reload().await;
    ann.is_said_to_be("Took place").await;
    ben.fits().await;
    ann.fits().await;

    ben.to_appointment(&room.clinician, &missed).await;
    ben.press_by_key("Missed").await;
    ben.wait_for_text("dialog", "cannot be taken back").await;
    ben.fits().await;
    ben.press([char::from(Key::Escape)]).await;
    ben.wait("the dialog gone", "!document.querySelector('dialog')").await;
    ben.is_said_to_be("Confirmed").await;
    ben.press_by_key("Missed").await;
    ben.click("dialog button[type=submit]").await;
    ben.is_said_to_be("Missed").await;
    ann.to_appointment(&room.client, &missed).await;
    ann.is_said_to_be("Missed").await;
    ben.must_be_content().await;

    // What somebody did meanwhile is said, and shown.
    let cancelled = room.begins_in(90, "inPerson").await;
    ben.to_appointment(&room.clinician, &cancelled).await;
    room.clinician.post(&format!("ehr/appointments/{cancelled}/cancel"), json!({})).await.expect(200);
    ben.press_by_key("Check in").await;
    ben.wait_for_text("dialog", "Look again").await;
    ben.press([char::from(Key::Enter)]).await;
    ben.is_said_to_be("Cancelled").await;
    ben.forgive(&["status of 409"]);
    ben.must_be_content().await;
    ann.must_be_content().await;
}

impl Browser {
    /// Proposes the last of the times that are free, by keys; when that is.
    async fn proposes(&self) -> String {
        self.press_by_key("Propose another time").await;
        self.find("dialog .slot-times input").await;
        self.fits().await;
        self.eval("[...document.querySelectorAll('dialog .slot-times input')].at(-1).focus()").await;
        self.press([' ']).await;
        let chosen = self.wait("a time", "document.querySelector('dialog .slot-times input:checked')?.value").await;
        self.press([char::from(Key::Enter)]).await;
        self.wait_for_text(".toast", "Proposed").await;
        self.must_be_content().await;
        chosen.as_str().unwrap().to_owned()
    }

    /// Presses what a dialog asks to be confirmed.
    async fn agrees(&self) {
        self.find("dialog button[type=submit]").await;
        self.eval("document.querySelector('dialog button[type=submit]').focus()").await;
        self.press([char::from(Key::Enter)]).await;
    }
}

impl Room {
    /// When an appointment is, and when it is proposed to be.
    async fn times(&self, appointment: &str) -> [Option<String>; 2] {
        let shown = self.client.get(&format!("portal/appointments/{appointment}")).await.expect(200);
        [&shown["startsAt"], &shown["proposal"]["startsAt"]].map(|at| at.as_str().map(instant))
    }
}

fn instant(text: &str) -> String {
    DateTime::parse_from_rfc3339(text).unwrap().to_rfc3339_opts(SecondsFormat::Secs, true)
}

async fn propose_and_accept(screen: Screen) {
    let room = Room::new().await;
    room.clinician.put("ehr/availability", super::around_the_clock()).await.expect(200);
    let hour = Clock::system().now().timestamp() / 3_600 * 3_600;
    let at = DateTime::from_timestamp(hour, 0).unwrap() + TimeDelta::hours(30);
    let wish = json!({"clinician": room.clinician.id, "startsAt": at});
    let asked = room.client.post("portal/appointments/request", wish).await.expect(201);
    let id = asked["id"].as_str().unwrap();
    let [ben, ann] = browser::open(&room.practice.hub.url(""), [screen, screen]).await;

    ben.sign_in(&room.clinician).await;
    ben.go("/ehr/appointments/requests").await;
    let chosen = instant(&ben.proposes().await);

    ann.sign_in(&room.client).await;
    ann.to_appointment(&room.client, id).await;
    ann.is_said_to_be("Other time proposed").await;
    ann.press_by_key("Accept").await;
    ann.wait_for_text("dialog", "Take this time?").await;
    ann.fits().await;
    // Not yet; and then after all.
    ann.press([char::from(Key::Escape)]).await;
    ann.wait("the dialog gone", "!document.querySelector('dialog')").await;
    ann.press_by_key("Accept").await;
    ann.agrees().await;
    ann.wait_for_text(".toast", "Your appointment is confirmed").await;
    ann.is_said_to_be("Confirmed").await;
    ann.fits().await;
    ann.must_be_content().await;
    assert_eq!(room.times(id).await, [Some(chosen.clone()), None]);
    assert_ne!(chosen, at.to_rfc3339_opts(SecondsFormat::Secs, true));
    ben.to_appointment(&room.clinician, id).await;
    ben.is_said_to_be("Confirmed").await;

    // What is confirmed stays so until the client has taken the other time.
    let other = instant(&ben.proposes().await);
    ben.is_said_to_be("Confirmed").await;
    ben.wait_for_text("main .record", "Proposed, not answered").await;
    ann.reload().await;
    ann.is_said_to_be("Confirmed").await;
    ann.wait_for_text("main .record", "your appointment stays as it is").await;
    ann.fits().await;
    ann.press_by_key("Keep this time").await;
    ann.wait_for_text("dialog", "Keep this time?").await;
    ann.fits().await;
    ann.agrees().await;
    ann.wait_for_text(".toast", "Your appointment stays as it was").await;
    assert_eq!(room.times(id).await, [Some(chosen.clone()), None]);
    ben.reload().await;
    ben.proposes().await;
    ben.press_by_key("Take the proposal back").await;
    ben.wait_for_text(".toast", "Taken back").await;
    assert_eq!(room.times(id).await, [Some(chosen.clone()), None]);
    assert_eq!(instant(&ben.proposes().await), other);
    ann.reload().await;
    ann.press_by_key("Take the other time").await;
    ann.agrees().await;
    ann.wait_for_text(".toast", "Your appointment is confirmed").await;
    assert_eq!(room.times(id).await, [Some(other), None]);
    ann.must_be_content().await;
    ben.must_be_content().await;
}

async fn meet_over_video(screen: Screen) {
    let room = Room::new().await;
    let mut hours = super::around_the_clock();
    hours["roomUrl"] = MEETING.into();
    room.clinician.put("ehr/availability", hours).await.expect(200);
    let (later, now) = (room.begins_in(70, "video").await, room.begins_in(5, "video").await);
    let [ann, ben] = browser::open(&room.practice.hub.url(""), [screen, screen]).await;
    for (window, who) in [(&ann, &room.client), (&ben, &room.clinician)] {
        window.sign_in(who).await;
        window.to_appointment(who, &later).await;
        assert!(!window.offers().await.contains(&"Join".into()), "it is not open yet");
        window.to_appointment(who, &now).await;
        window.fits().await;
        window.must_be_content().await;
        window.press_by_key("Join").await;
        window.leads_to(MEETING).await;
        window.forgive(&["net::ERR_"]);
    }
    // The practice cancels it while the client looks at it.
    ann.to_appointment(&room.client, &now).await;
    room.clinician.post(&format!("ehr/appointments/{now}/cancel"), json!({})).await.expect(200);
    ann.press_by_key("Join").await;
    ann.wait_for_text("dialog", "This appointment is not confirmed").await;
    ann.forgive(&["status of 409"]);
    ann.must_be_content().await;
}
