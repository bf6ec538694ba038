//! The ledger for spreadsheets.

use super::Till;
use carehub::accounts::Role;
use serde_json::json;

#[actix_web::test]
async fn a_spreadsheet_gets_every_entry_of_its_days_and_no_formula() {
    let till = Till::open().await;
    let eve = till.practice.person("=HYPERLINK(\"http://evil.example\")", Role::Client).await;
    let path = format!("ehr/billing/clients/{}/charges", eve.id);
    let charge = json!({"description": "@SUM(A1), \"quoted\"", "unitAmount": 12_345});
    till.flo.post(&path, charge).await.expect(201);
    till.charge(10_000).await;
    till.paid(2_500).await;
    let (from, until) = (till.today() - chrono::TimeDelta::days(1), till.today() + chrono::TimeDelta::days(1));
    let response = till.flo.fetch(&format!("/api/v1/ehr/billing/export?from={from}&until={until}")).await;
    assert_eq!(response.headers()["content-type"], "text/csv; charset=utf-8");
    assert!(response.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
    let bytes = response.bytes().await.unwrap();
    let text = std::str::from_utf8(&bytes).unwrap().strip_prefix('\u{feff}').unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3);
    assert_eq!(&rows[0][2], "'=HYPERLINK(\"http://evil.example\")");
    assert_eq!((&rows[0][6], &rows[0][8]), ("'@SUM(A1), \"quoted\"", "123.45"));
    assert_eq!((&rows[2][4], &rows[2][8], &rows[2][9]), ("payment", "-25.00", "USD"));
    let empty = till.flo.fetch("/api/v1/ehr/billing/export?from=2020-01-01&until=2020-01-31").await;
    assert_eq!(empty.text().await.unwrap().lines().count(), 1);
    till.flo.get("ehr/billing/export?from=2026-02-01&until=2026-01-01").await.refused(422, "invalid");
    let seen = "SELECT count(DISTINCT client_id) FROM audit_events WHERE action = 'billing.exported'";
    assert_eq!(till.practice.database.query(seen).await, ["2"]);
}
