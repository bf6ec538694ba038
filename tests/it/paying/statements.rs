use super::{Account, now};
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use serde_json::Value;

fn amount(value: &Value, name: &str) -> i64 {
    value[name].as_i64().unwrap_or_else(|| panic!("no {name} in {value}"))
}

/// A history of a hundred entries over half a year, the last of them a while ago.
async fn history(account: &mut Account) {
    let mut random = fastrand::Rng::with_seed(7);
    let mut at = now() - TimeDelta::days(190);
    let mut paid = Vec::new();
    for _ in 0..100 {
        at += TimeDelta::minutes(random.i64(30..2_600));
        match random.u8(0..10) {
            0..5 => {
                account.charge(random.i64(1..30_000), &at.date_naive().to_string(), at).await;
            }
            5..9 => paid.push((account.pay(random.i64(2..20_000), at).await, at)),
            _ => {
                if let Some((payment, _)) = paid.pop() {
                    account.refund(payment, 1, at).await;
                }
            }
        }
    }
}

#[tokio::test]
async fn what_closes_a_month_opens_the_next_and_the_last_one_comes_to_the_balance() {
    let mut account = Account::open().await;
    account.practice.database.query("UPDATE practices SET time_zone = 'Pacific/Auckland'").await;
    history(&mut account).await;
    let listed = account.ann.get("portal/billing/statements?limit=200").await.expect(200);
    let months: Vec<&Value> = listed["items"].as_array().unwrap().iter().rev().collect();
    assert!(months.len() >= 5, "{listed}");
    assert_eq!((amount(months[0], "opening"), &listed["next"]), (0, &Value::Null));
    assert_eq!(amount(months[months.len() - 1], "closing"), account.balance().await);
    let (mut lines, mut before) = (0, 0);
    for (at, listed) in months.iter().enumerate() {
        let name = listed["month"].as_str().unwrap();
        let shown = account.ann.get(&format!("portal/billing/statements/{name}")).await.expect(200);
        for key in ["opening", "added", "takenOff", "closing", "isOver"] {
            assert_eq!(shown[key], listed[key], "{name}");
        }
        assert_eq!(amount(&shown, "opening"), before, "{name}");
        let mut owed = before;
        for line in shown["lines"].as_array().unwrap() {
            owed += amount(line, "amount");
            assert_eq!(amount(line, "balance"), owed);
            assert!(line["on"].as_str().unwrap().starts_with(name), "{line}");
        }
        assert_eq!(owed, amount(&shown, "closing"), "{name}");
        assert_eq!(amount(&shown, "opening") + amount(&shown, "added") + amount(&shown, "takenOff"), owed);
        assert_eq!(shown["isOver"], at + 1 < months.len());
        lines += shown["lines"].as_array().unwrap().len();
        before = owed;
    }
    let entries = account.one("SELECT count(*) FROM ledger_transactions").await;
    assert_eq!(lines.to_string(), entries, "each entry is on one statement");

    // The list goes on page by page, and says the same.
    let (mut pages, mut next) = (Vec::new(), String::new());
    loop {
        let page = account.ann.get(&format!("portal/billing/statements?limit=2{next}")).await.expect(200);
        pages.extend(page["items"].as_array().unwrap().clone());
        let Some(cursor) = page["next"].as_str() else { break };
        next = format!("&cursor={cursor}");
    }
    assert_eq!(Value::Array(pages), listed["items"]);
}

#[tokio::test]
async fn what_is_noted_late_leaves_a_statement_that_was_handed_out_as_it_was() {
    let mut account = Account::open().await;
    account.practice.database.query("UPDATE practices SET time_zone = 'America/Chicago'").await;
    // The last instant of October, and the first of November, where the practice is.
    let ends: DateTime<Utc> = "2025-11-01T05:00:00Z".parse().unwrap();
    account.charge(10_000, "2025-10-20", ends - TimeDelta::seconds(1)).await;
    let october = account.ann.get("portal/billing/statements/2025-10").await.expect(200);
    assert_eq!((amount(&october, "closing"), &october["isOver"]), (10_000, &Value::Bool(true)));
    // Of a service in October, recorded in November.
    account.charge(5_000, "2025-10-30", ends).await;
    assert_eq!(account.ann.get("portal/billing/statements/2025-10").await.expect(200), october);
    let november = account.ann.get("portal/billing/statements/2025-11").await.expect(200);
    assert_eq!((amount(&november, "opening"), amount(&november, "closing")), (10_000, 15_000));
    assert_eq!(november["lines"][0]["on"], "2025-11-01");

    let today = now().date_naive();
    for none in ["2025-09", &format!("{}-01", today.year() + 1), "2025-13", "x", "2025-10-01"] {
        account.ann.get(&format!("portal/billing/statements/{none}")).await.expect(404);
    }
    account.ann.get("portal/billing/statements?cursor=x").await.expect(400);
}
