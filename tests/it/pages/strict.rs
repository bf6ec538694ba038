//! What no page may do: run what it was sent, complain, be heavy, be wider than a small phone.

use super::{Room, pages_of};
use crate::support::{Screen, browser, hostile};
use carehub::accounts::Role;
use serde_json::json;

/// Of a first visit, with headers. One stylesheet serves all pages.
const HEAVIEST: u64 = 110_000;
const NARROWEST: u32 = 360;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_light_narrow_and_without_complaint() {
    let room = Room::new().await;
    let staff = room.practice.person("Flo Gray", Role::Staff).await;
    let admin = room.practice.person("Hal Ives", Role::Admin).await;
    let long = "A subject of one very long word: Donaudampfschifffahrtselektrizitätenhauptbetriebswerk";
    let of_nobody = room.client.open(long, &"w".repeat(400)).await;
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Desktop]).await;
    window.devtools("Network.enable", json!({})).await;
    window.resize(NARROWEST, 740).await;
    let mut wrong = Vec::new();
    for who in [&room.client, &room.clinician, &staff, &admin] {
        window.sign_in(who).await;
        // Those who are no clinicians see what nobody has claimed.
        let others = matches!(who.role, Role::Staff | Role::Admin);
        let mut pages = pages_of(who, if others { &of_nobody } else { &room.thread });
        pages.push("/".into());
        for path in pages {
            // As if it were the first visit ever.
            window.devtools("Network.clearBrowserCache", json!({})).await;
            window.go(&path).await;
            window.settled().await;
            let weight = "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
                .reduce((sum, { transferSize }) => sum + transferSize, 0)";
            let weight = window.eval(weight).await.as_u64().unwrap();
            let width = window.eval("document.documentElement.scrollWidth").await.as_u64().unwrap();
            let mut note = |what: String| wrong.push(format!("{} at {path}: {what}", who.name));
            if !(1_000..HEAVIEST).contains(&weight) {
                note(format!("{weight} bytes"));
            }
            if width > u64::from(NARROWEST) {
                note(format!("{width} px wide"));
            }
            window.complaints().await.into_iter().for_each(note);
        }
        window.sign_out().await;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_text_is_shown_as_text_wherever_people_write() {
    let room = Room::new().await;
    let client = room.practice.person("<img src=x onerror='window.hit = 1'>", Role::Client).await;
    let mut threads = Vec::new();
    for text in hostile::MARKUP {
        let thread = client.open(text, text).await;
        room.clinician.claim(&thread).await.expect(200);
        room.clinician.post(&format!("ehr/threads/{thread}/notes"), json!({"body": text})).await.expect(201);
        room.clinician.post(&format!("ehr/threads/{thread}/reply"), json!({"body": text})).await.expect(201);
        client.put(&format!("portal/messages/{thread}/draft"), json!({"body": text})).await.expect(200);
        threads.push((thread, text));
    }
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Desktop]).await;
    for (who, kinds) in [(&client, 2), (&room.clinician, 3)] {
        window.sign_in(who).await;
        window.settled().await;
        let list = window.eval("document.body.innerText").await;
        for (thread, text) in &threads {
            assert!(list.as_str().unwrap().contains(text.trim_start_matches('\u{202e}')), "{text} is not in the list");
            let path = if who.role == Role::Client {
                format!("/portal/messages/{thread}")
            } else {
                format!("/ehr/threads/{thread}")
            };
            window.go(&path).await;
            window.settled().await;
            let shown = window
                .eval("[...document.querySelectorAll('li.entry .text')].map(({ textContent }) => textContent)")
                .await;
            assert_eq!(super::strings(&shown), vec![(*text).to_owned(); kinds], "at {path}");
            if who.role == Role::Client {
                window.holds(text).await;
            }
            window.is_inert().await;
        }
        window.must_be_content().await;
        window.sign_out().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_script_that_a_page_was_not_served_with_does_not_run_and_is_complained_about() {
    let room = Room::new().await;
    let window = room.window(&room.client, Screen::Phone).await;
    window.must_be_content().await;
    let inject =
        "document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.hit = 1' }))";
    window.eval(inject).await;
    assert_eq!(window.eval("window.hit ?? 0").await, 0);
    let complaints = window.complaints().await;
    assert!(complaints.iter().any(|words| words.contains("Content Security Policy")), "{complaints:?}");
}
