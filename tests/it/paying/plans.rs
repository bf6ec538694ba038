use super::{Account, morning, now};
use carehub::{
    billing::{
        Amount, Currency,
        planned::upkeep,
        plans::{
            schedule::Rhythm,
            store::{self, Agreed, Wish},
        },
    },
    error::Error,
    ids::PaymentPlanId,
};
use chrono::{Days, TimeDelta};
use chrono_tz::Tz;
use diesel_async::AsyncConnection;
use serde_json::json;

impl Account {
    /// Begins a plan over what is owed, the first part a week from today.
    async fn plan(&mut self, total: i64, parts: u16, rhythm: Rhythm) -> Result<PaymentPlanId, Error> {
        let agreed = Agreed {
            id: PaymentPlanId::new(),
            wish: Wish { parts, rhythm, first_due_on: now().date_naive() + Days::new(7) },
            total: Amount(total),
            method: "pm_one".into(),
            method_name: "Visa, ending in 4242".into(),
            consent: "I agree.".into(),
        };
        let Self { conn, access, .. } = self;
        conn.transaction(async |conn| store::begin(conn, access, &agreed, (Currency::USD, Tz::UTC), now()).await)
            .await?;
        Ok(agreed.id)
    }

    async fn with_plan(total: i64, parts: u16) -> (Self, PaymentPlanId) {
        let mut account = Self::open().await;
        account.charge(total, "2026-01-05", now() - TimeDelta::days(1)).await;
        let plan = account.plan(total, parts, Rhythm::Weekly).await.unwrap();
        (account, plan)
    }
}

#[tokio::test]
async fn each_part_is_taken_once_on_its_day_and_the_plan_is_over_then() {
    let (mut account, _) = Account::with_plan(10_001, 3).await;
    assert_eq!(account.look(morning(6)).await, 0, "the day before");
    assert_eq!(account.look(morning(7)).await, 1);
    assert_eq!(account.asked().await, ["3334 from pm_one"]);
    // Looked at again and again, also by another hub, nothing more is asked for.
    let mut other = account.practice.database.connect().await;
    for _ in 0..3 {
        let later = morning(7) + TimeDelta::minutes(5);
        assert_eq!((account.look(later).await, upkeep::look(&mut other, later).await.unwrap()), (0, 0));
    }
    assert_eq!(
        (account.asked().await.len(), account.parts().await),
        (1, vec!["trying".into(), "waiting".into(), "waiting".into()])
    );
    account.accept(morning(7)).await;
    account.look(morning(7) + TimeDelta::hours(1)).await;
    assert_eq!((account.parts().await[0].as_str(), account.balance().await), ("paid", 6_667));
    for week in 2..4 {
        assert_eq!(account.look(morning(7 * week)).await, 1);
        account.accept(morning(7 * week)).await;
        account.look(morning(7 * week) + TimeDelta::hours(1)).await;
    }
    assert_eq!(account.balance().await, 0);
    let plans = account.ann.get("portal/payments/plans").await.expect(200);
    assert_eq!((&plans["items"][0]["state"], &plans["items"][0]["total"]), (&json!("over"), &json!(10_001)));
    assert_eq!(account.one("SELECT count(*) || ' of ' || sum(amount) FROM payments").await, "3 of 10001");
}

#[tokio::test]
async fn two_hubs_that_look_at_the_same_moment_ask_for_a_part_once() {
    let (account, _) = Account::with_plan(30_000, 3).await;
    let mut hubs = Vec::new();
    for _ in 0..6 {
        hubs.push(account.practice.database.connect().await);
    }
    let looks = hubs.iter_mut().map(|conn| upkeep::look(conn, morning(15)));
    let begun: usize = futures_util::future::join_all(looks).await.into_iter().map(Result::unwrap).sum();
    assert_eq!(begun, 2, "two parts are due by then");
    assert_eq!(account.asked().await, ["10000 from pm_one", "10000 from pm_one"]);
}

