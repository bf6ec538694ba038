//! What staff do with an account, step by step.

use super::{Till, id};
use carehub::accounts::Role;
use serde_json::json;
use uuid::Uuid;

#[actix_web::test]
async fn a_charge_is_billed_paid_in_part_and_then_whole_and_every_page_says_the_same() {
    let till = Till::open().await;
    let (one, two) = (till.charge_on(15_000, 40).await, till.charge_on(5_000, 2).await);
    assert_eq!(till.balance().await, 20_000);
    let due = (till.today() + chrono::TimeDelta::days(14)).to_string();
    let invoice = till.bill(json!({"dueOn": due})).await.expect(201);
    assert_eq!(
        (&invoice["number"], &invoice["total"], &invoice["status"]),
        (&json!(1), &json!(20_000), &json!("pending"))
    );
    assert_eq!(invoice["charges"], json!([one, two]));
    let notices = "SELECT kind FROM notifications WHERE about IS NOT NULL ORDER BY id";
    assert_eq!(till.practice.database.query(notices).await, ["billIssued"]);
    till.paid(15_500).await;
    let shown = till.flo.get(&format!("ehr/billing/invoices/{}", id(&invoice))).await.expect(200);
    assert_eq!(
        (&shown["open"], &shown["lines"][0]["open"], &shown["lines"][1]["open"]),
        (&json!(4_500), &json!(0), &json!(4_500))
    );
    till.paid(4_500).await;
    let list = till.flo.get("ehr/billing/invoices?status=paid").await.expect(200);
    assert_eq!((list["items"].as_array().unwrap().len(), &list["items"][0]["open"]), (1, &json!(0)));
    for status in ["pending", "overdue", "void"] {
        let list = till.flo.get(&format!("ehr/billing/invoices?status={status}")).await.expect(200);
        assert_eq!(list["items"], json!([]), "{status}");
    }
    assert_eq!(till.balance().await, 0);
    let history = till.items("history").await;
    let lines: Vec<_> =
        history.iter().map(|line| (line["kind"].clone(), line["amount"].clone(), line["balance"].clone())).collect();
    let line = |kind: &str, amount: i64, balance: i64| (json!(kind), json!(amount), json!(balance));
    assert_eq!(
        lines,
        [
            line("payment", -4_500, 0),
            line("payment", -15_500, 4_500),
            line("charge", 5_000, 20_000),
            line("charge", 15_000, 15_000)
        ]
    );
}

#[actix_web::test]
async fn an_invoice_is_overdue_when_its_day_is_over_and_void_when_it_was_voided_and_its_charges_are_free_then() {
    let till = Till::open().await;
    let charge = till.charge(10_000).await;
    let invoice = id(&till.bill(json!({"dueOn": till.today().to_string()})).await.expect(201));
    till.bill(json!({})).await.refused(409, "conflict");
    till.bill(json!({"charges": [charge]})).await.refused(409, "conflict");
    till.void(&charge).await.refused(409, "conflict");
    let shown = till.flo.get(&format!("ehr/billing/invoices/{invoice}")).await.expect(200);
    assert_eq!(shown["status"], "pending", "on the day that it is due");
    let earlier = "UPDATE invoices SET issued_on = issued_on - 2, due_on = due_on - 2";
    till.practice.database.query(earlier).await;
    let shown = till.flo.get(&format!("ehr/billing/invoices/{invoice}")).await.expect(200);
    assert_eq!(shown["status"], "overdue");
    let void = format!("ehr/billing/invoices/{invoice}/void");
    till.flo.post(&void, json!({"reason": " "})).await.refused(422, "invalid");
    let voided = till.flo.post(&void, json!({"reason": "The wrong client."})).await.expect(200);
    assert_eq!(voided["status"], "void");
    assert_eq!(till.flo.post(&void, json!({"reason": "Again."})).await.expect(200)["status"], "void");
    assert_eq!(till.balance().await, 10_000, "what was charged is still owed");
    let next = till.bill(json!({})).await.expect(201);
    assert_eq!((&next["number"], &next["charges"]), (&json!(2), &json!([charge])));
}

#[actix_web::test]
async fn what_was_meant_for_an_invoice_pays_it_first_and_voiding_it_pays_the_rest() {
    let till = Till::open().await;
    let old = till.charge_on(10_000, 100).await;
    let new = till.charge(3_000).await;
    let invoice = id(&till.bill(json!({"charges": [new]})).await.expect(201));
    let body = json!({"amount": 3_000, "method": "cheque", "invoice": invoice, "note": "No. 1042"});
    let payment = till.flo.post(&till.of_ann("payments"), body).await.expect(201);
    assert_eq!((&payment["method"], &payment["note"]), (&json!({"kind": "cheque"}), &json!("No. 1042")));
    let open = async || {
        let charges = till.items("charges").await;
        let of = |id: &str| charges.iter().find(|charge| charge["id"] == id).unwrap()["open"].as_i64().unwrap();
        (of(&old), of(&new))
    };
    assert_eq!(open().await, (10_000, 0));
    till.flo.post(&format!("ehr/billing/invoices/{invoice}/void"), json!({"reason": "Wrong."})).await.expect(200);
    assert_eq!(open().await, (7_000, 3_000));
    till.void(&new).await.expect(200);
    assert_eq!((open().await, till.balance().await), ((7_000, 0), 7_000));
}

