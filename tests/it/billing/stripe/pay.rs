//! Paying, clicked as people click.

use super::{OWED, Till, look, pay};
use crate::support::{
    eventually,
    practice::Practice,
    stripe::{ASKING_CARD, DECLINED_CARD, Fault, GOOD_CARD},
};
use carehub::{
    accounts::Role,
    billing::{
        Amount, ClientBilling,
        stripe::{
            attempts::{Purpose, newest_for},
            pay::{Unattended, off_session},
        },
    },
    clock::Clock,
};
use diesel_async::AsyncConnection;
use futures_util::future::join_all;
use serde_json::json;
use std::{collections::HashSet, time::Duration};
use uuid::Uuid;

#[actix_web::test]
async fn a_payment_by_card_is_taken_and_stands_in_the_ledger() {
    let till = Till::open().await;
    let card = till.card(&till.ada, GOOD_CARD).await;
    let paid = pay(&till.ada, Uuid::now_v7(), json!({"amount": 12_500, "method": card})).await.expect(201);
    assert_eq!(paid["state"], "succeeded", "{paid}");
    assert_eq!((&paid["amount"], &paid["currency"]), (&json!(12_500), &json!("USD")));
    till.took(&[12_500]).await;
    assert_eq!(till.balance(till.ada.id).await, OWED - 12_500);
    let row = till.one("SELECT method || ' ' || card_brand || ' ' || card_last4 FROM payments").await;
    assert_eq!(row, "card visa 4242");
    // Stripe learned ids, and nothing about anybody.
    let name = till.ada.name.split_whitespace().next().unwrap().to_owned();
    for asked in ["/v1/customers", "/v1/payment_intents", "/v1/setup_intents"] {
        for asked in till.stripe.asked("POST", asked) {
            for secret in [name.as_str(), "Field", "example.org", "%40"] {
                assert!(!asked.body.contains(secret), "{asked:?}");
            }
        }
    }
}

#[actix_web::test]
async fn whoever_clicks_ten_times_pays_once() {
    let till = Till::open().await;
    let card = till.card(&till.ada, GOOD_CARD).await;
    let key = Uuid::now_v7();
    let body = json!({"amount": OWED, "method": card});
    let answers = join_all((0..10).map(|_| pay(&till.ada, key, body.clone()))).await;
    let ids: HashSet<String> = answers.iter().map(|answer| answer.body["id"].to_string()).collect();
    assert_eq!(ids.len(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1, "made once");
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 201)), "{answers:?}");
    till.settled().await;
    till.took(&[OWED]).await;
    assert_eq!(till.balance(till.ada.id).await, 0);
    // Later, too.
    assert_eq!(pay(&till.ada, key, body).await.expect(200)["state"], "succeeded");
    till.took(&[OWED]).await;
}

#[actix_web::test]
async fn a_key_stands_for_one_payment_of_one_person() {
    let till = Till::open().await;
    let card = till.card(&till.ada, GOOD_CARD).await;
    let key = Uuid::now_v7();
    pay(&till.ada, key, json!({"amount": 1_000, "method": card})).await.expect(201);
    pay(&till.ada, key, json!({"amount": 1_001, "method": card})).await.refused(409, "conflict");
    // Somebody else may happen to choose the same.
    let ben = till.practice.person("Ben Marsh", Role::Client).await;
    till.owes(&ben, 5_000).await;
    let other = till.card(&ben, GOOD_CARD).await;
    pay(&ben, key, json!({"amount": 5_000, "method": other})).await.expect(201);
    till.took(&[1_000, 5_000]).await;
    assert_eq!((till.balance(till.ada.id).await, till.balance(ben.id).await), (OWED - 1_000, 0));
}

