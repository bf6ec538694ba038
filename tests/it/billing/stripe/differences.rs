//! What a reconciliation finds: each kind of difference, planted alone, and nothing else.

use carehub::billing::stripe::{
    differences::{Difference, Ours, Payment, Returned, TakenBack, Theirs, find},
    objects::{Dispute, Intent, Refund},
};
use serde_json::{Value, json};
use uuid::Uuid;

const PAYMENT: Uuid = Uuid::from_u128(1);
const REFUND: Uuid = Uuid::from_u128(2);

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

fn intent() -> Value {
    json!({"id": "pi_1", "status": "succeeded", "amount": 100, "currency": "usd", "customer": "cus_1", "created": 1,
        "metadata": {"attempt": "a"}})
}

fn refund() -> Value {
    json!({"id": "re_1", "status": "succeeded", "amount": 40, "currency": "usd", "payment_intent": "pi_1", "created": 1})
}

fn dispute() -> Value {
    json!({"id": "dp_1", "status": "lost", "amount": 60, "currency": "usd", "payment_intent": "pi_1", "created": 1})
}

/// Both sides say the same.
fn sides() -> (Theirs, Ours) {
    let theirs = Theirs {
        intents: vec![read::<Intent>(&intent())],
        refunds: vec![read::<Refund>(&refund())],
        disputes: vec![read::<Dispute>(&dispute())],
    };
    let ours = Ours {
        payments: vec![Payment {
            id: PAYMENT,
            intent: "pi_1".into(),
            customer: Some("cus_1".into()),
            amount: 100,
            currency: "USD".into(),
            entered: 100,
        }],
        refunds: vec![Returned { id: REFUND, refund: Some("re_1".into()), amount: 40, failed: false }],
        chargebacks: vec![TakenBack { dispute: "dp_1".into(), amount: 60, won: false }],
        unsettled: Vec::new(),
    };
    (theirs, ours)
}

#[test]
fn each_difference_is_found_alone_and_where_there_is_none_none_is() {
    let (theirs, ours) = sides();
    assert_eq!(find(&theirs, &ours), []);
    type Plant = fn(&mut Theirs, &mut Ours);
    let planted: [(Plant, &str); 20] = [
        (|_, ours| ours.payments.clear(), "payment not in the ledger: pi_1 of 100"),
        (|theirs, _| theirs.intents.clear(), "payment not at Stripe: "),
        (|theirs, _| theirs.intents[0] = with(intent(), "status", "canceled"), "payment not taken: "),
        (|theirs, _| theirs.intents[0] = with(intent(), "status", "something_new"), "payment not taken: "),
        (|theirs, _| theirs.intents[0].amount = 99, "payment of another amount: "),
        (|theirs, _| theirs.intents[0].currency = "eur".into(), "payment in another currency: "),
        (|theirs, _| theirs.intents[0].customer = Some("cus_2".into()), "payment of another customer: "),
        (|_, ours| ours.payments[0].entered = 0, "payment entered otherwise: "),
        (|_, ours| ours.refunds.clear(), "refund not in the ledger: re_1 of 40"),
        (|theirs, _| theirs.refunds.clear(), "refund not at Stripe: "),
        (|_, ours| ours.refunds[0].refund = None, "refund not "),
        (|theirs, _| theirs.refunds[0].status = Some("failed".into()), "refund not made: "),
        (|_, ours| ours.refunds[0].failed = true, "refund not in the ledger: re_1 of 40"),
        (|theirs, _| theirs.refunds[0].amount = 41, "refund of another amount: "),
        (|_, ours| ours.chargebacks.clear(), "dispute not in the ledger: dp_1 took 60"),
        (|theirs, _| theirs.disputes.clear(), "dispute not at Stripe: "),
        (|theirs, _| theirs.disputes[0].amount = 61, "dispute of another amount: "),
        (|theirs, _| theirs.disputes[0].status = "won".into(), "dispute decided otherwise: "),
        (|_, ours| ours.chargebacks[0].won = true, "dispute decided otherwise: "),
        (|_, ours| ours.unsettled.push(PAYMENT), "payment not known for a day: "),
    ];
    for (plant, expected) in planted {
        let (mut theirs, mut ours) = sides();
        plant(&mut theirs, &mut ours);
        let found: Vec<String> = find(&theirs, &ours).iter().map(Difference::to_string).collect();
        assert!(!found.is_empty() && found.iter().all(|line| line.starts_with(expected)), "{expected}: {found:?}");
    }
    // Taken twice: the second is not in the ledger either.
    let (mut theirs, ours) = sides();
    theirs.intents.push(with(intent(), "id", "pi_2"));
    let found: Vec<String> = find(&theirs, &ours).iter().map(Difference::to_string).collect();
    assert_eq!(
        found,
        [
            "payment not in the ledger: pi_2 of 100 was taken at Stripe",
            "payment taken more than once: attempt a as pi_1, pi_2",
        ]
    );
}

fn with(mut object: Value, field: &str, value: &str) -> Intent {
    object[field] = json!(value);
    read(&object)
}

#[test]
fn what_was_never_paid_and_what_was_given_back_for_nothing_is_no_difference() {
    let (mut theirs, ours) = sides();
    theirs.intents.push(with(with_id("pi_2"), "status", "requires_payment_method"));
    theirs.intents.push(with(with_id("pi_3"), "status", "canceled"));
    let mut failed = refund();
    failed["id"] = json!("re_2");
    failed["status"] = json!("failed");
    theirs.refunds.push(read(&failed));
    // Made, and sent back by the bank: the ledger has both.
    let (mut returned, mut turned_back) = sides();
    returned.refunds[0].status = Some("failed".into());
    turned_back.refunds[0].failed = true;
    assert_eq!(find(&returned, &turned_back), []);
    let mut inquiry = dispute();
    inquiry["id"] = json!("dp_2");
    inquiry["status"] = json!("warning_needs_response");
    theirs.disputes.push(read(&inquiry));
    assert_eq!(find(&theirs, &ours), []);
}

fn with_id(id: &str) -> Value {
    let mut object = intent();
    object["id"] = json!(id);
    object
}
