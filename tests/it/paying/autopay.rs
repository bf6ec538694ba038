use super::{Account, morning, now};
use carehub::{
    audit::Actor,
    billing::autopay::{self, On},
};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use diesel_async::AsyncConnection;
use serde_json::json;

impl Account {
    async fn autopay(&mut self, method: Option<&str>, at: DateTime<Utc>) {
        let on =
            method.map(|method| On { method: method.into(), method_name: "Visa".into(), consent: "I agree.".into() });
        let Self { conn, access, .. } = self;
        let actor = Actor::hub();
        conn.transaction(async |conn| autopay::choose(conn, access, &actor, on, at).await).await.unwrap();
    }

    async fn with_invoice() -> Self {
        let mut account = Self::open().await;
        account.charge(15_000, "2026-01-05", now()).await;
        account.invoice(due(5), now()).await;
        account
    }

    /// Agrees to a plan whose one part is due in two months.
    async fn covered_by_a_plan(&self, amount: i64) {
        let plan = format!(
            "WITH plan AS (INSERT INTO payment_plans (id, practice_id, client_id, currency, total, rhythm, time_zone, method,
                method_name, consent, made_at)
            VALUES (gen_random_uuid(), '{practice}', '{client}', 'USD', {amount}, 'monthly', 'UTC', 'pm_plan', 'Visa', 'x', now()) RETURNING id),
        part AS (INSERT INTO payment_plan_parts (id, plan_id, number, due_on, amount)
            SELECT gen_random_uuid(), id, 1, current_date + 60, {amount} FROM plan RETURNING id)
        INSERT INTO planned_payments (id, practice_id, client_id, part_id, state, try_at, changed_at)
        SELECT gen_random_uuid(), '{practice}', '{client}', id, 'waiting', now() + interval '60 days', now() FROM part",
            practice = self.practice.id,
            client = self.ann.id
        );
        self.practice.database.query(&plan).await;
    }
}

fn due(days: u64) -> NaiveDate {
    now().date_naive() + Days::new(days)
}

#[tokio::test]
async fn an_invoice_is_taken_on_the_day_it_is_due_and_once() {
    let mut account = Account::with_invoice().await;
    account.autopay(Some("pm_one"), now()).await;
    account.autopay(Some("pm_two"), now()).await;
    assert_eq!(account.look(morning(4)).await, 0);
    assert_eq!(account.look(morning(5) - TimeDelta::hours(2)).await, 0, "not before nine");
    assert_eq!(account.look(morning(5)).await, 1);
    assert_eq!(account.asked().await, ["15000 from pm_two"], "from the card that was chosen last");
    account.look(morning(5)).await;
    account.accept(morning(5)).await;
    for later in 5..40 {
        account.look(morning(later)).await;
    }
    assert_eq!((account.balance().await, account.asked().await.len()), (0, 0));
    assert_eq!(account.one("SELECT string_agg(state, ' ') FROM planned_payments").await, "paid");
    let of = "SELECT count(*) FROM payment_attempts a JOIN planned_payment_tries t ON a.purpose_id = t.id WHERE a.purpose = 'autopay'";
    assert_eq!(account.one(of).await, "1");
}

#[tokio::test]
async fn only_what_is_open_of_an_invoice_is_taken_and_what_a_plan_covers_is_left_to_it() {
    let mut account = Account::with_invoice().await;
    account.autopay(Some("pm_one"), now()).await;
    account.pay(4_000, now()).await;
    assert_eq!(account.look(morning(5)).await, 1);
    assert_eq!(account.asked().await, ["11000 from pm_one"]);
    account.accept(morning(5)).await;
    account.look(morning(6)).await;

    account.charge(20_000, "2026-01-06", now()).await;
    account.invoice(due(9), now()).await;
    account.covered_by_a_plan(20_000).await;
    assert_eq!(account.look(morning(9)).await, 0, "the plan takes it");
}

#[tokio::test]
async fn what_was_due_before_somebody_agreed_and_after_they_took_it_back_is_not_taken() {
    let mut account = Account::with_invoice().await;
    account.autopay(Some("pm_one"), morning(6)).await;
    assert_eq!(account.look(morning(7)).await, 0, "due the day before");

    account.charge(9_000, "2026-01-06", now()).await;
    account.invoice(due(8), now()).await;
    // Noted, and turned off before it was begun.
    account.look(morning(8) - TimeDelta::hours(5)).await;
    account.autopay(None, morning(8) - TimeDelta::hours(2)).await;
    assert_eq!(account.look(morning(8)).await, 0);
    assert_eq!(account.one("SELECT string_agg(state, ' ') FROM planned_payments").await, "dropped");
    let shown = account.ann.get("portal/payments/autopay").await.expect(200);
    assert_eq!(
        (&shown["on"], &shown["method"], &shown["consent"]["given"]),
        (&json!(false), &json!(null), &json!(null))
    );
    assert_eq!(account.one("SELECT count(*) FROM autopay_choices").await, "2", "what was agreed to stays written");
}