#[actix_web::test]
async fn no_other_amount_than_what_is_owed_is_taken() {
    let till = Till::open().await;
    let card = till.card(&till.ada, GOOD_CARD).await;
    for amount in [json!(0), json!(-1), json!(OWED + 1), json!(100_000_000), json!((1_i64 << 53) + 1), json!(i64::MAX)]
    {
        let refused = pay(&till.ada, Uuid::now_v7(), json!({"amount": amount, "method": card})).await;
        assert_eq!(refused.refused(422, "invalid")["errors"][0]["pointer"], "/amount", "{amount}");
    }
    for amount in [json!(1.5), json!("100"), json!(null), json!([1])] {
        let refused = pay(&till.ada, Uuid::now_v7(), json!({"amount": amount, "method": card})).await;
        assert!(matches!(refused.status, 400 | 422), "{amount}: {refused:?}");
    }
    // Stripe takes no less than this by card.
    let refused = pay(&till.ada, Uuid::now_v7(), json!({"amount": 49, "method": card})).await.refused(422, "invalid");
    assert!(refused["errors"][0]["message"].as_str().unwrap().contains("$0.50"), "{refused}");
    assert!(till.stripe.asked("POST", "/v1/payment_intents").is_empty());
    // Two windows that pay everything at once: one of them comes too late.
    let everything = json!({"amount": OWED, "method": card});
    let answers = join_all((0..5).map(|_| pay(&till.ada, Uuid::now_v7(), everything.clone()))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1, "{answers:?}");
    till.settled().await;
    till.took(&[OWED]).await;
}

#[actix_web::test]
async fn a_bank_that_asks_is_answered_in_the_browser() {
    let till = Till::open().await;
    let card = till.card(&till.ada, ASKING_CARD).await;
    let body = json!({"amount": 3_000, "method": card});
    let key = Uuid::now_v7();
    let asked = pay(&till.ada, key, body.clone()).await.expect(201);
    assert_eq!(asked["state"], "requiresAction");
    let secret = asked["authentication"]["clientSecret"].as_str().unwrap();
    // Whoever comes back with the same key goes on with the same payment.
    let again = pay(&till.ada, key, body.clone()).await.expect(200);
    assert_eq!(again["authentication"]["clientSecret"], secret);
    till.stripe.authenticate(secret, true).await;
    assert_eq!(look(&till.ada, &asked).await["state"], "succeeded");
    till.took(&[3_000]).await;
    // And refused.
    let asked = pay(&till.ada, Uuid::now_v7(), body).await.expect(201);
    till.stripe.authenticate(asked["authentication"]["clientSecret"].as_str().unwrap(), false).await;
    let failed = look(&till.ada, &asked).await;
    assert_eq!((&failed["state"], &failed["failure"]), (&json!("failed"), &json!("authenticationFailed")));
    till.took(&[3_000]).await;
    assert_eq!(till.balance(till.ada.id).await, OWED - 3_000);
    // The secret that lets a browser pay is nowhere.
    assert_eq!(till.one("SELECT count(*) FROM payment_attempts a WHERE a::text LIKE '%secret%'").await, "0");
    assert!(!till.practice.hub.logged().contains("_secret_"));
}

#[actix_web::test]
async fn a_bank_that_nobody_answers_keeps_nobody_from_paying() {
    let till = Till::open().await;
    let card = till.card(&till.ada, ASKING_CARD).await;
    let asked = pay(&till.ada, Uuid::now_v7(), json!({"amount": OWED, "method": card})).await.expect(201);
    till.sql("UPDATE payment_attempts SET first_sent_at = first_sent_at - interval '31 minutes', next_at = now()")
        .await;
    till.settled().await;
    let left = look(&till.ada, &asked).await;
    assert_eq!((&left["state"], &left["failure"]), (&json!("cancelled"), &json!("abandoned")));
    let good = till.card(&till.ada, GOOD_CARD).await;
    pay(&till.ada, Uuid::now_v7(), json!({"amount": OWED, "method": good})).await.expect(201);
    till.took(&[OWED]).await;
}

