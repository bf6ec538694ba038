//! What goes back, once.

use super::{OWED, Till, pay};
use crate::support::{
    people::master_key,
    practice::Caller,
    stripe::{Fault, GOOD_CARD},
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
use serde_json::json;

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