#[actix_web::test]
async fn money_goes_back_until_nothing_is_left_of_the_payment_and_is_owed_again() {
    let till = Till::open().await;
    till.charge(10_000).await;
    let payment = till.paid(6_000).await;
    let refunded = till.refund(&payment, 2_000).await.expect(201);
    assert_eq!((&refunded["returned"], &refunded["refundable"]), (&json!(2_000), &json!(4_000)));
    assert_eq!(till.balance().await, 6_000);
    till.refund(&payment, 4_001).await.refused(409, "conflict");
    till.refund(&payment, 4_000).await.expect(201);
    till.refund(&payment, 1).await.refused(409, "conflict");
    assert_eq!(till.balance().await, 10_000);
    assert_eq!(till.items("history").await[0]["reason"], "Paid twice.");
}

#[actix_web::test]
async fn what_came_by_card_does_not_go_back_in_cash() {
    let till = Till::open().await;
    till.charge(10_000).await;
    let payment = till.paid(6_000).await;
    till.practice.database.query(&format!("UPDATE payments SET method = 'card' WHERE id = '{payment}'")).await;
    till.refund(&payment, 1_000).await.refused(409, "conflict");
    assert_eq!(till.balance().await, 4_000);
}

#[actix_web::test]
async fn sent_again_with_the_same_key_everything_is_done_once_and_another_thing_under_it_is_refused() {
    let till = Till::open().await;
    let key = Uuid::now_v7();
    let charge = json!({"description": "A letter", "unitAmount": 9_000});
    for status in [201, 200, 200] {
        till.flo.post_once(key, &till.of_ann("charges"), charge.clone()).await.expect(status);
    }
    till.flo
        .post_once(key, &till.of_ann("charges"), json!({"description": "x", "unitAmount": 1}))
        .await
        .refused(409, "conflict");
    let whole = json!({"amount": 9_000, "method": "transfer"});
    for status in [201, 200] {
        till.flo.post_once(key, &till.of_ann("payments"), whole.clone()).await.expect(status);
    }
    let payment = till.items("payments").await[0]["id"].as_str().unwrap().to_owned();
    let refunds = format!("ehr/billing/payments/{payment}/refunds");
    let refund = json!({"amount": 5_000, "reason": "Insured."});
    for status in [201, 200] {
        till.flo.post_once(key, &refunds, refund.clone()).await.expect(status);
    }
    for (amount, reason) in [(5_000, "Paid twice."), (4_999, "Insured.")] {
        let other = json!({"amount": amount, "reason": reason});
        till.flo.post_once(key, &refunds, other).await.refused(409, "conflict");
    }
    // Blanks around it are no other reason.
    till.flo.post_once(key, &refunds, json!({"amount": 5_000, "reason": " Insured. "})).await.expect(200);
    for status in [201, 200] {
        let lower = json!({"amount": -500, "reason": "Hardship."});
        till.flo.post_once(key, &till.of_ann("adjustments"), lower).await.expect(status);
    }
    for status in [201, 200] {
        till.flo.post_once(key, &till.of_ann("invoices"), json!({})).await.expect(status);
    }
    assert_eq!(till.balance().await, 4_500);
    let actions =
        "SELECT action || ' ' || count(*) FROM audit_events WHERE action ~ '^(charge|payment|adjustment|invoice)\\.'
        AND action !~ 'viewed' GROUP BY action ORDER BY action";
    let once = ["adjustment.made 1", "charge.added 1", "invoice.issued 1", "payment.refunded 1", "payment.taken 1"];
    assert_eq!(till.practice.database.query(actions).await, once);
}

#[actix_web::test]
async fn a_clinician_sees_what_their_own_appointments_were_charged_and_no_more() {
    let till = Till::open().await;
    let ben = till.practice.person("Ben", Role::Clinician).await;
    till.practice.cares(&till.maya, &till.ann).await;
    till.practice.cares(&ben, &till.ann).await;
    let appointment = super::to_charge::completed(&till, &till.ann, 50, 3).await;
    let body = json!({"description": "Psychotherapy", "code": "90834", "unitAmount": 100, "appointment": appointment});
    let charge = till.flo.post(&till.of_ann("charges"), body.clone()).await.expect(201);
    assert_eq!(charge["clinician"]["name"], "Maya Lind");
    till.flo.post(&till.of_ann("charges"), body).await.refused(409, "conflict");
    let path = format!("ehr/billing/appointments/{appointment}/charges");
    assert_eq!(till.maya.get(&path).await.expect(200)["items"][0]["id"], charge["id"]);
    ben.get(&path).await.refused(404, "notFound");
    till.maya.get(&till.of_ann("history")).await.refused(403, "forbidden");
}