#[tokio::test]
async fn what_is_declined_is_tried_on_three_more_days_and_then_staff_see_it() {
    let (mut account, _) = Account::with_plan(20_000, 2).await;
    // Nine in the morning, and each time an hour later the answer is known.
    for (day, left) in [(7, 1), (8, 1), (10, 1)] {
        assert_eq!(account.look(morning(day)).await, left, "day {day}");
        account.decline().await;
        account.look(morning(day) + TimeDelta::hours(1)).await;
        assert_eq!(account.look(morning(day) + TimeDelta::hours(2)).await, 0, "not again on day {day}");
        let parts = account.ann.get("portal/payments/plans").await.expect(200);
        assert!(parts["items"][0]["parts"][0]["triedAgainAt"].is_string(), "{parts}");
    }
    // On the last day the second part is due, too.
    assert_eq!(account.look(morning(14)).await, 2);
    account.decline().await;
    account.look(morning(14) + TimeDelta::hours(1)).await;
    assert_eq!(account.parts().await, ["failed", "waiting"]);
    let tried = "SELECT count(*) FROM planned_payment_tries y JOIN planned_payments w ON w.id = y.planned_id WHERE w.state = 'failed'";
    assert_eq!(account.one(tried).await, "4");
    let told = "SELECT count(*) FROM notifications WHERE kind = 'autopayFailed'";
    assert_eq!(account.one(told).await, "5", "of each try one hears once");
    let autopay = account.ann.get("portal/payments/autopay").await.expect(200);
    assert_eq!(autopay["failing"], json!(true));

    let flo = account.practice.person("Flo Gray", carehub::accounts::Role::Staff).await;
    let failing = flo.get("ehr/billing/failed-payments").await.expect(200);
    let one = failing["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&one["client"]["name"], &one["amount"], &one["failures"]),
        (&json!("Ann Field"), &json!(10_000), &json!(4))
    );
    assert_eq!(one["triedAgainAt"], json!(null));
    account.maya.get("ehr/billing/failed-payments").await.expect(403);
    // Paid by other means, it is on no list any more, and nothing more is taken.
    account.pay(20_000, morning(14)).await;
    assert_eq!(flo.get("ehr/billing/failed-payments").await.expect(200)["items"], json!([]));
    assert_eq!(account.look(morning(15)).await, 0);
    assert_eq!(account.parts().await, ["failed", "dropped"]);
}

#[tokio::test]
async fn no_part_takes_more_than_is_owed_on_its_day_nor_while_something_else_is_being_paid() {
    let (mut account, _) = Account::with_plan(30_000, 3).await;
    account.pay(25_000, now()).await;
    // Somebody is at the bank with the rest.
    let begun = format!(
        "INSERT INTO payment_attempts (id, practice_id, client_id, key, purpose, amount, currency, off_session, state, created_at, first_sent_at, next_at)
        VALUES (gen_random_uuid(), '{}', '{}', gen_random_uuid(), 'balance', 3000, 'USD', false, 'requiresAction', now(), now(), now() + interval '90 days')
        RETURNING id",
        account.practice.id, account.ann.id
    );
    let other = account.one(&begun).await;
    assert_eq!(account.look(morning(7)).await, 0);
    account
        .practice
        .database
        .query(&format!(
            "UPDATE payment_attempts SET state = 'cancelled', settled_at = now(), next_at = NULL WHERE id = '{other}'"
        ))
        .await;
    assert_eq!(account.look(morning(7) + TimeDelta::minutes(10)).await, 1);
    assert_eq!(account.asked().await, ["5000 from pm_one"], "what is left, and no whole part");
    account.accept(morning(7)).await;
    account.look(morning(8)).await;
    assert_eq!(account.look(morning(30)).await, 0);
    assert_eq!(
        (account.balance().await, account.parts().await),
        (0, vec!["paid".into(), "dropped".into(), "dropped".into()])
    );
}

#[tokio::test]
async fn a_plan_that_is_cancelled_takes_nothing_more() {
    let (mut account, plan) = Account::with_plan(30_000, 3).await;
    account.look(morning(7)).await;
    account.ann.delete(&format!("portal/payments/plans/{plan}")).await.expect(204);
    account.ann.delete(&format!("portal/payments/plans/{plan}")).await.expect(409);
    // What was being taken goes through, or not, and is not tried again.
    account.decline().await;
    account.look(morning(8)).await;
    assert_eq!((account.look(morning(30)).await, account.asked().await.len()), (0, 0));
    assert_eq!(account.parts().await, ["failed", "dropped", "dropped"]);
    // Now there can be another one, and one only.
    account.plan(30_000, 2, Rhythm::Monthly).await.unwrap();
    assert!(matches!(account.plan(30_000, 2, Rhythm::Monthly).await, Err(Error::Conflict { .. })));
}

