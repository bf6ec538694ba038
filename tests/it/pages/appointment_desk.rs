//! What the practice does about appointments beside answering requests: it makes them, alone and as a series, settles times
//! for itself, keeps hours and exceptions, and decides how clients may handle theirs. On a phone and at a desktop.

use super::Room;
use crate::support::{Browser, Screen, browser, practice::Caller};
use carehub::accounts::Role;
use chrono::{DateTime, TimeDelta, Utc};
use fantoccini::key::Key;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_practice_makes_appointments_and_settles_any_time_on_a_phone() {
    make_and_settle(Screen::Phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_practice_makes_appointments_and_settles_any_time_at_a_desktop() {
    make_and_settle(Screen::Desktop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hours_of_a_colleague_exceptions_and_the_policy_are_kept_on_a_phone() {
    keep_hours_and_policy(Screen::Phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hours_of_a_colleague_exceptions_and_the_policy_are_kept_at_a_desktop() {
    keep_hours_and_policy(Screen::Desktop).await;
}

impl Browser {
    /// Writes what the keys of a machine write into a field for dates, whatever language they are set to.
    async fn put(&self, css: &str, value: &str) {
        let put = "(() => { const field = document.querySelector(CSS); field.value = VALUE;
            field.dispatchEvent(new Event('input', { bubbles: true })); field.focus(); return field.value !== ''; })()"
            .replace("CSS", &json!(css).to_string())
            .replace("VALUE", &json!(value).to_string());
        assert_eq!(self.eval(&put).await, true, "{css}");
    }

    /// Sends a dialog by key, and waits until it is done.
    pub(super) async fn done(&self) {
        self.eval("document.querySelector('dialog button[type=submit]').focus()").await;
        self.press([char::from(Key::Enter)]).await;
        self.wait("the dialog gone", "!document.querySelector('dialog')").await;
    }
}

fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

/// A day so far ahead, with a time, as fields for dates have it.
fn shown(days: i64, clock: &str) -> String {
    let day = carehub::clock::Clock::system().now() + TimeDelta::days(days);
    format!("{}T{clock}", day.format("%Y-%m-%d"))
}

async fn all_of(who: &Caller) -> Vec<Value> {
    who.get("ehr/appointments?status=all").await.expect(200)["items"].as_array().unwrap().clone()
}

/// Nobody has hours here: every time is the practice's own to settle.
async fn make_and_settle(screen: Screen) {
    let room = Room::new().await;
    let [ben] = browser::open(&room.practice.hub.url(""), [screen]).await;
    ben.sign_in(&room.clinician).await;
    ben.go("/ehr/appointments").await;
    ben.wait_for_text("care-schedule", "No appointments.").await;
    ben.press_by_key("New appointment").await;
    ben.find("dialog [name=client]").await;
    ben.write("dialog input[type=search]", "Nobody").await;
    ben.wait_for_text("dialog", "Nobody of this name").await;
    ben.eval("document.querySelector('dialog input[type=search]').value = ''").await;
    ben.write("dialog input[type=search]", "fiel").await;
    ben.find("dialog [name=client]").await;
    ben.fits().await;
    ben.put("dialog [name=at]", &shown(3, "10:00")).await;
    ben.write("dialog [name=minutes]", "30").await;
    ben.click("dialog [name=client]").await;
    ben.done().await;
    ben.wait_for_text(".toast", "Made.").await;
    let made = all_of(&room.clinician).await;
    assert_eq!(made.len(), 1);
    assert_eq!(instant(&made[0]["endsAt"]) - instant(&made[0]["startsAt"]), TimeDelta::minutes(30));

    // Weekly, the second week is taken by the one before.
    ben.press_by_key("New appointment").await;
    ben.find("dialog [name=client]").await;
    ben.click("dialog [name=client]").await;
    ben.put("dialog [name=at]", &shown(-4, "10:00")).await;
    ben.eval("document.querySelector('dialog [name=rule]').value = 'FREQ=WEEKLY'").await;
    ben.put("dialog [name=count]", "3").await;
    ben.click("dialog button[type=submit]").await;
    ben.wait_for_text("dialog [role=alert]", "a time that is ahead").await;
    ben.put("dialog [name=at]", &shown(3, "10:00")).await;
    ben.click("dialog button[type=submit]").await;
    ben.wait_for_text("dialog [role=alert]", "These times are taken").await;
    ben.forgive(&["status of 409", "status of 422"]);
    ben.click("dialog [name=skip]").await;
    ben.done().await;
    ben.wait_for_text(".toast", "1 left out").await;
    assert_eq!(all_of(&room.clinician).await.len(), 3);

    let id = made[0]["id"].as_str().unwrap();
    ben.to_appointment(&room.clinician, id).await;
    ben.press_by_key("Move").await;
    ben.wait_for_text("dialog", "No free time").await;
    ben.click("dialog button[type=submit]").await;
    ben.wait_for_text("dialog [role=alert]", "Choose a time first").await;
    ben.put("dialog input[type=datetime-local]", &shown(2, "21:15")).await;
    let meant =
        ben.eval("new Date(document.querySelector('dialog input[type=datetime-local]').value).toISOString()").await;
    ben.fits().await;
    ben.done().await;
    ben.wait_for_text(".toast", "Moved").await;
    let moved = room.clinician.get(&format!("ehr/appointments/{id}")).await.expect(200);
    assert_eq!(instant(&moved["startsAt"]), instant(&meant));
    ben.fits().await;
    ben.must_be_content().await;
}

async fn keep_hours_and_policy(screen: Screen) {
    let room = Room::new().await;
    let (flo, alma) =
        (room.practice.person("Flo Gray", Role::Staff).await, room.practice.person("Alma Reyes", Role::Admin).await);
    let [desk] = browser::open(&room.practice.hub.url(""), [screen]).await;
    desk.sign_in(&flo).await;
    desk.go("/ehr/availability").await;
    desk.find("care-availability [name=user] option").await;
    let choose = "(() => { const who = document.querySelector('care-availability [name=user]'); who.value = ID;
        who.dispatchEvent(new Event('change', { bubbles: true })); return who.value === ID; })()"
        .replace("ID", &json!(room.clinician.id).to_string());
    desk.wait("the colleague", &choose).await;
    desk.press_by_key("Add hours").await;
    desk.find("[data-row='0']").await;
    desk.press_by_key("Save the hours").await;
    desk.wait_for_text("care-availability [role=status]", "Saved").await;
    let kept = room.clinician.get("ehr/availability").await.expect(200);
    assert_eq!(kept["hours"], json!([{"weekday": 1, "starts": "09:00", "ends": "17:00"}]), "the colleague's");
    // What is not saved yet stays through all that follows.
    desk.put("[name='hours.0.starts']", "08:30").await;
    for (act, open) in [("Away", false), ("There all the same", true)] {
        desk.press_by_key(act).await;
        desk.put("dialog [name=from]", &shown(3, "09:00")).await;
        desk.put("dialog [name=until]", &shown(3, "08:00")).await;
        desk.click("dialog button[type=submit]").await;
        desk.wait_for_text("dialog [role=alert]", "after the beginning").await;
        desk.forgive(&["status of 422"]);
        desk.put("dialog [name=until]", &shown(3, "12:00")).await;
        desk.fits().await;
        desk.done().await;
        desk.find("care-availability .records").await;
        let noted = room.clinician.get("ehr/availability").await.expect(200);
        assert_eq!(noted["exceptions"][0]["open"], open);
        desk.press_by_key("Remove: ").await;
        desk.wait_for_text("care-availability", "Every week is like the others").await;
    }
    assert_eq!(desk.eval("document.querySelector(\"[name='hours.0.starts']\").value").await, "08:30");
    desk.fits().await;
    desk.must_be_content().await;
    desk.sign_out().await;

    desk.sign_in(&alma).await;
    desk.go("/ehr/admin/appointment-policy").await;
    desk.find("[name=mayBook]").await;
    desk.click("[name=mayBook]").await;
    desk.eval("document.querySelector('[name=late]').value = 'fee'").await;
    desk.put("[name='fee.amount']", "75").await;
    desk.put("[name=phone]", "+1 312 555 0142").await;
    desk.put("[name=reminderMinutes]", "48, soon").await;
    desk.press_by_key("Save").await;
    desk.wait_for_text("care-appointment-policy [role=alert]", "numbers with commas").await;
    desk.put("[name=reminderMinutes]", "48, 2").await;
    desk.press_by_key("Save").await;
    desk.wait_for_text("care-appointment-policy [role=status]", "Saved").await;
    let policy = alma.get("admin/appointment-policy").await.expect(200);
    assert_eq!(policy["reminderMinutes"], json!([2880, 120]));
    let decided = (&policy["mayBook"], &policy["late"], &policy["fee"]["amount"], &policy["phone"]);
    assert_eq!(decided, (&json!(true), &json!("fee"), &json!(7500), &json!("+1 312 555 0142")));
    desk.fits().await;
    desk.must_be_content().await;
}