#[actix_web::test]
async fn a_card_that_is_refused_takes_nothing_and_whoever_tries_many_has_to_stop() {
    let till = Till::open().await;
    let card = till.card(&till.ada, DECLINED_CARD).await;
    let body = json!({"amount": 100, "method": card});
    for _ in 0..10 {
        let failed = pay(&till.ada, Uuid::now_v7(), body.clone()).await.expect(201);
        assert_eq!((&failed["state"], &failed["failure"]), (&json!("failed"), &json!("declined")));
    }
    pay(&till.ada, Uuid::now_v7(), body).await.refused(429, "rateLimited");
    till.took(&[]).await;
    assert_eq!(till.balance(till.ada.id).await, OWED);
}

#[actix_web::test]
async fn nobody_pays_with_anothers_card_or_looks_at_anothers_payment() {
    let till = Till::open().await;
    let ben = till.practice.person("Ben Marsh", Role::Client).await;
    let his = till.card(&ben, GOOD_CARD).await;
    for card in [his.as_str(), "pm_unknown", "", "../customers", "pm_1?x=1"] {
        let refused = pay(&till.ada, Uuid::now_v7(), json!({"amount": 100, "method": card})).await;
        assert_eq!(refused.refused(422, "invalid")["errors"][0]["pointer"], "/method", "{card}");
    }
    let mine = till.card(&till.ada, GOOD_CARD).await;
    let paid = pay(&till.ada, Uuid::now_v7(), json!({"amount": 100, "method": mine})).await.expect(201);
    let path = format!("portal/payments/attempts/{}", paid["id"].as_str().unwrap());
    let others = ben.get(&path).await.refused(404, "notFound");
    let unknown = ben.get(&format!("portal/payments/attempts/{}", Uuid::now_v7())).await.refused(404, "notFound");
    assert_eq!(others["detail"], unknown["detail"]);
}

#[actix_web::test]
async fn what_is_due_is_charged_while_nobody_is_there_and_once() {
    let till = Till::open().await;
    till.card(&till.ada, GOOD_CARD).await;
    let (purpose, now) = (Purpose::Plan(Uuid::now_v7()), Clock::system().now());
    let access = ClientBilling::of_hub(till.practice.id, till.ada.id);
    let mut conn = till.practice.database.connect().await;
    let wanted = Unattended { purpose, method: None, invoice: None };
    let mut ids = HashSet::new();
    for _ in 0..3 {
        let begun =
            conn.transaction(async |conn| off_session(conn, &access, Amount(4_000), wanted, now).await).await.unwrap();
        ids.insert(begun.id.to_string());
        till.settled().await;
    }
    assert_eq!(ids.len(), 1);
    till.took(&[4_000]).await;
    assert!(till.stripe.asked("POST", "/v1/payment_intents")[0].body.contains("off_session=true"));
    assert_eq!(newest_for(&mut conn, purpose).await.unwrap().unwrap().state.as_str(), "succeeded");
}

#[actix_web::test]
async fn a_bank_that_asks_while_nobody_is_there_gets_no_answer() {
    let till = Till::open().await;
    let card = till.card(&till.ada, ASKING_CARD).await;
    let (purpose, now) = (Purpose::Autopay(Uuid::now_v7()), Clock::system().now());
    let access = ClientBilling::of_hub(till.practice.id, till.ada.id);
    let mut conn = till.practice.database.connect().await;
    let wanted = Unattended { purpose, method: Some(&card), invoice: None };
    conn.transaction(async |conn| off_session(conn, &access, Amount(4_000), wanted, now).await).await.unwrap();
    till.settled().await;
    let failed = newest_for(&mut conn, purpose).await.unwrap().unwrap();
    assert_eq!((failed.state.as_str(), failed.failure.as_deref()), ("failed", Some("authenticationRequired")));
    till.took(&[]).await;
    // Nothing is left at Stripe that could still take the money.
    let all = till.stripe.own(reqwest::Method::GET, "/v1/payment_intents?limit=100", &[]).await;
    assert!(all["data"].as_array().unwrap().iter().all(|intent| intent["status"] == "canceled"), "{all}");
    // Without a card there is none to charge.
    let ben = till.practice.person("Ben Marsh", Role::Client).await;
    till.owes(&ben, 1_000).await;
    let access = ClientBilling::of_hub(till.practice.id, ben.id);
    let wanted = Unattended { purpose: Purpose::Autopay(Uuid::now_v7()), method: None, invoice: None };
    conn.transaction(async |conn| off_session(conn, &access, Amount(1_000), wanted, now).await).await.unwrap();
    eventually("the failure", Duration::from_secs(30), async || {
        (newest_for(&mut conn, wanted.purpose).await.unwrap().unwrap().failure.as_deref() == Some("noMethod"))
            .then_some(())
    })
    .await;
}

