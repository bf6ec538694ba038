//! Questionnaires as clients answer them and as clinicians read them.

use super::{
    Room,
    emergencies::{BANNER, CARD},
};
use crate::support::{Browser, Screen, browser};
use carehub::accounts::Role;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_clinician_assigns_at_a_desk_a_client_answers_on_a_phone_with_the_keyboard_over_a_reload() {
    an_instrument_is_assigned_answered_read_and_ended([Screen::Phone, Screen::Desktop]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_clinician_assigns_on_a_phone_a_client_answers_at_a_desk_with_the_keyboard_over_a_reload() {
    an_instrument_is_assigned_answered_read_and_ended([Screen::Desktop, Screen::Phone]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ninth_item_of_the_phq_9_on_a_phone_shows_help_calls_whoever_is_on_call_and_is_read_at_a_desk() {
    a_phq_9_means_danger([Screen::Phone, Screen::Desktop, Screen::Phone]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ninth_item_of_the_phq_9_at_a_desk_shows_help_calls_whoever_is_on_call_and_is_read_on_a_phone() {
    a_phq_9_means_danger([Screen::Desktop, Screen::Phone, Screen::Desktop]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pcl_5_is_begun_left_and_submitted_on_a_phone_with_the_score_of_its_source() {
    a_pcl_5_is_interrupted([Screen::Phone, Screen::Desktop]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pcl_5_is_begun_left_and_submitted_at_a_desk_with_the_score_of_its_source() {
    a_pcl_5_is_interrupted([Screen::Desktop, Screen::Phone]).await;
}

impl Room {
    /// Asks the client to answer this once; its id.
    async fn assign(&self, instrument: &str) -> String {
        let once = json!({"instrument": instrument, "recurrence": {"kind": "once"}});
        self.clinician.post(&format!("ehr/clients/{}/assessments", self.client.id), once).await.expect(201);
        let waiting = self.client.get("portal/assessments").await.expect(200);
        let mut waiting = waiting["items"].as_array().unwrap().iter();
        waiting.find(|one| one["instrument"] == instrument).unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// What the client answered another time.
    async fn answered_before(&self, instrument: &str, answers: impl IntoIterator<Item = (u8, u8)>) {
        let answers: serde_json::Map<String, Value> =
            answers.into_iter().map(|(item, value)| (item.to_string(), value.into())).collect();
        let path = format!("portal/assessments/{}/submit", self.assign(instrument).await);
        self.client.post(&path, json!({"answers": answers})).await.expect(201);
    }
}

impl Browser {
    /// Opens what is due from the list of one's questionnaires.
    async fn begins(&self, name: &str) {
        self.go("/portal/questionnaires").await;
        self.click(&format!("care-due-questionnaires [aria-label*='{name}']")).await;
        self.find("care-questionnaire form").await;
    }

    async fn answers_with(&self, answers: impl IntoIterator<Item = (u8, u8)>) {
        for (item, value) in answers {
            self.click(&format!("[name='item-{item}'][value='{value}']")).await;
        }
    }

    async fn submits(&self) {
        self.click("care-questionnaire button[type=submit]").await;
    }

    /// Reads as somebody who looks after the client: the list, the trend with all of its scores, the result.
    async fn reads_results(&self, room: &Room, name: &str, latest: &str, scores: &[&str]) {
        self.go(&format!("/ehr/clients/{}/assessments", room.client.id)).await;
        self.wait_for_text("care-client-assessments", latest).await;
        let trend = format!("care-trends section[aria-label='{name}']");
        self.find(&format!("{trend} svg[role=img]")).await;
        self.click(&format!("{trend} summary")).await;
        self.find(&format!("{trend} tbody")).await;
        let cells = format!(
            "[...document.querySelectorAll({})].map((one) => one.textContent)",
            json!(format!("{trend} tbody td:nth-of-type(-n+2)"))
        );
        let shown = super::strings(&self.eval(&cells).await);
        assert_eq!(shown.chunks(2).map(|pair| pair.join(": ")).collect::<Vec<_>>(), scores, "newest first");
        self.fits().await;
        self.click("care-client-assessments .record-title a").await;
        self.wait_for_text("care-assessment", latest).await;
        self.fits().await;
    }
}

async fn a_phq_9_means_danger(screens: [Screen; 3]) {
    let room = Room::new().await;
    room.practice.cares(&room.clinician, &room.client).await;
    let olga = room.practice.person("Dr. Olga Ray", Role::Clinician).await;
    let admin = room.practice.person("Ruth Okoro", Role::Admin).await;
    let shift = |day| json!({"layer": "onCall", "user": olga.id, "weekday": day, "starts": "08:00", "ends": "08:00"});
    let shifts: Vec<_> = (1..=7).map(shift).collect();
    admin.put("ehr/on-call", json!({"revision": 0, "shifts": shifts})).await.expect(200);
    room.answered_before("phq-9", (1..=8).map(|item| (item, 2)).chain([(9, 0), (10, 1)])).await;
    room.assign("phq-9").await;
    let [ann, ben, on_call] = browser::open(&room.practice.hub.url(""), screens).await;
    on_call.sign_in(&olga).await;
    on_call.settled().await;
    on_call.gone(BANNER).await;
    ann.sign_in(&room.client).await;
    ann.begins("PHQ-9").await;
    ann.answers_with((1..=8).map(|item| (item, 1))).await;
    assert_eq!(
        ann.eval("document.querySelectorAll('.danger-note:not(:empty)').length").await,
        0,
        "nothing means danger yet"
    );
    ann.answers_with([(9, 1)]).await;
    ann.find(".danger-note a[href='tel:988']").await;
    ann.fits().await;
    ann.answers_with([(10, 1)]).await;
    on_call.gone(BANNER).await;
    ann.submits().await;
    ann.wait_for_text("care-questionnaire .danger-note", "Somebody at your practice is being called now").await;
    ann.find("care-questionnaire .danger-note a[href='tel:988']").await;
    ann.wait_for_text("care-questionnaire", "Your score is 9 of 27: Mild.").await;
    ann.find(&format!("{CARD}:not([hidden])")).await;
    ann.fits().await;

    on_call.wait_for_text(BANNER, "needs somebody now").await;
    on_call.fits().await;
    on_call.click(&format!("{BANNER} [data-take]")).await;
    on_call.wait_for_text(BANNER, "You have it since").await;
    ann.wait_for_text(CARD, "Dr. Olga Ray has it").await;
    let open = olga.get("ehr/escalations").await.expect(200)["items"][0].clone();
    on_call.go(&format!("/ehr/escalations/{}", open["id"].as_str().unwrap())).await;
    on_call.wait_for_text("care-escalation", "It was the PHQ-9.").await;
    on_call.fits().await;

    ben.sign_in(&room.clinician).await;
    let scores = ["9: Mild", "16: Moderately severe"];
    ben.reads_results(&room, "PHQ-9", "9 of 27: Mild", &scores).await;
    ben.wait_for_text("care-assessment .warning", "An answer means danger.").await;
    // By keys: what the emergency says at the top of the page may move the link meanwhile.
    ben.eval("document.querySelector('care-assessment .warning a').focus() ?? true").await;
    ben.press(['\u{e007}']).await;
    ben.wait_for_text("care-escalation", "Dr. Olga Ray").await;
    for window in [&ann, &ben, &on_call] {
        window.must_be_content().await;
    }
}

async fn a_pcl_5_is_interrupted(screens: [Screen; 2]) {
    let room = Room::new().await;
    room.practice.cares(&room.clinician, &room.client).await;
    // 32: within the cut-point of the National Center for PTSD, 31 to 33.
    room.answered_before("pcl-5", (1..=20).map(|item| (item, if item <= 12 { 2 } else { 1 }))).await;
    room.assign("pcl-5").await;
    let [ann, ben] = browser::open(&room.practice.hub.url(""), screens).await;
    ann.sign_in(&room.client).await;
    ann.begins("PCL-5").await;
    ann.wait_for_text("care-questionnaire", "0 of 20 answered").await;
    let value = |item| (item, item % 5);
    ann.answers_with((1..=9).map(value)).await;
    ann.wait_for_text("care-questionnaire [role=status]", "saved").await;
    ann.reload().await;
    ann.wait_for_text("care-questionnaire", "9 of 20 answered").await;
    let kept = "[...document.querySelectorAll('care-questionnaire :checked')].map((one) => one.value)";
    assert_eq!(super::strings(&ann.eval(kept).await), ["1", "2", "3", "4", "0", "1", "2", "3", "4"]);
    ann.answers_with((10..=15).map(value)).await;
    ann.wait_for_text("care-questionnaire [role=status]", "saved").await;
    // Another day.
    ann.begins("PCL-5").await;
    ann.wait_for_text("care-questionnaire", "15 of 20 answered").await;
    ann.answers_with((16..=20).map(value)).await;
    ann.fits().await;
    ann.submits().await;
    ann.wait_for_text("care-questionnaire", "Your score is 40 of 80: Above the suggested cut-point.").await;
    assert_eq!(ann.eval("document.querySelectorAll('.danger-note:not(:empty)').length").await, 0);
    ann.must_be_content().await;

    ben.sign_in(&room.clinician).await;
    let scores = ["40: Above the suggested cut-point", "32: At the suggested cut-point"];
    ben.reads_results(&room, "PCL-5", "40 of 80: Above the suggested cut-point", &scores).await;
    for cluster in ["10 of 20", "3 of 8", "17 of 28", "10 of 24"] {
        ben.wait_for_text("care-assessment .facts", cluster).await;
    }
    ben.must_be_content().await;
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
    ann.begins("GAD-7").await;
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
    ann.submits().await;
    ann.wait_for_text("care-questionnaire .failure", "7 questions are not answered yet").await;
    assert_eq!(ann.eval("document.activeElement.name").await, "item-2");
    ann.answers_with((2..=8).map(|item| (item, 1))).await;
    ann.submits().await;
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
    room.assign("c-ssrs").await;
    let [ann] = browser::open(&room.practice.hub.url(""), [Screen::Phone]).await;
    ann.sign_in(&room.client).await;
    ann.begins("C-SSRS").await;
    ann.answers_with([(1, 1)]).await;
    ann.wait_for_text(".danger-note", "988").await;
    ann.wait_for_text(".danger-note", "after 15 minutes").await;
    ann.answers_with([(1, 0)]).await;
    ann.wait("no more help than is asked for", "!document.querySelector('.danger-note:not(:empty)')").await;
    ann.answers_with([(1, 1), (2, 0), (6, 0)]).await;
    ann.submits().await;
    ann.wait_for_text("care-questionnaire .danger-note", "Somebody at your practice is being called now").await;
    ann.wait("the card that tells the truth", "!document.querySelector('care-emergency').hidden").await;
    ann.must_be_content().await;
}
