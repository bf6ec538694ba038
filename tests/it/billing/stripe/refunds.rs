//! What goes back, once.

use super::{
    OWED, Till,
    events::{applied, tell},
    look, pay,
};
use crate::support::{
    people::master_key,
    practice::Caller,
    stripe::{ASKING_CARD, Fault, GOOD_CARD, event},
};
use carehub::{
    accounts::{Role, access::Viewer},
    audit::Actor,
    billing::{
        Amount, access,
        stripe::{
            Means, Stripe,
            refunds::{self, Asked, Refunding},
        },
    },
    clock::Clock,
    config::{Profile, StripeSettings},
    crypto::{Keyring, MasterKeys},
    db,
    error::{Error, Result},
    ids::{PaymentId, RefundId},
};
use futures_util::future::join_all;
use serde_json::{Value, json};

/// The hub's own means, as its handlers have them.
struct Desk {
    means: Means,
    keyring: Keyring,
    ruth: Caller,
}

impl Desk {
    async fn of(till: &Till) -> Self {
        let settings = StripeSettings {
            secret_key: crate::support::stripe::SECRET_KEY.into(),
            publishable_key: "pk_test".into(),
            webhook_secrets: Vec::new(),
            api_url: Some(till.stripe.url.parse().unwrap()),
            js_url: till.stripe.url.parse().unwrap(),
        };
        let stripe = Stripe::new(&settings, Profile::Development).unwrap();
        let pool = db::pool(&till.practice.database.service_url().into(), 4);
        let means = Means { stripe, pool, clock: Clock::system() };
        let keyring = Keyring::new(MasterKeys::from(master_key()));
        Self { means, keyring, ruth: till.practice.person("Ruth Okafor", Role::Admin).await }
    }

    async fn give_back(&self, till: &Till, id: RefundId, payment: PaymentId, amount: i64) -> Result<Refunding> {
        let viewer = Viewer { user: self.ruth.id, practice: till.practice.id, role: Role::Admin };
        let mut conn = self.means.pool.get().await?;
        let access = access::of_payment(&mut conn, viewer, payment).await?;
        drop(conn);
        let actor = Actor {
            user: Some(self.ruth.id),
            practice: Some(till.practice.id),
            role: Some("admin"),
            ..Actor::default()
        };
        let asked = Asked { id, payment, amount: Amount(amount), reason: "Paid twice".into() };
        refunds::begin(&self.means, &self.keyring, &access, &actor, asked).await
    }
}

async fn paid(till: &Till, amount: i64) -> PaymentId {
    let card = till.card(&till.ada, GOOD_CARD).await;
    let paid = pay(&till.ada, uuid::Uuid::now_v7(), json!({"amount": amount, "method": card})).await.expect(201);
    paid["id"].as_str().unwrap().parse().unwrap()
}

async fn returned(till: &Till) -> (i64, i64) {
    let all = till.stripe.own(reqwest::Method::GET, "/v1/refunds?limit=100", &[]).await;
    let there = all["data"].as_array().unwrap().iter().map(|refund| refund["amount"].as_i64().unwrap()).sum();
    (there, till.one("SELECT COALESCE(sum(amount), 0)::text FROM refunds").await.parse().unwrap())
}

