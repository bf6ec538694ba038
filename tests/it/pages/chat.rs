//! Two people, two browsers.

use super::{AWAY, BOX, Room};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_and_a_clinician_chat_and_see_each_other_write_and_read() {
    let room = Room::new().await;
    let [client, clinician] = room.windows().await;
    clinician.reads("I cannot sleep.").await;

    client.write(BOX, "Since Mon").await;
    clinician.wait_for_text(".typing", "Ann Field is writing").await;
    client.say("day.").await;
    clinician.reads("Since Monday.").await;
    clinician.wait("the end of writing", "document.querySelector('.typing').textContent === ''").await;
    client.comes_to("Since Monday.", "Read").await;
    client.holds("").await;

    clinician.say("That is hard. Tell me more.").await;
    client.reads("That is hard. Tell me more.").await;
    clinician.comes_to("That is hard. Tell me more.", "Read").await;
    client.wait_for_text(".thread-people", "Dr. Ben Hill is online").await;

    let all = ["I cannot sleep.", "Since Monday.", "That is hard. Tell me more."];
    for window in [&client, &clinician] {
        assert_eq!(window.shown().await, all);
        window.must_be_content().await;
    }
    assert_eq!(room.stored().await, all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_arrives_on_a_page_that_nobody_looks_at_is_delivered_and_not_read() {
    let room = Room::new().await;
    let [client, clinician] = room.windows().await;
    client.comes_to("I cannot sleep.", "Read").await;
    // The clinician's inbox receives the message without showing the thread.
    clinician.go("/ehr").await;
    clinician.online(true).await;
    client.say("Are you there?").await;
    client.comes_to("Are you there?", "Delivered").await;
    clinician.wait_for_text("li.row .badge", "1").await;
    clinician.click("li.row a").await;
    client.comes_to("Are you there?", "Read").await;
    clinician.wait("no unread left", "!document.querySelector('li.row .badge')").await;
    client.must_be_content().await;
    clinician.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_word_is_lost_doubled_or_moved_when_the_hub_is_killed_while_two_people_chat() {
    let mut room = Room::new().await;
    let [client, clinician] = room.windows().await;
    for window in [&client, &clinician] {
        window.forgive(AWAY);
    }
    let mut said = vec!["I cannot sleep.".to_owned()];
    for round in 1..=3 {
        // Some of these are acknowledged, some are under way, when it dies.
        for part in ["a", "b"] {
            client.say(&format!("client {round}{part}")).await;
            clinician.say(&format!("clinician {round}{part}")).await;
            said.extend([format!("client {round}{part}"), format!("clinician {round}{part}")]);
        }
        room.practice.hub.kill();
        client.online(false).await;
        client.say(&format!("client {round} in the dark")).await;
        clinician.write(BOX, &format!("clinician {round} in the dark")).await;
        said.extend([format!("client {round} in the dark"), format!("clinician {round} in the dark")]);
        client.wait_for_text("care-composer .composer-status", "Not sent yet").await;
        room.practice.hub.start_again().await;
        clinician.press(['\u{e007}']).await;
        for window in [&client, &clinician] {
            window.reads(&format!("client {round} in the dark")).await;
            window.reads(&format!("clinician {round} in the dark")).await;
            window.holds("").await;
        }
    }
    let stored = room.stored().await;
    for window in [&client, &clinician] {
        assert_eq!(window.shown().await, stored);
        window.must_be_content().await;
    }
    // Each once, and each author's own in the order in which they were written.
    for who in ["client ", "clinician "] {
        let of = |all: &[String]| all.iter().filter(|words| words.starts_with(who)).cloned().collect::<Vec<_>>();
        assert_eq!(of(&stored), of(&said));
    }
    assert_eq!(stored.len(), said.len());
}
