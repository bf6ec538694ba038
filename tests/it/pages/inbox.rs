//! The practice's inbox, with a colleague and the client looking on.

use super::{BOX, PATIENCE, Room};
use crate::support::{Browser, Screen, browser, eventually};
use carehub::accounts::Role;
use serde_json::json;

impl Browser {
    /// Waits until a filter shows this count (`""`: none).
    async fn counts(&self, filter: &str, count: &str) {
        let script =
            format!("document.querySelector('[data-filter={filter}] .filter-count')?.textContent === '{count}'");
        self.wait(&format!("{count:?} in {filter}"), &script).await;
    }

    /// Waits until the list has so many rows.
    async fn lists(&self, rows: usize) {
        self.wait(&format!("{rows} rows"), &format!("document.querySelectorAll('li.row').length === {rows}")).await;
    }

    /// Presses one of a conversation's buttons.
    async fn act(&self, words: &str) {
        let script = format!(
            "[...document.querySelectorAll('.thread-actions button')].find((button) => button.textContent === '{words}')?.click() ?? true"
        );
        let there = script.replace("?.click() ?? true", " !== undefined");
        self.wait(words, &there).await;
        self.eval(&script).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_is_claimed_noted_handed_over_closed_and_reopened() {
    let room = Room::new().await;
    let other = room.practice.person("Dr. Cy Dale", Role::Clinician).await;
    let [ben, cy, ann] =
        browser::open(&room.practice.hub.url(""), [Screen::Desktop, Screen::Desktop, Screen::Phone]).await;
    ben.sign_in(&room.clinician).await;
    cy.sign_in(&other).await;
    for window in [&ben, &cy] {
        window.go("/ehr?filter=unassigned").await;
        window.online(true).await;
        window.wait_for_text(".rows-scroller", "Nobody is waiting for a clinician.").await;
    }

    // What a client opens is in the pool for both, at once.
    let thread = room.client.open("Work", "Too much of it.").await;
    for window in [&ben, &cy] {
        window.lists(1).await;
        window.counts("unassigned", "1").await;
    }
    ben.click("li.row .claim").await;
    ben.wait("the thread", &format!("location.pathname === '/ehr/threads/{thread}'")).await;
    ben.connected().await;
    cy.lists(0).await;
    cy.counts("unassigned", "").await;
    ben.counts("mine", "2").await;

    ann.sign_in(&room.client).await;
    ann.go(&format!("/portal/messages/{thread}")).await;
    ann.connected().await;
    ann.wait_for_text(".thread-people", "Dr. Ben Hill is online").await;

    // A note is for staff alone.
    ben.click(".modes [value=note]").await;
    ben.say("Ask about the new manager").await;
    ben.wait_for_text("li.note", "Ask about the new manager").await;
    ben.holds("").await;
    ben.click(".modes [value=message]").await;
    ben.say("How long has this been so?").await;
    ann.reads("How long has this been so?").await;
    let ann_sees = ann.eval("document.documentElement.outerHTML").await.to_string();
    assert!(!ann_sees.contains("new manager"), "the client sees the note");

    // Handed over, it is the colleague's, with the note for them.
    ben.act("Hand over").await;
    ben.find("dialog select").await.select_by_value(&other.id.to_string()).await.unwrap();
    ben.write("dialog textarea", "She trusts you").await;
    ben.click("dialog button[type=submit]").await;
    ben.wait("the inbox", "location.pathname === '/ehr'").await;
    ben.counts("mine", "1").await;
    cy.counts("mine", "1").await;
    ann.wait_for_text("li.notice:last-of-type", "Dr. Cy Dale").await;
    cy.go(&format!("/ehr/threads/{thread}")).await;
    cy.connected().await;
    cy.wait_for_text("care-entries", "She trusts you").await;

    cy.act("Close").await;
    cy.click("dialog button[type=submit]").await;
    cy.wait_for_text(".thread-standing", "Closed").await;
    ann.wait("no box", &format!("document.querySelector('{BOX}').checkVisibility() === false")).await;
    assert_ne!(ann.eval("document.querySelector('.composer-closed').innerText").await, "");
    cy.act("Reopen").await;
    cy.click("dialog button[type=submit]").await;
    ann.find(BOX).await;
    ann.write(BOX, "Thank you.").await;
    ann.click("button.send").await;
    cy.reads("Thank you.").await;
    let ann_sees = ann.eval("document.documentElement.outerHTML").await.to_string();
    for note in ["new manager", "trusts you"] {
        assert!(!ann_sees.contains(note), "the client sees the note {note}");
    }
    for window in [&ben, &cy, &ann] {
        window.must_be_content().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_answers_after_a_colleague_sees_that_first_and_can_send_anyway() {
    let room = Room::new().await;
    for number in 0..30 {
        let body = json!({"body": format!("line {number}\n\n\nof a long story")});
        room.client.post(&format!("portal/messages/{}/reply", room.thread), body).await.expect(201);
    }
    let other = room.practice.person("Dr. Cy Dale", Role::Clinician).await;
    room.clinician
        .post(&format!("ehr/threads/{}/assign", room.thread), json!({"assignee": other.id}))
        .await
        .expect(200);
    let window = room.window(&other, Screen::Desktop).await;
    let at_the_end = "(({ innerText, scrollTop }) => innerText.includes('line 29') && scrollTop > 0)(document.querySelector('.scroller'))";
    window.wait("the end of the story", at_the_end).await;
    // Reading what stands further up, one does not see what arrives below.
    window.eval("document.querySelector('.scroller').scrollTop = 0").await;
    window.write(BOX, "Try milk").await;
    let reply = format!("ehr/threads/{}/reply", room.thread);
    room.clinician.post(&reply, json!({"body": "Try tea"})).await.expect(201);
    window.reads("Try tea").await;
    window.press(['\u{e007}']).await;
    window.wait_for_text("dialog", "Dr. Ben Hill answered since you began").await;
    window.wait_for_text("dialog", "Try tea").await;
    assert!(!room.stored().await.contains(&"Try milk".to_owned()), "it went out unasked");
    window.holds("Try milk").await;
    window.click("dialog button[type=submit]").await;
    window.reads("Try milk").await;
    window.holds("").await;
    let last = async || (room.stored().await.last()? == "Try milk").then_some(());
    eventually("it is stored last", PATIENCE, last).await;
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_is_given_to_nobody_by_accident_and_the_filters_fit_a_phone() {
    let room = Room::new().await;
    let staff = room.practice.person("Flo Gray", Role::Staff).await;
    let thread = room.client.open("Of nobody yet", "Hello").await;
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Phone]).await;
    window.sign_in(&staff).await;
    window.go("/ehr?filter=unassigned").await;
    window.settled().await;
    let fits = "(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)(document.querySelector('.filters'))";
    assert_eq!(window.eval(fits).await, true, "the filters scroll sideways");
    window.go(&format!("/ehr/threads/{thread}")).await;
    window.connected().await;
    let chosen = "document.querySelector('dialog select').value";
    window.act("Assign").await;
    window.find("dialog select").await;
    assert_eq!(window.eval(chosen).await, "");
    window.eval("[...document.querySelectorAll('dialog option')].find(({ text }) => text.startsWith('Flo Gray')).selected = true").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text(".thread-people", "yours").await;
    // Who has it already is no choice, and nobody is one only when chosen.
    window.act("Assign").await;
    window.find("dialog select").await;
    assert_eq!(window.eval(chosen).await, "");
    let offered = window.eval("document.querySelector('dialog select').innerText").await;
    assert!(!offered.as_str().unwrap().contains("Flo Gray"), "{offered}");
    window.eval("document.querySelector('dialog select').value = 'nobody'").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text(".thread-people", "not assigned").await;
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_correction_stands_alone_and_an_answer_quotes_the_latest_wording() {
    let room = Room::new().await;
    let window = room.window(&room.clinician, Screen::Desktop).await;
    window.say("Take ten").await;
    window.reads("Take ten").await;
    window.eval("document.querySelector('li.entry.mine .entry-actions button').click()").await;
    window.find("dialog textarea").await.clear().await.unwrap();
    window.write("dialog textarea", "Take two").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("li.entry.correction", "Take two").await;
    assert_eq!(window.eval("document.querySelectorAll('li.entry.correction blockquote').length").await, 0);
    window.must_be_content().await;
}
