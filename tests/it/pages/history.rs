//! Reading back through a long thread.

use super::Room;
use crate::support::{Client, Screen, browser};
use serde_json::json;

const ENTRIES: usize = 500;
/// The first entry in view, and how far it stands below the upper edge.
const PLACE: &str = "(() => {
    const top = document.querySelector('.scroller').getBoundingClientRect().top;
    const first = [...document.querySelectorAll('li.entry')].find((entry) => entry.getBoundingClientRect().top >= top);
    return [first.dataset.seq, first.getBoundingClientRect().top - top];
})()";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_thread_is_paged_back_through_without_losing_the_place() {
    let room = Room::new().await;
    let mut writer = Client::synced(&room.practice.hub, &room.client.someone()).await;
    // The first message and the claim's notice are there already.
    for seq in 3..=ENTRIES {
        let body = if seq % 7 == 0 { "a long line of words ".repeat(20) } else { String::new() };
        writer.say_and_wait(&room.thread, &format!("number {seq} {body}")).await;
    }
    // Three entries a day.
    let older = format!(
        "UPDATE entries SET at = at - ({ENTRIES} - seq) * interval '8 hours' WHERE thread_id = '{}'",
        room.thread
    );
    room.practice.database.query(&older).await;
    let read = json!({"seq": ENTRIES - 3});
    room.clinician.post(&format!("ehr/threads/{}/read", room.thread), read).await.expect(204);

    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Desktop]).await;
    room.enter(&window, &room.clinician).await;
    // The divider stands before the first unread entry, in view.
    let divider = "document.querySelector('li.divider').nextElementSibling";
    let after = window
        .eval(&format!("({divider}.matches('.day') ? {divider}.nextElementSibling : {divider}).dataset.seq"))
        .await;
    assert_eq!(after, (ENTRIES - 2).to_string());
    window.wait("the divider in view", "(() => { const [line, frame] = ['li.divider', '.scroller'].map((css) =>
        document.querySelector(css).getBoundingClientRect()); return line.top >= frame.top && line.bottom <= frame.bottom; })()").await;

    let count = "document.querySelectorAll('li.entry').length";
    let mut pages = 0;
    loop {
        let shown = window.eval(count).await.as_u64().unwrap();
        if shown >= ENTRIES as u64 {
            break;
        }
        // In one step, the reader's place and its page are known before the older entries come.
        let before = window.eval(&format!("(document.querySelector('.scroller').scrollTop = 120, {PLACE})")).await;
        window.wait("older entries", &format!("{count} > {shown}")).await;
        let seq = before[0].as_str().unwrap();
        let now = "document.querySelector('li.entry[data-seq=\"SEQ\"]').getBoundingClientRect().top - document.querySelector('.scroller').getBoundingClientRect().top";
        let now = window.eval(&now.replace("SEQ", seq)).await.as_f64().unwrap();
        let was = before[1].as_f64().unwrap();
        assert!((now - was).abs() < 4.0, "entry {seq} moved from {was} to {now}");
        pages += 1;
    }
    assert!(pages >= 5, "only {pages} pages");
    window.wait_for_text(".beginning", "the beginning of the conversation").await;
    let rising =
        "[...document.querySelectorAll('li.entry')].every((entry, at) => Number(entry.dataset.seq) === at + 1)";
    assert_eq!(window.eval(rising).await, true);
    // One heading a day, in the reader's time zone, and each day once.
    let days = "(() => {
        const days = [...document.querySelectorAll('li.entry time')].map(({ dateTime }) => new Date(dateTime).toDateString());
        return [new Set(days).size, document.querySelectorAll('li.day').length,
            new Set([...document.querySelectorAll('li.day')].map(({ textContent }) => textContent)).size];
    })()";
    let days = window.eval(days).await;
    assert_eq!(days[0], days[1], "days and headings");
    assert!(days[0].as_u64().unwrap() > 100, "{days}");
    window.must_be_content().await;
}
