//! The whole way: a card is saved, a client agrees, the loops of a hub take what is due, at the stand-in for Stripe.

use super::{Account, now};
use crate::support::{
    eventually,
    stripe::{DECLINED_CARD, GOOD_CARD, Stripe},
};
use carehub::audit::Actor;
use carehub::billing::{
    autopay::{self, On},
    planned::upkeep,
};
use chrono::{Days, TimeDelta};
use diesel_async::AsyncConnection;
use serde_json::{Value, json};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(40);

struct Till {
    account: Account,
    stripe: Stripe,
}

impl Till {
    async fn open() -> Self {
        let stripe = Stripe::start().await;
        let settings = stripe.settings();
        let settings: Vec<(&str, &str)> =
            settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let account = Account::open_with(&settings).await;
        Self { account, stripe }
    }

    /// Saves a card as the browser does; its id.
    async fn card(&self, number: &str) -> String {
        let asked = self.account.ann.post("portal/payments/methods", json!({})).await.expect(201);
        self.stripe.give_card(asked["clientSecret"].as_str().unwrap(), number).await;
        let saved = self.account.ann.get("portal/payments/methods").await.expect(200);
        saved["items"][0]["id"].as_str().unwrap_or_else(|| panic!("no card in {saved}")).to_owned()
    }

    /// An invoice that was due yesterday, of a client who had agreed to autopay before.
    async fn due_by_autopay(&mut self, amount: i64, card: &str) {
        let before = now() - TimeDelta::days(3);
        self.account.charge(amount, "2026-01-05", before).await;
        self.account.invoice(before.date_naive() + Days::new(2), before).await;
        let on = On { method: card.into(), method_name: "Visa".into(), consent: "I agree.".into() };
        let Account { conn, access, .. } = &mut self.account;
        let actor = Actor::hub();
        conn.transaction(async |conn| autopay::choose(conn, access, &actor, Some(on), before).await).await.unwrap();
    }

    /// What becomes of the one planned payment, with a loop that looks when the test says so.
    async fn becomes(&self, state: &'static str) {
        let mut conn = self.account.practice.database.connect().await;
        // Each time later by so much that an open one is looked at again.
        let (text, mut later) = ("SELECT string_agg(state, ' ') FROM planned_payments", TimeDelta::zero());
        eventually(state, PATIENCE, async || {
            later += TimeDelta::minutes(2);
            upkeep::look(&mut conn, now() + later).await.unwrap();
            (self.account.one(text).await == state).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn autopay_takes_an_invoice_once_though_its_hub_is_killed_in_between() {
    let mut till = Till::open().await;
    let card = till.card(GOOD_CARD).await;
    till.due_by_autopay(12_345, &card).await;
    till.account.practice.hub.kill();
    assert_eq!(till.account.look(now()).await, 1, "written down while no hub runs");
    assert_eq!(till.stripe.taken().await, Vec::<Value>::new());
    till.account.practice.hub.start_again().await;
    till.becomes("paid").await;
    let taken = till.stripe.taken().await;
    assert_eq!((taken.len(), &taken[0]["amount"]), (1, &json!(12_345)));
    assert_eq!(till.account.balance().await, 0);
    let paid = till.account.ann.get("portal/billing/payments").await.expect(200);
    assert_eq!((&paid["items"][0]["amount"], &paid["items"][0]["method"]["last4"]), (&json!(12_345), &json!("4242")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_that_is_refused_is_told_of_and_tried_again_another_day() {
    let mut till = Till::open().await;
    let card = till.card(DECLINED_CARD).await;
    till.due_by_autopay(5_000, &card).await;
    assert_eq!(till.account.look(now()).await, 1);
    till.becomes("waiting").await;
    assert_eq!(
        till.account.one("SELECT (try_at > now() + interval '5 hours')::text FROM planned_payments").await,
        "true"
    );
    assert_eq!(till.account.one("SELECT count(*) FROM notifications WHERE kind = 'autopayFailed'").await, "1");
    assert_eq!((till.stripe.taken().await.len(), till.account.balance().await), (0, 5_000));
    let shown = till.account.ann.get("portal/payments/autopay").await.expect(200);
    assert_eq!((&shown["on"], &shown["failing"]), (&json!(true), &json!(true)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_agrees_word_for_word_with_a_card_of_their_own() {
    let mut till = Till::open().await;
    let card = till.card(GOOD_CARD).await;
    till.account.charge(90_000, "2026-01-05", now()).await;
    let ann = &till.account.ann;
    let asked = ann.get("portal/payments/autopay").await.expect(200)["consent"]["asked"].clone();
    for (method, consent) in [(card.as_str(), json!("I agree.")), ("pm_of_somebody_else", asked.clone())] {
        ann.put("portal/payments/autopay", json!({"on": true, "method": method, "consent": consent})).await.expect(422);
    }
    assert_eq!(ann.get("portal/payments/autopay").await.expect(200)["on"], json!(false));
    let on =
        ann.put("portal/payments/autopay", json!({"on": true, "method": card, "consent": asked})).await.expect(200);
    assert_eq!((&on["methodName"], &on["consent"]["given"]), (&json!("Visa, ending in 4242"), &asked));

    let first = now().date_naive() + Days::new(3);
    let schedule = format!("portal/payments/plans/schedule?parts=4&rhythm=biweekly&firstDueOn={first}");
    let schedule = ann.get(&schedule).await.expect(200);
    let plan = json!({"id": "01890a5d-ac96-774b-bcce-b302099a8057", "parts": 4, "rhythm": "biweekly", "firstDueOn": first,
        "total": schedule["total"], "method": card, "consent": schedule["consent"]});
    let begun = ann.post("portal/payments/plans", plan.clone()).await.expect(201);
    assert_eq!(
        ann.post("portal/payments/plans", plan.clone()).await.expect(200),
        begun,
        "sent again, it is begun once"
    );
    let mut other = plan;
    other["parts"] = json!(3);
    ann.post("portal/payments/plans", other).await.refused(409, "conflict");
    let due: Vec<&Value> = begun["parts"].as_array().unwrap().iter().map(|part| &part["dueOn"]).collect();
    let shown: Vec<&Value> = schedule["parts"].as_array().unwrap().iter().map(|part| &part["dueOn"]).collect();
    assert_eq!((due, &begun["state"]), (shown, &json!("running")));
    let balance = ann.get("portal/billing/balance").await.expect(200);
    assert_eq!(
        (&balance["planLeft"], &balance["takesCards"], &balance["autopay"]),
        (&json!(90_000), &json!(true), &json!(true))
    );
}