#[actix_web::test]
async fn a_payment_goes_back_in_parts_and_never_more_than_came_in() {
    let till = Till::open().await;
    let desk = Desk::of(&till).await;
    let payment = paid(&till, 10_000).await;
    let id = RefundId::new();
    // However often it is clicked.
    let answers = join_all((0..5).map(|_| desk.give_back(&till, id, payment, 4_000))).await;
    assert!(answers.iter().all(|answer| answer.is_ok()), "{answers:?}");
    till.settled().await;
    assert_eq!(returned(&till).await, (4_000, 4_000));
    // Two at once that are too much together.
    let answers = join_all((0..2).map(|_| desk.give_back(&till, RefundId::new(), payment, 4_000))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    let refused = desk.give_back(&till, RefundId::new(), payment, 2_001).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    assert!(matches!(desk.give_back(&till, id, payment, 1).await, Err(Error::Conflict { .. })), "another under its id");
    let (path, again) =
        (format!("ehr/billing/payments/{payment}/refunds"), |reason| json!({"amount": 4_000, "reason": reason}));
    desk.ruth.post_once(id.0, &path, again("Paid twice")).await.expect(200);
    desk.ruth.post_once(id.0, &path, again("Insured")).await.refused(409, "conflict");
    assert_eq!(desk.give_back(&till, RefundId::new(), payment, 2_000).await.unwrap().state, "succeeded");
    assert_eq!(returned(&till).await, (10_000, 10_000));
    assert_eq!(till.balance(till.ada.id).await, OWED);
    let reason =
        till.one("SELECT count(*) FROM stripe_refunds WHERE position('twice' in encode(reason, 'escape')) > 0");
    assert_eq!(reason.await, "0", "why is sealed");
}

#[actix_web::test]
async fn a_refund_whose_answer_gets_lost_is_made_once() {
    for fault in [Fault::CutBefore, Fault::CutAfter, Fault::FailAfter] {
        let till = Till::open().await;
        let desk = Desk::of(&till).await;
        let payment = paid(&till, 10_000).await;
        till.stripe.once("POST", "/v1/refunds", fault);
        let begun = desk.give_back(&till, RefundId::new(), payment, 10_000).await.unwrap();
        assert_eq!(begun.state, "unknown");
        let more = desk.give_back(&till, RefundId::new(), payment, 1).await;
        assert!(matches!(more, Err(Error::Invalid(_))), "what is not known counts as gone: {more:?}");
        // The hub's own loop finds out.
        till.settled().await;
        assert_eq!(returned(&till).await, (10_000, 10_000));
        assert_eq!(till.balance(till.ada.id).await, OWED);
    }
}

/// What staff see of the one payment.
async fn shown(till: &Till, desk: &Desk) -> Value {
    let payments = desk.ruth.get(&format!("ehr/billing/clients/{}/payments", till.ada.id)).await.expect(200);
    payments["items"][0].clone()
}

async fn told(till: &Till) -> String {
    till.one("SELECT count(*) FROM notifications WHERE kind = 'refundFailed'").await
}

#[actix_web::test]
async fn a_refund_that_the_bank_sends_back_is_turned_back_once_and_staff_are_told() {
    let till = Till::open().await;
    let desk = Desk::of(&till).await;
    let payment = paid(&till, 10_000).await;
    assert_eq!(desk.give_back(&till, RefundId::new(), payment, 4_000).await.unwrap().state, "succeeded");
    assert_eq!(till.balance(till.ada.id).await, OWED - 6_000);
    let refund = till.one("SELECT stripe_refund FROM refunds").await;
    // An event says so, and the object does not: nothing is turned back.
    tell(&till, &event("evt_0", "refund.failed", &refund)).await;
    applied(&till).await;
    assert_eq!(till.balance(till.ada.id).await, OWED - 6_000);
    till.stripe.refund_is(&refund, "failed");
    for (n, kind) in ["refund.failed", "charge.refund.updated", "refund.updated", "refund.failed"].iter().enumerate() {
        tell(&till, &event(&format!("evt_again_{n}"), kind, &refund)).await;
    }
    applied(&till).await;
    // The charge's events bring its refunds along.
    let charge = till.stripe.taken().await[0]["latest_charge"]["id"].as_str().unwrap().to_owned();
    tell(&till, &event("evt_charge", "charge.refunded", &charge)).await;
    applied(&till).await;
    assert_eq!(till.balance(till.ada.id).await, OWED - 10_000);
    assert_eq!(till.one("SELECT count(*) FROM ledger_transactions WHERE kind = 'refundFailed'").await, "1");
    assert_eq!(told(&till).await, "1", "one person bills");
    assert_eq!(till.one("SELECT count(*) FROM audit_events WHERE action = 'refund.returned'").await, "1");
    let one = shown(&till, &desk).await;
    assert_eq!((&one["returned"], &one["refundable"]), (&json!(0), &json!(10_000)));
    assert_eq!((&one["refunds"][0]["state"], &one["refunds"][0]["failure"]), (&json!("failed"), &json!("returned")));
    let history = till.ada.get("portal/payments/history").await.expect(200);
    assert_eq!(
        (&history["items"][0]["kind"], &history["items"][0]["amount"]),
        (&json!("refundFailed"), &json!(-4_000))
    );
    let own = till.ada.get("portal/billing/payments").await.expect(200);
    assert_eq!((&own["items"][0]["givenBack"], &own["items"][0]["onItsWayBack"]), (&json!(0), &json!(0)));
    // It can be given back in another try.
    assert_eq!(desk.give_back(&till, RefundId::new(), payment, 6_000).await.unwrap().state, "succeeded");
    assert_eq!(till.balance(till.ada.id).await, OWED - 4_000);
    assert_eq!(till.one("SELECT COALESCE(sum(amount), 0) FROM ledger_postings").await, "0", "it adds up");
    // The reconciliation finds both sides of one mind.
    till.stripe.age(3_600);
    let (same, said, complaint) = super::reconcile::reconcile(&till, &[]).await;
    assert!(same, "{said}{complaint}");
}

#[actix_web::test]
async fn a_refund_made_at_stripe_that_comes_back_is_turned_back_and_one_that_never_was_made_is_not() {
    let till = Till::open().await;
    Desk::of(&till).await;
    paid(&till, 10_000).await;
    let intent = till.one("SELECT stripe_payment_intent FROM payments").await;
    let made = async |amount: &str| {
        let form = [("payment_intent", intent.as_str()), ("amount", amount)];
        till.stripe.own(reqwest::Method::POST, "/v1/refunds", &form).await["id"].as_str().unwrap().to_owned()
    };
    let first = made("3000").await;
    tell(&till, &event("evt_1", "refund.created", &first)).await;
    applied(&till).await;
    assert_eq!(till.balance(till.ada.id).await, OWED - 7_000);
    // The second is told only once it has failed.
    let second = made("2000").await;
    till.stripe.refund_is(&first, "failed");
    till.stripe.refund_is(&second, "canceled");
    for (n, refund) in [&first, &second, &first].into_iter().enumerate() {
        tell(&till, &event(&format!("evt_failed_{n}"), "refund.failed", refund)).await;
    }
    applied(&till).await;
    assert_eq!(till.balance(till.ada.id).await, OWED - 10_000);
    let kinds =
        "SELECT kind || ' ' || count(*) FROM ledger_transactions WHERE kind ~ 'refund' GROUP BY kind ORDER BY kind";
    assert_eq!(till.sql(kinds).await, ["refund 1", "refundFailed 1"]);
    assert_eq!(told(&till).await, "1");
}

#[actix_web::test]
async fn while_a_refund_is_on_its_way_everybody_sees_so_and_when_it_fails_nothing_went_back() {
    let till = Till::open().await;
    let desk = Desk::of(&till).await;
    let payment = paid(&till, 10_000).await;
    till.stripe.refund_is("", "pending");
    let id = RefundId::new();
    assert_eq!(desk.give_back(&till, id, payment, 4_000).await.unwrap().state, "processing");
    assert_eq!(till.balance(till.ada.id).await, OWED - 10_000, "it is not in the ledger yet");
    let one = shown(&till, &desk).await;
    assert_eq!((&one["returned"], &one["refundable"]), (&json!(0), &json!(6_000)));
    assert_eq!((&one["refunds"][0]["id"], &one["refunds"][0]["state"]), (&json!(id), &json!("processing")));
    let own = till.ada.get("portal/billing/payments").await.expect(200);
    assert_eq!((&own["items"][0]["givenBack"], &own["items"][0]["onItsWayBack"]), (&json!(0), &json!(4_000)));
    till.stripe.refund_is("", "failed");
    let refund = till.one("SELECT refund FROM stripe_refunds").await;
    tell(&till, &event("evt_1", "refund.failed", &refund)).await;
    applied(&till).await;
    let one = shown(&till, &desk).await;
    assert_eq!((&one["refundable"], &one["refunds"][0]["failure"]), (&json!(10_000), &json!("refused")));
    assert_eq!(till.one("SELECT count(*) FROM ledger_transactions WHERE kind ~ 'refund'").await, "0");
    assert_eq!(told(&till).await, "1");
}

#[actix_web::test]
async fn what_stripe_gave_back_and_a_bank_took_back_is_entered_in_either_order() {
    for refund_first in [true, false] {
        let till = Till::open().await;
        let desk = Desk::of(&till).await;
        paid(&till, 10_000).await;
        let intent = till.one("SELECT stripe_payment_intent FROM payments").await;
        let form = [("payment_intent", intent.as_str()), ("amount", "4000")];
        let refund = till.stripe.own(reqwest::Method::POST, "/v1/refunds", &form).await["id"].clone();
        till.stripe.dispute("dp_1", &intent, 10_000, "needs_response");
        let (refund, dispute) = (
            event("evt_refund", "refund.created", refund.as_str().unwrap()),
            event("evt_dispute", "charge.dispute.created", "dp_1"),
        );
        for body in if refund_first { [&refund, &dispute] } else { [&dispute, &refund] } {
            tell(&till, body).await;
            applied(&till).await;
        }
        assert_eq!(till.balance(till.ada.id).await, OWED + 4_000, "refund first: {refund_first}");
        let one = shown(&till, &desk).await;
        assert_eq!((&one["returned"], &one["refundable"]), (&json!(14_000), &json!(0)));
        let asked = desk.give_back(&till, RefundId::new(), one["id"].as_str().unwrap().parse().unwrap(), 1).await;
        assert!(matches!(asked, Err(Error::Invalid(_))), "nobody here gives more: {asked:?}");
        till.stripe.dispute("dp_1", &intent, 10_000, "won");
        tell(&till, &event("evt_won", "charge.dispute.closed", "dp_1")).await;
        applied(&till).await;
        assert_eq!(till.balance(till.ada.id).await, OWED - 6_000);
        assert_eq!(till.one("SELECT COALESCE(sum(amount), 0) FROM ledger_postings").await, "0", "it adds up");
    }
}

/// What Stripe says to a question that it does not answer.
fn refusal(status: u16) -> Fault {
    let body = br#"{"error": {"type": "invalid_request_error", "code": "resource_missing"}}"#.to_vec();
    Fault::Say { status, kind: "application/json", body, location: None }
}

#[actix_web::test]
async fn a_refund_that_was_made_is_not_given_up_because_stripe_refuses_to_be_asked_about_it() {
    for status in [400, 404] {
        let till = Till::open().await;
        let desk = Desk::of(&till).await;
        let payment = paid(&till, 10_000).await;
        till.stripe.once("POST", "/v1/refunds", Fault::CutAfter);
        till.stripe.once("GET", "/v1/refunds", refusal(status));
        assert_eq!(desk.give_back(&till, RefundId::new(), payment, 10_000).await.unwrap().state, "unknown");
        till.settled().await;
        assert_eq!(till.one("SELECT state FROM stripe_refunds").await, "succeeded", "{status}");
        assert_eq!(returned(&till).await, (10_000, 10_000));
        // And by its own name.
        till.sql("UPDATE stripe_refunds SET state = 'processing', settled_at = NULL, next_at = now()").await;
        let path = format!("/v1/refunds/{}", till.one("SELECT refund FROM stripe_refunds").await);
        till.stripe.once("GET", &path, refusal(status));
        till.settled().await;
        assert_eq!(till.one("SELECT state FROM stripe_refunds").await, "succeeded", "{status}");
        assert_eq!(told(&till).await, "0");
    }
}

#[actix_web::test]
async fn a_payment_is_not_given_up_because_stripe_refuses_to_be_asked_about_it() {
    let till = Till::open().await;
    let card = till.card(&till.ada, ASKING_CARD).await;
    let asked = pay(&till.ada, uuid::Uuid::now_v7(), json!({"amount": 3_000, "method": card})).await.expect(201);
    let secret = asked["authentication"]["clientSecret"].as_str().unwrap();
    let path = format!("/v1/payment_intents/{}", secret.split_once("_secret_").unwrap().0);
    till.stripe.once("GET", &path, refusal(404));
    assert_eq!(look(&till.ada, &asked).await["state"], "requiresAction");
    till.stripe.authenticate(secret, true).await;
    till.let_go().await;
    till.settled().await;
    till.took(&[3_000]).await;
}

#[actix_web::test]
async fn what_stripe_gives_back_to_an_erased_client_is_entered_without_words() {
    let till = Till::open().await;
    let desk = Desk::of(&till).await;
    let payment = paid(&till, 10_000).await;
    let destroyed = format!(
        "INSERT INTO data_keys (id, owner_id, wrapped, master_key_id, erased_at)
        VALUES (gen_random_uuid(), '{}', '', 'gone', now())",
        till.ada.id
    );
    till.sql(&destroyed).await;
    let intent = till.one("SELECT stripe_payment_intent FROM payments").await;
    let form = [("payment_intent", intent.as_str()), ("amount", "4000")];
    let refund = till.stripe.own(reqwest::Method::POST, "/v1/refunds", &form).await["id"].clone();
    tell(&till, &event("evt_1", "refund.created", refund.as_str().unwrap())).await;
    applied(&till).await;
    assert_eq!(till.balance(till.ada.id).await, OWED - 6_000);
    assert_eq!(till.one("SELECT length(reason_sealed)::text FROM refunds").await, "0");
    // Whoever would have to say why is told that nothing is written any more.
    let asked = desk.give_back(&till, RefundId::new(), payment, 1_000).await;
    assert!(matches!(asked, Err(Error::Conflict { .. })), "{asked:?}");
}
