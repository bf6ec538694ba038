//! Questionnaires as clients answer them and as clinicians read them.

use super::Room;
use crate::support::{Screen, browser};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_clinician_assigns_at_a_desk_a_client_answers_on_a_phone_with_the_keyboard_over_a_reload() {
    an_instrument_is_assigned_answered_read_and_ended([Screen::Phone, Screen::Desktop]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_clinician_assigns_on_a_phone_a_client_answers_at_a_desk_with_the_keyboard_over_a_reload() {
    an_instrument_is_assigned_answered_read_and_ended([Screen::Desktop, Screen::Phone]).await;
}

async fn an_instrument_is_assigned_answered_read_and_ended(screens: [Screen; 2]) {
    let room = Room::new().await;
    room.practice.cares(&room.clinician, &room.client).await;
    let [ann, ben] = browser::open(&room.practice.hub.url(""), screens).await;
    ben.sign_in(&room.clinician).await;
    ben.go(&format!("/ehr/clients/{}/assessments", room.client.id)).await;
    for (instrument, kind, rhythm) in [
        ("gad-7", "everyWeeks", "Every 2 weeks"),
        ("phq-9", "beforeAppointments", "3 days before each appointment"),
        ("pcl-5", "once", "Once"),
    ] {
        ben.click("care-assessment-plans .button.primary").await;
        ben.set("dialog [name=instrument]", instrument).await;
        ben.set("dialog [name=kind]", kind).await;
        ben.fits().await;
        ben.click("dialog button[type=submit]").await;
        ben.wait_for_text("care-assessment-plans", rhythm).await;
    }
    ann.sign_in(&room.client).await;
    ann.go("/portal/questionnaires").await;
    ann.click("care-due-questionnaires [aria-label*='GAD-7']").await;
    ann.wait_for_text("care-questionnaire", "0 of 7 answered").await;
    ann.eval("document.querySelector('[name=\"item-1\"]').focus() ?? true").await;
    // The first choice of the first question, and from there the second.
    ann.press([' ']).await;
    ann.wait_for_text("care-questionnaire", "1 of 7 answered").await;
    ann.press(['\u{e015}']).await;
    ann.wait_for_text("care-questionnaire", "1 of 8 answered").await;
    ann.wait_for_text("care-questionnaire [role=status]", "saved").await;
    ann.reload().await;
    ann.wait_for_text("care-questionnaire", "1 of 8 answered").await;
    // What is missing is said where it is missing.
    ann.click("care-questionnaire button[type=submit]").await;
    ann.wait_for_text("care-questionnaire .failure", "7 questions are not answered yet").await;
    assert_eq!(ann.eval("document.activeElement.name").await, "item-2");
    for item in 2..=8 {
        ann.click(&format!("[name='item-{item}'][value='1']")).await;
    }
    ann.click("care-questionnaire button[type=submit]").await;
    ann.wait_for_text("care-questionnaire", "Your score is 7 of 21: Mild.").await;
    // The client's own history and trend.
    ann.go("/portal/questionnaires").await;
    ann.wait_for_text("main", "7 of 21: Mild").await;
    ann.find("care-trends svg[role=img]").await;
    ann.fits().await;
    ann.must_be_content().await;

    ben.reload().await;
    ben.wait_for_text("h1", "Ann Field").await;
    ben.wait_for_text("care-client-assessments", "7 of 21: Mild").await;
    ben.find("care-trends svg[role=img]").await;
    ben.click("[aria-label^='End: GAD-7']").await;
    ben.click("dialog button[type=submit]").await;
    ben.wait_for_text("care-assessment-plans", "Ended on").await;
    ben.fits().await;
    ben.click("care-client-assessments .record-title a").await;
    ben.wait_for_text("care-assessment table", "Not being able to stop or control worrying").await;
    ben.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_means_danger_shows_help_at_once_and_then_who_is_called() {
    let room = Room::new().await;
    room.practice.cares(&room.clinician, &room.client).await;
    let assign = format!("ehr/clients/{}/assessments", room.client.id);
    let once = json!({"instrument": "c-ssrs", "recurrence": {"kind": "once"}});
    room.clinician.post(&assign, once).await.expect(201);
    let [ann] = browser::open(&room.practice.hub.url(""), [Screen::Phone]).await;
    ann.sign_in(&room.client).await;
    ann.go("/portal/questionnaires").await;
    ann.click("care-due-questionnaires .record-actions a").await;
    ann.click("[name='item-1'][value='1']").await;
    ann.wait_for_text(".danger-note", "988").await;
    ann.wait_for_text(".danger-note", "after 15 minutes").await;
    ann.click("[name='item-1'][value='0']").await;
    ann.wait("no more help than is asked for", "!document.querySelector('.danger-note:not(:empty)')").await;
    ann.click("[name='item-1'][value='1']").await;
    ann.click("[name='item-2'][value='0']").await;
    ann.click("[name='item-6'][value='0']").await;
    ann.click("care-questionnaire button[type=submit]").await;
    ann.wait_for_text("care-questionnaire .danger-note", "Somebody at your practice is being called now").await;
    ann.wait("the card that tells the truth", "!document.querySelector('care-emergency').hidden").await;
    ann.must_be_content().await;
}
