//! How old debts are.

use super::Till;
use carehub::accounts::Role;
use serde_json::json;

#[actix_web::test]
async fn debts_stand_under_their_age_and_the_total_is_of_all_pages() {
    let till = Till::open().await;
    for (amount, days) in [(100, 0), (200, 30), (400, 31), (800, 60), (1_600, 61), (3_200, 90), (6_400, 91)] {
        till.charge_on(amount, days).await;
    }
    let ben = till.practice.person("Ben", Role::Client).await;
    let path = format!("ehr/billing/clients/{}/charges", ben.id);
    till.flo.post(&path, json!({"description": "x", "unitAmount": 5_000})).await.expect(201);
    till.paid(6_500).await;
    let first = till.flo.get("ehr/billing/aging?limit=1").await.expect(200);
    let of_ann = &first["items"][0];
    let figure = |of: &serde_json::Value| {
        ["current", "over30", "over60", "over90", "credit", "balance"].map(|name| of[name].as_i64().unwrap())
    };
    // The oldest is paid first, and a hundred of the next.
    assert_eq!(figure(of_ann), [300, 1_200, 4_700, 0, 0, 6_200]);
    assert_eq!(figure(&first["total"]), [5_300, 1_200, 4_700, 0, 0, 11_200]);
    let cursor = first["next"].as_str().unwrap();
    let second = till.flo.get(&format!("ehr/billing/aging?limit=1&cursor={cursor}")).await.expect(200);
    assert_eq!((&second["items"][0]["name"], &second["next"]), (&json!("Ben"), &json!(null)));
    assert_eq!(second["total"], first["total"]);
    // Of the ledger, and nothing else.
    let sum = "SELECT sum(amount) FROM ledger_postings WHERE account = 'receivable'";
    assert_eq!(till.practice.database.query(sum).await, ["11200"]);
}
