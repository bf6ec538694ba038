//! I10: amounts that nobody can owe, pay or get back.

use super::Till;
use serde_json::{Value, json};

fn odd_amounts() -> Vec<Value> {
    let texts = [
        "0",
        "-1",
        "0.5",
        "1.0",
        "1e3",
        "\"100\"",
        "null",
        "true",
        "[1]",
        "100000000",
        "9007199254740993",
        "9223372036854775808",
        "-9223372036854775808",
    ];
    texts.map(|text| serde_json::from_str(text).unwrap()).to_vec()
}

#[actix_web::test]
async fn nothing_negative_fractional_or_far_too_much_is_charged_taken_or_given_back() {
    let till = Till::open().await;
    till.charge(10_000).await;
    let payment = till.paid(5_000).await;
    for amount in odd_amounts() {
        let charge = json!({"description": "x", "unitAmount": amount});
        till.flo.post(&till.of_ann("charges"), charge).await.refused(422, "invalid");
        let pay = json!({"amount": amount, "method": "cash"});
        till.flo.post(&till.of_ann("payments"), pay).await.refused(422, "invalid");
        let refund = json!({"amount": amount, "reason": "x"});
        till.flo.post(&format!("ehr/billing/payments/{payment}/refunds"), refund).await.refused(422, "invalid");
        if amount != json!(-1) {
            let adjust = json!({"amount": amount, "reason": "x"});
            till.flo.post(&till.of_ann("adjustments"), adjust).await.refused(422, "invalid");
        }
    }
    assert_eq!(till.balance().await, 5_000);
}

#[actix_web::test]
async fn no_more_is_taken_given_back_or_let_off_than_there_is() {
    let till = Till::open().await;
    let charge = till.charge(10_000).await;
    till.pay(10_001).await.refused(409, "conflict");
    till.adjust(-10_001).await.refused(409, "conflict");
    let of_charge = json!({"amount": -10_001, "reason": "x", "charge": charge});
    till.flo.post(&till.of_ann("adjustments"), of_charge).await.refused(409, "conflict");
    let payment = till.paid(10_000).await;
    till.pay(1).await.refused(409, "conflict");
    till.adjust(-1).await.refused(409, "conflict");
    till.refund(&payment, 10_001).await.refused(409, "conflict");
    assert_eq!(till.balance().await, 0);
}

#[actix_web::test]
async fn units_days_and_codes_that_cannot_be_are_refused_and_words_are_only_words() {
    let till = Till::open().await;
    let tomorrow = (till.today() + chrono::TimeDelta::days(2)).to_string();
    for (field, value) in [
        ("units", json!(0)),
        ("units", json!(1_000)),
        ("units", json!(1.5)),
        ("serviceOn", json!(tomorrow)),
        ("serviceOn", json!("1999-01-01")),
        ("code", json!("=1+11")),
        ("diagnoses", json!(["anxious"])),
        ("modifiers", json!(["955"])),
        ("description", json!("")),
        ("description", json!("x".repeat(201))),
    ] {
        let mut charge = json!({"description": "x", "unitAmount": 100});
        charge[field] = value.clone();
        till.flo.post(&till.of_ann("charges"), charge).await.refused(422, "invalid");
    }
    let much = json!({"description": "x", "unitAmount": 99_999_999, "units": 2});
    till.flo.post(&till.of_ann("charges"), much).await.refused(422, "invalid");
    let hostile = json!({"description": "<script>alert(1)</script>", "unitAmount": 100});
    let charged = till.flo.post(&till.of_ann("charges"), hostile).await.expect(201);
    assert_eq!(charged["description"], "<script>alert(1)</script>");
    assert_eq!(till.balance().await, 100);
}

#[actix_web::test]
async fn a_key_stands_for_one_act_and_the_same_again_is_answered_the_same() {
    let till = Till::open().await;
    let bea = till.practice.person("Bea Moss", carehub::accounts::Role::Client).await;
    let of_bea = |what: &str| format!("ehr/billing/clients/{}/{what}", bea.id);
    let (first, second) = (till.charge(10_000).await, till.charge(5_000).await);
    till.flo.post(&of_bea("charges"), json!({"description": "A letter", "unitAmount": 9_000})).await.expect(201);
    let today = till.today();
    let (soon, later) = (today + chrono::TimeDelta::days(9), today + chrono::TimeDelta::days(10));
    let invoice = |charges: Value, due: chrono::NaiveDate| json!({"charges": charges, "dueOn": due});
    for (what, body, others) in [
        (
            "charges",
            json!({"description": "A letter", "unitAmount": 100}),
            vec![
                json!({"description": "Another letter", "unitAmount": 100}),
                json!({"description": "A letter", "unitAmount": 50, "units": 2}),
                json!({"description": "A letter", "unitAmount": 100, "serviceOn": today - chrono::TimeDelta::days(3)}),
                json!({"description": "A letter", "unitAmount": 100, "clinician": till.maya.id}),
            ],
        ),
        (
            "adjustments",
            json!({"amount": -100, "reason": "Hardship."}),
            vec![
                json!({"amount": -100, "reason": "A mistake."}),
                json!({"amount": -100, "reason": "Hardship.", "charge": first}),
            ],
        ),
        (
            "invoices",
            invoice(json!([first]), soon),
            vec![invoice(json!([first]), later), invoice(json!([second]), soon), invoice(json!([first, second]), soon)],
        ),
        (
            "payments",
            json!({"amount": 100, "method": "cheque", "note": "No. 1"}),
            vec![
                json!({"amount": 100, "method": "cheque", "note": "No. 2"}),
                json!({"amount": 100, "method": "cheque", "note": "No. 1", "occurredAt": "2026-10-01T10:00:00Z"}),
            ],
        ),
    ] {
        let key = uuid::Uuid::now_v7();
        let send = async |path: &str, body: &Value| till.flo.try_post_once(path, key, body.clone()).await.unwrap();
        let made = send(&till.of_ann(what), &body).await.expect(201);
        let balance = till.balance().await;
        assert_eq!(send(&till.of_ann(what), &body).await.expect(200)["id"], made["id"], "{what} again");
        for other in others {
            send(&till.of_ann(what), &other).await.refused(409, "conflict");
        }
        let elsewhere = send(&of_bea(what), &body).await;
        assert!(matches!(elsewhere.status, 404 | 409), "{what} of another client: {elsewhere:?}");
        assert_eq!(till.balance().await, balance, "{what}");
    }
}
