//! A client in danger, and whoever says "I have it": what both read, live.

use super::{AWAY, BOX, PATIENCE, Room};
use crate::support::{Browser, Screen, browser, eventually};
use carehub::accounts::Role;
use serde_json::{Value, json};

pub(super) const CARD: &str = "care-emergency";
pub(super) const BANNER: &str = "care-alarm";

impl Browser {
    /// Presses the emergency button and sends these words; empty: the usual ones.
    pub(super) async fn cries(&self, words: &str) {
        self.click("care-composer .emergency").await;
        self.find("dialog .crisis-links").await;
        if !words.is_empty() {
            self.write("dialog textarea", words).await;
        }
        self.click("dialog button[type=submit]").await;
        self.wait("the end of the dialog", "!document.querySelector('dialog')").await;
    }

    /// Waits until something is not shown any more.
    pub(super) async fn gone(&self, css: &str) {
        self.wait(&format!("no {css}"), &format!("!document.querySelector('{css}')?.checkVisibility()")).await;
    }
}

impl Room {
    /// The emergency of the thread, as its client reads it.
    pub(super) async fn emergency(&self) -> Value {
        self.client.get(&format!("portal/messages/{}/emergency", self.thread)).await.expect(200)["emergency"].clone()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_presses_the_button_a_clinician_takes_it_on_another_page_and_both_read_so() {
    let room = Room::new().await;
    let [client, clinician] = browser::open(&room.practice.hub.url(""), [Screen::Phone, Screen::Desktop]).await;
    room.enter(&client, &room.client).await;
    clinician.sign_in(&room.clinician).await;
    clinician.go("/ehr/account/security").await;
    clinician.settled().await;
    client.gone(CARD).await;
    clinician.gone(BANNER).await;

    // What happens stands there before it does, with numbers that can be tapped.
    client.click("care-composer .emergency").await;
    client.wait_for_text("dialog", "one after another").await;
    client.wait_for_text("dialog", "send an ambulance").await;
    for link in ["tel:911", "tel:988", "sms:988"] {
        client.find(&format!("dialog a[href='{link}']")).await;
    }
    client.press_button("Go back").await;
    client.wait("the end of the dialog", "!document.querySelector('dialog')").await;
    assert_eq!(room.emergency().await, Value::Null, "opening the dialog raised something");

    client.cries("I cannot go on").await;
    client.find(&format!("{CARD}:not([hidden]) a[href='tel:988']")).await;
    client.reads("I cannot go on").await;
    client.holds("").await;
    let raised = eventually("an emergency", PATIENCE, async || {
        Some(room.emergency().await).filter(|emergency| !emergency.is_null())
    });
    let raised = raised.await;
    assert_eq!(room.stored().await.iter().filter(|words| *words == "I cannot go on").count(), 1);

    // On whatever page a clinician is.
    clinician.wait_for_text(BANNER, "Ann Field needs somebody now").await;
    clinician.wait("the tab's cue", "document.title === 'EMERGENCY · Carehub'").await;
    assert!(clinician.eval("document.querySelector('link[rel=icon]').href").await.as_str().unwrap().contains("alarm"));
    clinician.find(&format!("{BANNER} [role=alert]")).await;
    clinician.click(&format!("{BANNER} [data-take]")).await;
    clinician.wait_for_text(BANNER, "You have it since").await;
    clinician.wait("the end of the cue", "document.title === 'Security · Carehub'").await;
    client.wait_for_text(CARD, "Dr. Ben Hill has it").await;
    client.reload().await;
    client.wait_for_text(CARD, "Dr. Ben Hill has it").await;

    clinician.go(&format!("/ehr/escalations/{}", raised["id"].as_str().unwrap())).await;
    clinician.wait_for_text("care-escalation", "The client pressed the emergency button.").await;
    clinician.wait_for_text("care-escalation", "Who was called").await;
    clinician.press_button("Close").await;
    clinician.write("dialog textarea", "Called her; her sister is with her.").await;
    clinician.click("dialog button[type=submit]").await;
    clinician.wait_for_text("care-escalation", "her sister is with her").await;
    clinician.gone(BANNER).await;
    client.wait_for_text(CARD, "This emergency is closed").await;
    let client_sees = client.eval("document.documentElement.outerHTML").await;
    assert!(!client_sees.as_str().unwrap().contains("sister"), "the client reads the note");
    client.press_button("Hide this").await;
    client.gone(CARD).await;
    client.must_be_content().await;
    clinician.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_words_of_an_emergency_are_in_the_clients_language() {
    let room = Room::new().await;
    room.practice.database.query(&format!("UPDATE users SET language = 'es' WHERE id = '{}'", room.client.id)).await;
    let window = room.window(&room.client, Screen::Phone).await;
    window.click("care-composer .emergency").await;
    window.wait_for_text("dialog[lang=es]", "¿Es una emergencia?").await;
    window.click("dialog button[type=submit]").await;
    window.find("care-emergency[lang=es]:not([hidden]) a[href='tel:988']").await;
    window.reads("Necesito ayuda ahora.").await;
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_hub_the_card_says_that_nothing_was_sent_and_the_emergency_goes_out_once_it_is_back() {
    let room = Room::new().await;
    let window = room.window(&room.client, Screen::Desktop).await;
    window.forgive(AWAY);
    window.devtools("Network.enable", json!({})).await;
    let network = async |offline: bool| {
        let conditions = json!({"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        window.devtools("Network.emulateNetworkConditions", conditions).await;
    };
    network(true).await;
    window.cries("Please help").await;
    window.wait_for_text(CARD, "Not sent yet").await;
    window.find(&format!("{CARD} a[href='tel:911']")).await;
    window.holds("Please help").await;
    assert_eq!(room.emergency().await, Value::Null);
    network(false).await;
    window.reads("Please help").await;
    window
        .wait("no word of not being sent", "!document.querySelector('care-emergency').innerText.includes('Not sent')")
        .await;
    window.holds("").await;
    assert_ne!(room.emergency().await, Value::Null);
    assert_eq!(room.stored().await.iter().filter(|words| *words == "Please help").count(), 1);
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_second_reads_who_has_it_and_the_alarm_is_silenced_or_let_ring() {
    let room = Room::new().await;
    let second = room.practice.person("Dr. Cy Dale", Role::Clinician).await;
    let reply = json!({"body": "Help me", "priority": "emergency"});
    room.client.post(&format!("portal/messages/{}/reply", room.thread), reply).await.expect(201);
    let id = room.emergency().await["id"].as_str().unwrap().to_owned();
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Phone]).await;
    window.sign_in(&second).await;
    window.go("/ehr/on-call").await;
    window.find(&format!("{BANNER} [data-take]")).await;
    // Until somebody touches the page its sound may be held back; then it rings, until it is told not to.
    window.wait("a word about the sound", "document.querySelector('.alarm-sound:not([hidden]) button')").await;
    if window.eval("document.querySelector('.alarm-sound').innerText.includes('Turn the sound on')").await == true {
        window.click(".alarm-sound button").await;
    }
    window.wait_for_text(".alarm-sound", "Silence here").await;
    window.click(".alarm-sound button").await;
    window.gone(".alarm-sound").await;

    room.clinician.post(&format!("ehr/escalations/{id}/acknowledge"), json!({})).await.expect(200);
    let module = "import(document.querySelector('link[href$=\"/acknowledge.js\"]').href)";
    window.eval(&format!("{module}.then(({{ acknowledge }}) => acknowledge({{ id: '{id}' }})).then(({{ by }}) => {{ window.by = by; }}) && true")).await;
    window.wait("who has it", "window.by === 'Dr. Ben Hill'").await;
    window.wait_for_text(BANNER, "Dr. Ben Hill has it").await;
    window.gone(&format!("{BANNER} [data-take]")).await;
    window.forgive(&["status of 409"]);
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_write_on_while_an_emergency_is_taken_on_their_page() {
    let room = Room::new().await;
    let window = room.window(&room.clinician, Screen::Phone).await;
    window.write(BOX, "Half a sentence").await;
    let reply = json!({"body": "Help me", "priority": "emergency"});
    room.client.post(&format!("portal/messages/{}/reply", room.thread), reply).await.expect(201);
    window.click(&format!("{BANNER} [data-take]")).await;
    window.wait_for_text(BANNER, "You have it since").await;
    window.holds("Half a sentence").await;
    let width = window.eval("document.documentElement.scrollWidth <= innerWidth").await;
    assert_eq!(width, true, "the page scrolls sideways");
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drill_is_marked_as_one_wherever_it_is_read_and_counts_in_the_report() {
    let room = Room::new().await;
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Desktop]).await;
    window.sign_in(&room.clinician).await;
    window.go("/ehr/escalations").await;
    window.wait_for_text("care-escalations", "No emergency is open").await;
    window.press_button("Start a drill").await;
    window.wait_for_text("dialog", "DRILL").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("care-escalation", "This is a drill. Nobody is in danger").await;
    window.wait_for_text(BANNER, "DRILL: nobody is in danger").await;
    window.wait("the tab's cue", "document.title === 'DRILL · Carehub'").await;
    window.click("care-escalation [data-act=take]").await;
    window.wait_for_text("care-escalation", "You have it since").await;
    window.click("care-escalation [data-act=close]").await;
    window.write("dialog textarea", "All went well.").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("care-escalation", "Closed").await;
    window.go("/ehr/escalations").await;
    let drills = "document.querySelector('care-escalation-report tbody tr')?.lastElementChild.textContent === '1'";
    window.wait("a drill in the report", drills).await;
    window.must_be_content().await;
}
