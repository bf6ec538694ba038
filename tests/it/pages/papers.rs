//! Papers as people save them: by the links and buttons of the pages, read back from the browser's folder.

use super::{Room, paying::owing};
use crate::support::{Browser, Screen, browser, paper};
use carehub::{accounts::Role, clock::Clock};
use chrono::TimeDelta;

/// All amounts in a text, in its order.
fn amounts(text: &str) -> Vec<String> {
    let words = text.split_whitespace().filter(|word| word.trim_start_matches('-').starts_with('$'));
    words.map(|word| word.trim_end_matches(['.', ',']).to_owned()).collect()
}

/// Those that an element shows.
async fn shown(window: &Browser, css: &str) -> Vec<String> {
    amounts(&window.find(css).await.text().await.unwrap())
}

/// Those of the paper that a click saves. Its name says of what kind it is, and nothing about anybody.
async fn saved(window: &Browser, css: &str, kind: &str) -> Vec<String> {
    let file = window.save(css).await;
    let name = file.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with(&format!("{kind}-")) && name.ends_with(".pdf") && !name.contains("Ann"), "{name}");
    let text = paper::read(&file);
    assert!(text.contains("Ann Field"), "{text}");
    amounts(&text)
}

/// A statement on paper says at its head how it begins and ends, then what the page has in its table, and how it ends.
fn on_paper(table: &[String]) -> Vec<String> {
    let [opening, changes @ .., closing] = table else { panic!("{table:?}") };
    [opening, closing].into_iter().chain(changes).chain([closing]).cloned().collect()
}

async fn papers_are_saved(screen: Screen) {
    let room = Room::new().await;
    owing(&room.practice, &room.client).await;
    let [window] = browser::open(&room.practice.hub.url(""), [screen]).await;
    window.sign_in(&room.client).await;

    window.go("/portal/billing").await;
    window.wait_for_text("care-own-payments", "$200.00").await;
    window.wait_for_text("care-balance strong", "$1,184.50").await;
    assert_eq!(shown(&window, "care-own-payments .record-title").await, ["$200.00"]);
    assert_eq!(saved(&window, "care-own-payments a[download]", "receipt").await, ["$200.00", "$1,184.50"]);

    window.go("/portal/billing/statements").await;
    window.click("care-statements .record-title a").await;
    window.wait_for_text("care-statement .total:last-child", "$1,184.50").await;
    let table = shown(&window, "care-statement table").await;
    assert_eq!(table, ["$1,234.50", "$150.00", "$1,384.50", "-$200.00", "$1,184.50", "$1,184.50"]);
    assert_eq!(saved(&window, "care-statement a[download]", "statement").await, on_paper(&table));

    window.go("/portal/billing/charges").await;
    window.wait_for_text("care-own-charges", "$1,034.50 is not paid yet").await;
    assert_eq!(shown(&window, "care-own-charges").await, ["$150.00", "$1,234.50", "$1,034.50"]);
    // Wherever browser, hub and practice take today to be.
    let day = |days: i64| (Clock::system().now() + TimeDelta::days(days)).date_naive().to_string();
    window.set("care-superbill [name=from]", &day(-40)).await;
    window.set("care-superbill [name=until]", &day(2)).await;
    let superbill = saved(&window, "care-superbill button[type=submit]", "superbill").await;
    assert_eq!(superbill, ["$1,384.50", "$200.00", "$1,234.50", "$200.00", "$150.00", "$0.00"]);

    let books =
        "SELECT kind || ' ' || sum(amount) FROM ledger_transactions t JOIN ledger_postings p ON p.transaction_id = t.id
        WHERE account = 'receivable' GROUP BY kind UNION ALL SELECT 'owed ' || sum(amount) FROM ledger_postings
        WHERE account = 'receivable' ORDER BY 1";
    assert_eq!(room.practice.database.query(books).await, ["charge 138450", "owed 118450", "payment -20000"]);
    // The browser asked for each of them once, and the client may read that it was they.
    let noted = format!(
        "SELECT action || ' ' || count(*) FROM audit_events WHERE actor_id = '{0}' AND client_id = '{0}'
        AND action ~ 'downloaded' GROUP BY action ORDER BY action",
        room.client.id
    );
    let once = ["receipt.downloaded 1", "statement.downloaded 1", "superbill.downloaded 1"];
    assert_eq!(room.practice.database.query(&noted).await, once);
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_phone_a_client_saves_receipt_statement_and_superbill_with_the_figures_of_the_page() {
    papers_are_saved(Screen::Phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_desktop_a_client_saves_receipt_statement_and_superbill_with_the_figures_of_the_page() {
    papers_are_saved(Screen::Desktop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_bill_save_a_clients_statement_with_the_figures_of_the_page() {
    let room = Room::new().await;
    owing(&room.practice, &room.client).await;
    let flo = room.practice.person("Flo Gray", Role::Staff).await;
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Desktop]).await;
    window.sign_in(&flo).await;
    window.go(&format!("/ehr/billing/clients/{}", room.client.id)).await;
    window.wait_for_text("[data-balance]", "$1,184.50").await;
    window.wait_for_text("care-client-statements", "$1,184.50").await;
    window.wait_for_text("care-ledger", "$1,384.50").await;
    // This month's, the newest.
    let month = shown(&window, "care-client-statements .record").await;
    assert_eq!(month, ["$1,234.50", "$1,184.50"]);
    // The ledger has the newest entry first; each with what was owed after it.
    let ledger = shown(&window, "care-ledger").await;
    let [.., of_charge, after_charge, _, _] = ledger.as_slice() else { panic!("{ledger:?}") };
    let table = [&month[..1], &[of_charge.clone(), after_charge.clone()], &ledger[..2], &month[1..]].concat();
    assert_eq!(table, ["$1,234.50", "$150.00", "$1,384.50", "-$200.00", "$1,184.50", "$1,184.50"]);
    let printed = saved(&window, "care-client-statements .record a[download]", "statement").await;
    assert_eq!(printed, on_paper(&table));
    let owed = "SELECT sum(amount) FROM ledger_postings WHERE account = 'receivable'";
    assert_eq!(room.practice.database.query(owed).await, ["118450"]);
    window.must_be_content().await;
}
