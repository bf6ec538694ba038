//! One invoice: as staff see it, as its client reads it, and on paper.

use super::{Till, id};
use crate::support::{eventually, paper, practice::Caller};
use carehub::accounts::Role;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

/// What poppler reads in an invoice.
async fn read(till: &Till, who: &Caller, path: &str) -> String {
    let request = till.practice.request(reqwest::Method::GET, &format!("/api/v1/{path}/pdf")).bearer_auth(&who.token);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    let named = response.headers()["content-disposition"].to_str().unwrap();
    assert!(named.starts_with("attachment;") && named.contains("\"invoice-1.pdf\""), "{named}");
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("paper.pdf");
    std::fs::write(&at, response.bytes().await.unwrap()).unwrap();
    paper::read(&at)
}

#[actix_web::test]
async fn an_invoice_has_the_same_figures_for_staff_for_its_client_and_on_paper() {
    let till = Till::open().await;
    let charge = json!({"code": "90834", "description": "Psychotherapy", "unitAmount": 15_000, "diagnoses": ["F41.1"]});
    till.flo.post(&till.of_ann("charges"), charge).await.expect(201);
    till.charge(5_000).await;
    let invoice = id(&till.bill(json!({})).await.expect(201));
    let meant = json!({"amount": 12_000, "method": "cheque", "note": "No. 17", "invoice": invoice});
    till.flo.post(&till.of_ann("payments"), meant).await.expect(201);
    let staff = till.flo.get(&format!("ehr/billing/invoices/{invoice}")).await.expect(200);
    let own_path = format!("portal/billing/invoices/{invoice}");
    let own = till.ann.get(&own_path).await.expect(200);
    for (figure, amount) in [("total", 20_000), ("paid", 12_000), ("open", 8_000)] {
        assert_eq!((&staff[figure], &own[figure]), (&json!(amount), &json!(amount)), "{figure}");
    }
    assert_eq!((&staff["payments"][0]["amount"], &staff["payments"][0]["note"]), (&json!(12_000), &json!("No. 17")));
    assert_eq!(own["lines"][0]["state"], "partlyPaid");
    let said = own.to_string();
    assert!(!said.contains("F41.1") && !said.contains("No. 17"), "{said}");
    let list = till.ann.get("portal/billing/invoices").await.expect(200);
    assert_eq!((&list["items"][0]["id"], &list["items"][0]["open"]), (&json!(invoice), &json!(8_000)));
    let (theirs, ours) = (
        read(&till, &till.ann, &own_path).await,
        read(&till, &till.flo, &format!("ehr/billing/invoices/{invoice}")).await,
    );
    assert_eq!(theirs, ours, "one paper");
    for words in ["Invoice No. 1", "Psychotherapy (90834)", "$150.00", "$200.00", "$120.00", "$80.00", "Ann Field"] {
        assert!(theirs.contains(words), "{words:?} is not in {theirs}");
    }
    assert!(!theirs.contains("F41.1"), "{theirs}");
    till.practice.database.query(&format!("UPDATE users SET language = 'es' WHERE id = '{}'", till.ann.id)).await;
    let spanish = read(&till, &till.ann, &own_path).await;
    assert!(spanish.contains("Factura n.º 1") && spanish.contains("Por pagar"), "{spanish}");
}

#[actix_web::test]
async fn an_invoice_that_was_taken_back_says_so_and_why_to_staff_alone() {
    let till = Till::open().await;
    till.charge(5_000).await;
    let invoice = id(&till.bill(json!({})).await.expect(201));
    let path = format!("ehr/billing/invoices/{invoice}");
    till.flo.post(&format!("{path}/void"), json!({"reason": "Billed to the wrong month."})).await.expect(200);
    let staff = till.flo.get(&path).await.expect(200);
    assert_eq!((&staff["status"], &staff["voidReason"]), (&json!("void"), &json!("Billed to the wrong month.")));
    assert!(staff["voidedAt"].is_string());
    let own = till.ann.get(&format!("portal/billing/invoices/{invoice}")).await.expect(200);
    assert_eq!((&own["status"], &own["open"], &own["paid"]), (&json!("void"), &json!(0), &json!(0)));
    assert!(!own.to_string().contains("wrong month"));
    let paper = read(&till, &till.ann, &format!("portal/billing/invoices/{invoice}")).await;
    assert!(paper.contains("nothing is to be paid for it") && !paper.contains("wrong month"), "{paper}");
}

#[actix_web::test]
async fn an_invoice_is_sent_again_once_for_each_time_that_somebody_asks() {
    let till = Till::open().await;
    till.charge(5_000).await;
    let invoice = id(&till.bill(json!({})).await.expect(201));
    let path = format!("ehr/billing/invoices/{invoice}/send-again");
    let key = Uuid::now_v7();
    for _ in 0..3 {
        till.flo.post_once(key, &path, json!({})).await.expect(204);
    }
    let told = "SELECT count(*) FROM notifications WHERE kind = 'billIssued'";
    assert_eq!(till.practice.database.query(told).await, ["2"]);
    till.flo.post_once(Uuid::now_v7(), &path, json!({})).await.expect(204);
    assert_eq!(till.practice.database.query(told).await, ["3"]);
    till.maya.post(&path, json!({})).await.refused(403, "forbidden");
    till.paid(5_000).await;
    till.flo.post(&path, json!({})).await.refused(409, "conflict");
    assert_eq!(till.practice.database.query(told).await, ["3"]);
}

#[actix_web::test]
async fn nobody_reads_anothers_invoice_and_notices_lead_to_ones_own() {
    let till = Till::open().await;
    till.charge(5_000).await;
    let invoice = id(&till.bill(json!({})).await.expect(201));
    let ben = till.practice.person("Ben", Role::Client).await;
    for path in ["", "/pdf"] {
        ben.get(&format!("portal/billing/invoices/{invoice}{path}")).await.refused(404, "notFound");
        till.maya.get(&format!("ehr/billing/invoices/{invoice}{path}")).await.refused(403, "forbidden");
    }
    let told = async || {
        let notices = till.ann.get("portal/notifications").await.expect(200);
        notices["items"].as_array().unwrap().first().cloned()
    };
    let notice = eventually("the notice of a bill", Duration::from_secs(30), told).await;
    assert_eq!(notice["link"], json!(format!("/portal/billing/invoices/{invoice}")));
}