#[tokio::test]
async fn a_practice_ends_a_plan_with_a_reason_that_its_client_does_not_read_and_the_client_is_told() {
    let (account, plan) = Account::with_plan(30_000, 3).await;
    let flo = account.practice.person("Flo Gray", carehub::accounts::Role::Staff).await;
    let path = format!("ehr/billing/plans/{plan}/cancel");
    let reason = json!({"reason": "Insurance pays the rest."});
    account.maya.post(&path, reason.clone()).await.refused(403, "forbidden");
    let stranger = account.practice.stranger("Zed", carehub::accounts::Role::Staff).await;
    stranger.post(&path, reason.clone()).await.refused(404, "notFound");
    flo.post(&path, json!({"reason": " "})).await.refused(422, "invalid");
    flo.post(&path, reason.clone()).await.expect(204);
    flo.post(&path, reason).await.refused(409, "conflict");
    assert_eq!(account.parts().await, ["dropped", "dropped", "dropped"]);
    let own = account.ann.get("portal/payments/plans").await.expect(200);
    let one = &own["items"][0];
    assert_eq!((&one["state"], &one["endedByPractice"]), (&json!("cancelled"), &json!(true)));
    assert!(!own.to_string().contains("Insurance"), "{own}");
    let seen = flo.get(&format!("ehr/billing/clients/{}/plans", account.ann.id)).await.expect(200);
    assert_eq!(seen["items"][0]["reason"], "Insurance pays the rest.");
    let told = "SELECT count(*) FROM notifications WHERE kind = 'planEnded'";
    assert_eq!(account.one(told).await, "1");
    let sealed =
        "SELECT count(*) FROM payment_plans WHERE position('Insurance' in encode(reason_sealed, 'escape')) > 0";
    assert_eq!(account.one(sealed).await, "0");
    let noted = "SELECT count(*) FROM audit_events WHERE action = 'paymentPlan.ended' AND client_id IS NOT NULL";
    assert_eq!(account.one(noted).await, "1");
}

#[tokio::test]
async fn a_schedule_is_shown_before_it_is_agreed_to_and_adds_up() {
    let mut account = Account::open().await;
    let first = now().date_naive() + Days::new(10);
    let path = |parts: u16, first: chrono::NaiveDate| {
        format!("portal/payments/plans/schedule?parts={parts}&rhythm=monthly&firstDueOn={first}")
    };
    account.ann.get(&path(3, first)).await.expect(409);
    account.charge(100_000, "2026-01-05", now()).await;
    let shown = account.ann.get(&path(7, first)).await.expect(200);
    let amounts: Vec<i64> =
        shown["parts"].as_array().unwrap().iter().map(|part| part["amount"].as_i64().unwrap()).collect();
    assert_eq!((amounts.len(), amounts.iter().sum::<i64>()), (7, 100_000));
    assert_eq!((&shown["total"], &shown["parts"][0]["dueOn"]), (&json!(100_000), &json!(first)));
    assert!(shown["consent"].as_str().unwrap().contains("1, 3 and 7 days"), "{shown}");
    for (parts, first) in [(1, first), (25, first), (3, now().date_naive()), (3, first + Days::new(40))] {
        account.ann.get(&path(parts, first)).await.expect(422);
    }
    // What is agreed to is what was shown: not another sum.
    assert!(matches!(account.plan(99_999, 3, Rhythm::Weekly).await, Err(Error::Conflict { .. })));
    // Without keys of Stripe nobody agrees to anything.
    let plan = json!({"parts": 3, "rhythm": "monthly", "firstDueOn": first, "total": 100_000, "method": "pm_1", "consent": shown["consent"]});
    account.ann.post("portal/payments/plans", plan).await.expect(409);
}