#[tokio::test]
async fn a_voided_invoice_is_not_taken_and_one_of_another_zone_on_its_own_day() {
    let mut account = Account::with_invoice().await;
    account.practice.database.query("UPDATE practices SET time_zone = 'Pacific/Auckland'").await;
    account.autopay(Some("pm_one"), now() - TimeDelta::days(1)).await;
    let begins = morning(5).date_naive().and_hms_opt(0, 0, 0).unwrap().and_utc() - TimeDelta::hours(16);
    assert_eq!(account.look(begins + TimeDelta::hours(3)).await, 0, "before nine in Auckland");
    assert_eq!(account.look(begins + TimeDelta::hours(14)).await, 1, "nine in Auckland, the evening before in UTC");
    let void = "INSERT INTO invoice_voids (invoice_id, key_id, reason_sealed, voided_at)
        SELECT i.id, c.key_id, '\\x00', now() FROM invoices i, charges c LIMIT 1";
    account.decline().await;
    account.look(begins + TimeDelta::hours(15)).await;
    account.practice.database.query(void).await;
    assert_eq!(account.look(morning(20)).await, 0, "voided after the first try");
    assert_eq!(account.one("SELECT string_agg(state, ' ') FROM planned_payments").await, "dropped");
}

#[tokio::test]
async fn an_invoice_that_was_let_go_while_autopay_was_off_is_taken_up_again_and_never_tried_more_than_agreed_to() {
    let mut account = Account::with_invoice().await;
    account.autopay(Some("pm_one"), now()).await;
    assert_eq!(account.look(morning(5)).await, 1);
    account.decline().await;
    account.look(morning(5) + TimeDelta::minutes(10)).await;
    account.autopay(None, morning(5) + TimeDelta::hours(1)).await;
    assert_eq!(account.look(morning(6)).await, 0, "it is off");
    account.autopay(Some("pm_two"), morning(6) + TimeDelta::hours(1)).await;
    assert_eq!(account.look(morning(6) + TimeDelta::hours(2)).await, 0, "on the next day at nine");
    for (day, begun) in [(7, 1), (8, 1), (12, 1), (13, 0), (20, 0), (40, 0)] {
        assert_eq!(account.look(morning(day)).await, begun, "day {day}");
        account.decline().await;
        account.look(morning(day) + TimeDelta::minutes(10)).await;
    }
    assert_eq!(account.one("SELECT count(*) FROM planned_payment_tries").await, "4");
    assert_eq!(account.one("SELECT string_agg(state, ' ') FROM planned_payments").await, "failed");
    // Off and on once more brings back nothing that was given up.
    account.autopay(None, morning(41)).await;
    account.autopay(Some("pm_one"), morning(42)).await;
    assert_eq!(account.look(morning(50)).await, 0);
}

#[tokio::test]
async fn an_invoice_that_a_plan_was_to_take_is_taken_when_the_plan_is_cancelled_and_one_that_was_given_back_is_not() {
    let mut account = Account::with_invoice().await;
    account.autopay(Some("pm_one"), now()).await;
    account.covered_by_a_plan(15_000).await;
    assert_eq!(account.look(morning(5)).await, 0, "the plan takes it");
    let ended = format!(
        "UPDATE planned_payments SET state = 'dropped', changed_at = '{at}' WHERE part_id IS NOT NULL;
        UPDATE payment_plans SET ended_at = '{at}', ended_because = 'cancelled', ended_by = '{client}'",
        at = morning(6).to_rfc3339(),
        client = account.ann.id
    );
    account.practice.database.query(&ended).await;
    assert_eq!(account.look(morning(6)).await, 0, "on the next day at nine");
    assert_eq!(account.look(morning(7)).await, 1);
    assert_eq!(account.asked().await, ["15000 from pm_one"]);
    account.accept(morning(7)).await;
    account.look(morning(7) + TimeDelta::minutes(10)).await;

    // Another is paid before its day, and that is given back: people decide whether it is asked for again.
    account.charge(9_000, "2026-01-06", now()).await;
    account.invoice(due(20), now()).await;
    let payment = account.pay(9_000, now()).await;
    assert_eq!(account.look(morning(20)).await, 0);
    account.refund(payment, 9_000, morning(21)).await;
    assert_eq!((account.look(morning(30)).await, account.balance().await), (0, 9_000));
}

#[tokio::test]
async fn an_invoice_that_was_paid_by_other_means_is_on_no_list_of_failures_though_its_client_owes_more() {
    let mut account = Account::with_invoice().await;
    account.autopay(Some("pm_one"), now()).await;
    account.look(morning(5)).await;
    account.decline().await;
    account.look(morning(5) + TimeDelta::minutes(10)).await;
    account.charge(90_000, "2026-02-05", now()).await;
    let flo = account.practice.person("Flo Gray", carehub::accounts::Role::Staff).await;
    let failing = async || flo.get("ehr/billing/failed-payments").await.expect(200)["items"].as_array().unwrap().len();
    assert_eq!(failing().await, 1);
    account.pay(15_000, morning(5)).await;
    assert_eq!((failing().await, account.balance().await), (0, 90_000));
}

#[tokio::test]
async fn what_is_less_than_a_card_pays_stays_owed() {
    let mut account = Account::with_invoice().await;
    account.autopay(Some("pm_one"), now()).await;
    account.pay(14_951, now()).await;
    assert_eq!(account.look(morning(5)).await, 0);
    assert_eq!((account.asked().await.len(), account.balance().await), (0, 49));
}