#[actix_web::test]
async fn without_stripe_cards_are_not_taken() {
    let practice = Practice::start().await;
    let ada = practice.person("Ada Field", Role::Client).await;
    assert_eq!(ada.get("portal/payments/methods").await.expect(200)["items"], json!([]));
    ada.post("portal/payments/methods", json!({})).await.refused(409, "conflict");
    ada.delete("portal/payments/methods/pm_1").await.refused(404, "notFound");
    pay(&ada, Uuid::now_v7(), json!({"amount": 1, "method": "pm_1"})).await.refused(409, "conflict");
    let hook = practice.request(reqwest::Method::POST, "/hooks/stripe").body("{}").send().await.unwrap();
    assert_eq!(hook.status(), 404);
}

#[actix_web::test]
async fn until_it_is_known_what_became_of_a_payment_no_other_is_begun_and_everybody_sees_it() {
    let till = Till::open().await;
    let flo = till.practice.person("Flo Gray", Role::Staff).await;
    let (card, other) = (till.card(&till.ada, GOOD_CARD).await, till.card(&till.ada, GOOD_CARD).await);
    till.stripe.once("POST", "/v1/payment_intents", Fault::CutAfter);
    till.stripe.times(3, "GET", "/v1/payment_intents", Fault::CutBefore);
    let (key, body) = (Uuid::now_v7(), json!({"amount": 5_000, "method": card}));
    let asked = pay(&till.ada, key, body.clone()).await.expect(201);
    till.sql("UPDATE payment_attempts SET next_at = now() + interval '1 hour'").await;
    assert_eq!(asked["state"], "unknown");
    // Another window, another card, another part: all of them are the same payment to whoever pays.
    for body in [body.clone(), json!({"amount": 5_000, "method": other}), json!({"amount": 2_000, "method": card})] {
        let refused = pay(&till.ada, Uuid::now_v7(), body).await;
        let refused = refused.refused(409, "conflict");
        assert_eq!((&refused["attempt"], &refused["amount"]), (&asked["id"], &json!(5_000)));
    }
    assert_eq!(pay(&till.ada, key, body).await.expect(200)["id"], asked["id"], "the same again is the same");
    let account = format!("ehr/billing/clients/{}", till.ada.id);
    for shown in [till.ada.get("portal/billing/balance").await.expect(200), flo.get(&account).await.expect(200)] {
        let one = &shown["underWay"][0];
        assert_eq!((&one["id"], &one["amount"]), (&asked["id"], &json!(5_000)));
        assert_eq!((&one["state"], &one["automatic"]), (&json!("unknown"), &json!(false)));
    }
    // Nobody takes the same in cash meanwhile.
    let cash = |amount: i64| json!({"amount": amount, "method": "cash"});
    flo.post(&format!("{account}/payments"), cash(OWED - 4_999)).await.refused(409, "conflict");
    flo.post(&format!("{account}/payments"), cash(1_000)).await.expect(201);
    till.let_go().await;
    till.settled().await;
    assert_eq!(till.stripe.taken().await.len(), 1);
    assert_eq!(till.ada.get("portal/billing/balance").await.expect(200)["underWay"], json!([]));
    pay(&till.ada, Uuid::now_v7(), json!({"amount": 2_000, "method": other})).await.expect(201);
    assert_eq!(till.balance(till.ada.id).await, OWED - 8_000);
}
