//! The ledger in the database, whoever writes to it.

use super::Till;
use crate::dev::query;
use tokio_postgres::error::SqlState;

#[actix_web::test]
async fn what_does_not_balance_is_refused_by_the_database_whoever_writes_it() {
    let till = Till::open().await;
    till.charge(10_000).await;
    let transaction = format!(
        "INSERT INTO ledger_transactions (id, practice_id, client_id, kind, currency, lines, cause_id, occurred_at, recorded_at)
        VALUES ('00000000-0000-7000-8000-000000000001', '{}', '{}', 'adjustment', 'USD', 2, gen_random_uuid(), now(), now());",
        till.practice.id, till.ann.id
    );
    let posting = |line: i64, account: &str, amount: i64| {
        format!(
            "INSERT INTO ledger_postings VALUES ('00000000-0000-7000-8000-000000000001', {line}, '{account}', {amount});"
        )
    };
    let service = till.practice.database.service_url();
    for odd in [
        transaction.clone(),
        transaction.clone() + &posting(1, "receivable", 5),
        transaction.clone() + &posting(1, "receivable", 5) + &posting(2, "revenue", -4),
        transaction.clone()
            + &posting(1, "receivable", 5)
            + &posting(2, "revenue", -5)
            + &posting(3, "cash", 1)
            + &posting(4, "cash", -1),
        // Balanced in itself, and added to what was written before.
        "INSERT INTO ledger_postings SELECT id, 3, 'receivable', 7 FROM ledger_transactions;
            INSERT INTO ledger_postings SELECT id, 4, 'revenue', -7 FROM ledger_transactions"
            .to_owned(),
    ] {
        let refused = query(&service, &odd).await.expect_err(&odd);
        assert_eq!(refused.code(), Some(&SqlState::CHECK_VIOLATION), "{odd}: {refused}");
    }
    let good = transaction + &posting(1, "receivable", 5) + &posting(2, "adjustments", -5);
    query(&service, &good).await.unwrap();
    assert_eq!(till.balance().await, 10_005);
}

#[actix_web::test]
async fn an_erased_clients_figures_stay_and_what_they_were_for_is_gone() {
    let till = Till::open().await;
    till.charge(10_000).await;
    till.paid(4_000).await;
    let destroyed = format!("UPDATE data_keys SET wrapped = '', erased_at = now() WHERE owner_id = '{}'", till.ann.id);
    till.practice.database.query(&destroyed).await;
    assert_eq!(till.balance().await, 6_000);
    let lines = till.items("history").await;
    assert!(lines.iter().all(|line| line["what"].is_null()), "{lines:?}");
    let charge = &till.items("charges").await[0];
    assert!(charge["description"].is_null() && charge["code"].is_null() && charge["amount"] == 10_000);
    let stored = "SELECT string_agg(query_to_xml(format('SELECT * FROM %I', tablename), false, true, '')::text, '')
        FROM pg_tables WHERE tablename ~ '^(charge|payment|ledger|invoice)'";
    let stored = till.practice.database.query(stored).await.remove(0);
    assert!(!stored.contains("Psychotherapy") && !stored.contains("90834"));
}
