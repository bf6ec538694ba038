//! The practice's billing, by those who do it, on a phone and on a desktop.

use super::{Room, fits, paying::by_card};
use crate::support::{
    Browser, Screen, browser, eventually,
    practice::Practice,
    stripe::{GOOD_CARD, Stripe, WEBHOOK_SECRET, event, signed},
};
use carehub::accounts::Role;
use serde_json::json;
use std::time::Duration;

impl Browser {
    /// Fills in fields of the open dialog by their names, and confirms it.
    async fn answer_dialog(&self, fields: &[(&str, &str)]) {
        self.find("dialog[open]").await;
        for (name, value) in fields {
            let set = format!(
                "(() => {{ const one = document.querySelector('dialog[open] [name={name}]'); one.value = {}; \
                one.dispatchEvent(new Event('change', {{bubbles: true}})); return true; }})()",
                json!(value)
            );
            self.eval(&set).await;
        }
        self.click("dialog[open] button[type=submit]").await;
    }
}

async fn from_the_charge_to_the_refund(screen: Screen) {
    let room = Room::new().await;
    let flo = room.practice.person("Flo Gray", Role::Staff).await;
    let mut settings = flo.get("ehr/billing/settings").await.expect(200);
    settings["fees"] =
        json!([{"code": "90834", "description": "Psychotherapy, 45 minutes", "amount": 15_000, "minutes": 50}]);
    flo.put("ehr/billing/settings", settings).await.expect(200);
    let [window] = browser::open(&room.practice.hub.url(""), [screen]).await;
    window.sign_in(&flo).await;
    window.go(&format!("/ehr/billing/clients/{}", room.client.id)).await;
    window.wait_for_text("care-billing-account h1", "Ann Field").await;
    window.press_button("Charge").await;
    // The schedule fills in the rest.
    window.answer_dialog(&[("code", "90834"), ("diagnoses", "F41.1")]).await;
    window.wait_for_text("care-charges", "Psychotherapy, 45 minutes").await;
    window.wait_for_text("[data-balance]", "$150.00").await;
    window.press_button("Issue an invoice").await;
    window.answer_dialog(&[]).await;
    window.wait_for_text("care-invoices", "Pending").await;
    window.press_button("Take a payment").await;
    // Browsers say of every refusal that it was one.
    window.forgive(&["409 (Conflict)"]);
    window.answer_dialog(&[("amount", "200.00")]).await;
    window.wait_for_text("dialog[open] .failure", "more than is owed").await;
    window.answer_dialog(&[("amount", "100.00"), ("method", "cheque"), ("note", "No. 17")]).await;
    window.wait_for_text("[data-balance]", "$50.00").await;
    window.wait_for_text("care-payments", "No. 17").await;
    window.press_button("Refund").await;
    window.answer_dialog(&[("amount", "25.50"), ("reason", "Paid too much.")]).await;
    window.wait_for_text("[data-balance]", "$75.50").await;
    window.press_button("Correct").await;
    window.answer_dialog(&[("amount", "75.50"), ("reason", "Hardship.")]).await;
    window.wait_for_text("[data-balance]", "$0.00").await;
    window.wait_for_text("care-invoices", "Paid").await;
    window.wait_for_text("care-ledger", "Hardship.").await;
    let sum = "SELECT sum(amount) FROM ledger_postings WHERE account = 'receivable'";
    assert_eq!(room.practice.database.query(sum).await, ["0"]);
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_desktop_a_client_is_charged_billed_and_paid_and_every_figure_follows() {
    from_the_charge_to_the_refund(Screen::Desktop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_phone_a_client_is_charged_billed_and_paid_and_every_figure_follows() {
    from_the_charge_to_the_refund(Screen::Phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_schedule_is_written_down_and_the_overview_tells_what_is_owed() {
    let room = Room::new().await;
    let flo = room.practice.person("Flo Gray", Role::Staff).await;
    let path = format!("ehr/billing/clients/{}/charges", room.client.id);
    let hostile = "<img src=x onerror=alert(1)>";
    flo.post(&path, json!({"description": hostile, "unitAmount": 12_345})).await.expect(201);
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Desktop]).await;
    window.sign_in(&flo).await;
    window.go("/ehr/billing/settings").await;
    window.press_button("Add a fee").await;
    for (part, value) in [("code", "90837"), ("description", "Psychotherapy"), ("amount", "190.00"), ("minutes", "60")]
    {
        window.write(&format!("[data-part={part}]"), value).await;
    }
    window.press_button("Save").await;
    window.wait_for_text("care-billing-settings [role=status]", "Saved").await;
    let stored = flo.get("ehr/billing/settings").await.expect(200);
    assert_eq!((&stored["fees"][0]["amount"], &stored["fees"][0]["minutes"]), (&json!(19_000), &json!(60)));
    window.wait_for_text("care-billing-clinicians", "Dr. Ben Hill").await;
    window.press_button("Change Dr. Ben Hill").await;
    window.answer_dialog(&[("npi", "1234567893")]).await;
    window.wait_for_text("care-billing-clinicians", "NPI 1234567893").await;
    window.go("/ehr/billing").await;
    window.wait_for_text("care-aging", "$123.45").await;
    window.press_button("Account of Ann Field").await;
    window.wait_for_text("care-charges", hostile).await;
    window.wait_for_text("care-ledger", hostile).await;
    window.must_be_content().await;
}

async fn one_invoice(screen: Screen) {
    let room = Room::new().await;
    let flo = room.practice.person("Flo Gray", Role::Staff).await;
    let path = |what: &str| format!("ehr/billing/clients/{}/{what}", room.client.id);
    let charge = json!({"code": "90834", "description": "Psychotherapy", "unitAmount": 15_000});
    flo.post(&path("charges"), charge).await.expect(201);
    flo.post(&path("invoices"), json!({})).await.expect(201);
    let [window] = browser::open(&room.practice.hub.url(""), [screen]).await;
    window.sign_in(&flo).await;
    window.go("/ehr/billing/invoices").await;
    window.wait_for_text("care-invoices", "No. 1").await;
    window.click("care-invoices .record-title a").await;
    window.wait_for_text("care-invoice h1", "Invoice No. 1 of Ann Field").await;
    window.wait_for_text("care-invoice [data-open]", "$150.00").await;
    window.wait_for_text("care-invoice table", "Psychotherapy").await;
    window.press_button("Send again").await;
    window.answer_dialog(&[]).await;
    window.wait("the dialog's end", "!document.querySelector('dialog[open]')").await;
    window.press_button("Take a payment").await;
    window.answer_dialog(&[("amount", "100.00"), ("method", "cheque"), ("note", "No. 17")]).await;
    window.wait_for_text("care-invoice [data-open]", "$50.00").await;
    window.wait_for_text("care-invoice", "No. 17").await;
    fits(&window).await;
    window.press_button("Void").await;
    window.answer_dialog(&[("reason", "Billed twice.")]).await;
    window.wait_for_text("care-invoice [data-status]", "Void").await;
    window.wait_for_text("care-invoice .facts", "Billed twice.").await;
    let meant = "SELECT count(*) FROM payments WHERE invoice_id IS NOT NULL AND amount = 10000";
    assert_eq!(room.practice.database.query(meant).await, ["1"]);
    let told = "SELECT count(*) FROM notifications WHERE kind = 'billIssued'";
    assert_eq!(room.practice.database.query(told).await, ["2"]);
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_desktop_one_invoice_is_seen_sent_again_paid_in_part_and_voided() {
    one_invoice(Screen::Desktop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_phone_one_invoice_is_seen_sent_again_paid_in_part_and_voided() {
    one_invoice(Screen::Phone).await;
}

async fn free_and_ended(screen: Screen) {
    let room = Room::new().await;
    let flo = room.practice.person("Flo Gray", Role::Staff).await;
    let rows = format!(
        "INSERT INTO appointments (id, practice_id, client_id, clinician_id, state, mode, during, taken, room, made_by,
            made_at, changed_at)
        SELECT gen_random_uuid(), practice_id, '{client}', id, 'completed', 'video', tstzrange(at, at + interval '50 minutes'),
            tstzrange(at, at + interval '1 hour'), gen_random_uuid(), id, now(), now()
        FROM users, (SELECT now() - interval '3 days' AS at) then_ WHERE id = '{clinician}';
        INSERT INTO payment_plans (id, practice_id, client_id, currency, total, rhythm, time_zone, method, method_name,
            consent, made_at)
        SELECT gen_random_uuid(), practice_id, id, 'USD', 4200, 'weekly', 'UTC', 'pm_1', 'Visa, ending in 4242', 'x', now()
        FROM users WHERE id = '{client}'",
        client = room.client.id,
        clinician = room.clinician.id
    );
    room.practice.database.query(&rows).await;
    let [window] = browser::open(&room.practice.hub.url(""), [screen]).await;
    window.sign_in(&flo).await;
    window.go("/ehr/billing").await;
    window.press_button("Free: the appointment of Ann Field").await;
    window.wait_for_text("care-to-charge", "Everything that took place is charged.").await;
    window.click("details:has(care-free) > summary").await;
    window.wait_for_text("care-free", "Marked by Flo Gray").await;
    fits(&window).await;
    window.press_button("Take back: the appointment of Ann Field is free").await;
    window.wait_for_text("care-to-charge", "Ann Field").await;
    window.go(&format!("/ehr/billing/clients/{}", room.client.id)).await;
    window.press_button("End the plan").await;
    window.answer_dialog(&[("reason", "Insurance pays.")]).await;
    window.wait_for_text("care-client-plans", "Ended by the practice").await;
    window.wait_for_text("care-client-plans", "Insurance pays.").await;
    fits(&window).await;
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_desktop_an_appointment_is_marked_as_free_and_a_plan_is_ended() {
    free_and_ended(Screen::Desktop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_phone_an_appointment_is_marked_as_free_and_a_plan_is_ended() {
    free_and_ended(Screen::Phone).await;
}

async fn from_waiting_to_charged(screen: Screen) {
    let room = Room::new().await;
    let flo = room.practice.person("Flo Gray", Role::Staff).await;
    let mut settings = flo.get("ehr/billing/settings").await.expect(200);
    settings["fees"] = json!([{"code": "90834", "description": "Psychotherapy", "amount": 15_000, "minutes": 50}]);
    flo.put("ehr/billing/settings", settings).await.expect(200);
    let rows = format!(
        "INSERT INTO appointments (id, practice_id, client_id, clinician_id, state, mode, during, taken, room, made_by,
            made_at, changed_at)
        SELECT gen_random_uuid(), practice_id, '{client}', id, 'completed', 'video', tstzrange(at, at + length),
            tstzrange(at, at + length), gen_random_uuid(), id, now(), now()
        FROM users, (VALUES (now() - interval '3 days', interval '50 minutes'), (now() - interval '2 days', interval '20 minutes'))
            then_ (at, length) WHERE id = '{clinician}';
        WITH plan AS (INSERT INTO payment_plans (id, practice_id, client_id, currency, total, rhythm, time_zone, method,
                method_name, consent, made_at)
            SELECT gen_random_uuid(), practice_id, id, 'USD', 4200, 'weekly', 'UTC', 'pm_1', 'Visa', 'x', now()
            FROM users WHERE id = '{client}' RETURNING id, practice_id, client_id),
        part AS (INSERT INTO payment_plan_parts (id, plan_id, number, due_on, amount)
            SELECT gen_random_uuid(), id, 1, current_date, 4200 FROM plan RETURNING id),
        planned AS (INSERT INTO planned_payments (id, practice_id, client_id, part_id, state, try_at, changed_at)
            SELECT gen_random_uuid(), practice_id, client_id, part.id, 'failed', now(), now() FROM plan, part RETURNING id)
        INSERT INTO planned_payment_tries (id, planned_id, number, amount, method, began_at, ended_at, outcome)
        SELECT gen_random_uuid(), id, 1, 4200, 'pm_1', now(), now(), 'refused' FROM planned",
        client = room.client.id,
        clinician = room.clinician.id
    );
    room.practice.database.query(&rows).await;
    let [window] = browser::open(&room.practice.hub.url(""), [screen]).await;
    window.sign_in(&flo).await;
    window.go("/ehr/billing").await;
    window.wait_for_text("care-to-charge", "No amount").await;
    window.press_button("Charge all that have an amount").await;
    window.wait_for_text("care-aging", "$150.00").await;
    window.wait_for_text("care-failed-payments", "Ann Field: $42.00").await;
    window.wait_for_text("care-failed-payments", "Given up").await;
    fits(&window).await;
    window.press_button("Charge Ann Field").await;
    window.answer_dialog(&[("code", "90832"), ("description", "Short session"), ("amount", "80,50")]).await;
    window.wait_for_text("care-to-charge", "Everything that took place is charged.").await;
    window.wait_for_text("care-aging", "$230.50").await;
    // What the form asks for is a file of all of it.
    let exported = "(() => { const form = document.querySelector('care-ledger-export form');
        fetch(form.action + '?' + new URLSearchParams(new FormData(form))).then((one) => one.text()).then((text) => { window.exported = text; });
        return 1; })()";
    window.eval(exported).await;
    window.wait("the export", "window.exported?.includes('150.00') && window.exported.includes('80.50')").await;
    window.go(&format!("/ehr/billing/clients/{}", room.client.id)).await;
    window.press_button("Void: Short session").await;
    window.answer_dialog(&[("reason", "Charged twice.")]).await;
    window.wait_for_text("[data-balance]", "$150.00").await;
    window.wait_for_text("care-charges", "Void").await;
    window.wait_for_text("care-client-statements", "balance so far $150.00").await;
    window.find("care-superbill input[name=from]").await;
    fits(&window).await;
    window.go("/ehr/billing/settings").await;
    window.press_button("Remove").await;
    window.press_button("Save").await;
    window.wait_for_text("care-billing-settings [role=status]", "Saved").await;
    assert_eq!(flo.get("ehr/billing/settings").await.expect(200)["fees"], json!([]));
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_desktop_what_took_place_is_charged_all_at_once_and_one_by_one() {
    from_waiting_to_charged(Screen::Desktop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_phone_what_took_place_is_charged_all_at_once_and_one_by_one() {
    from_waiting_to_charged(Screen::Phone).await;
}

async fn back_to_the_card(screen: Screen) {
    let (stripe, practice, ann) = by_card().await;
    let flo = practice.person("Flo Gray", Role::Staff).await;
    let path = format!("ehr/billing/clients/{}/charges", ann.id);
    flo.post(&path, json!({"description": "A letter", "unitAmount": 5_000})).await.expect(201);
    let asked = ann.post("portal/payments/methods", json!({})).await.expect(201);
    let card = stripe.give_card(asked["clientSecret"].as_str().unwrap(), GOOD_CARD).await;
    let paid = ann.post("portal/payments/process", json!({"amount": 5_000, "method": card})).await.expect(201);
    assert_eq!(paid["state"], "succeeded");
    stripe.refund_is("", "pending");
    let [window] = browser::open(&practice.hub.url(""), [screen]).await;
    window.sign_in(&flo).await;
    window.go(&format!("/ehr/billing/clients/{}", ann.id)).await;
    window.press_button("Refund $50.00").await;
    window.answer_dialog(&[("amount", "20.00"), ("reason", "Paid twice.")]).await;
    window.wait_for_text("care-payments", "$20.00 is on its way to the card").await;
    window.wait_for_text("[data-balance]", "$0.00").await;
    fits(&window).await;
    stripe.refund_is("", "succeeded");
    practice.database.query("UPDATE stripe_refunds SET next_at = now(), claimed_until = NULL").await;
    let made = "SELECT count(*) FROM refunds";
    eventually("the refund", Duration::from_secs(60), async || {
        (practice.database.query(made).await == ["1"]).then_some(())
    })
    .await;
    window.reload().await;
    window.wait_for_text("care-payments", "$20.00 went back").await;
    window.wait_for_text("[data-balance]", "$20.00").await;
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_desktop_money_goes_back_to_a_card_and_one_sees_how_far_it_is() {
    back_to_the_card(Screen::Desktop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_phone_money_goes_back_to_a_card_and_one_sees_how_far_it_is() {
    back_to_the_card(Screen::Phone).await;
}

/// Stripe says how a dispute of the only payment stands, and the hub hears it.
async fn disputed(stripe: &Stripe, practice: &Practice, status: &str) {
    let intent = practice.database.query("SELECT stripe_payment_intent FROM payments").await.remove(0);
    stripe.dispute("dp_1", &intent, 5_000, status);
    let body = event(&format!("evt_{status}"), "charge.dispute.updated", "dp_1");
    let hook = reqwest::Client::new().post(practice.hub.url("/hooks/stripe"));
    let hook = hook.header("content-type", "application/json");
    let told = hook.header("stripe-signature", signed(&body, WEBHOOK_SECRET, 0)).body(body).send().await.unwrap();
    assert_eq!(told.status(), 200);
    let open = "SELECT count(*) FROM stripe_events WHERE applied_at IS NULL";
    eventually("the event", Duration::from_secs(60), async || {
        (practice.database.query(open).await == ["0"]).then_some(())
    })
    .await;
}

async fn a_payment_is_disputed(screen: Screen) {
    let (stripe, practice, ann) = by_card().await;
    let flo = practice.person("Flo Gray", Role::Staff).await;
    let path = format!("ehr/billing/clients/{}/charges", ann.id);
    flo.post(&path, json!({"description": "A letter", "unitAmount": 5_000})).await.expect(201);
    let asked = ann.post("portal/payments/methods", json!({})).await.expect(201);
    let card = stripe.give_card(asked["clientSecret"].as_str().unwrap(), GOOD_CARD).await;
    ann.post("portal/payments/process", json!({"amount": 5_000, "method": card})).await.expect(201);
    let [window] = browser::open(&practice.hub.url(""), [screen]).await;
    window.sign_in(&flo).await;
    window.go("/ehr/billing").await;
    window.wait_for_text("care-disputes", "No payment is disputed.").await;
    window.wait_for_text("[aria-labelledby=disputes]", "Evidence is handed in at Stripe").await;
    window.must_be_content().await;

    disputed(&stripe, &practice, "needs_response").await;
    window.reload().await;
    window.wait_for_text("care-disputes [data-open]", "One is open.").await;
    for words in [
        "Ann Field: $50.00",
        "Needs evidence",
        "did not make this payment",
        "Evidence is due",
        "the client owes it again for now",
        "at Stripe dp_1",
    ] {
        window.wait_for_text("care-disputes .record", words).await;
    }
    let due = "new Date(document.querySelector('care-disputes strong time').dateTime) > new Date()";
    window.wait("a day that is to come", due).await;
    fits(&window).await;
    window.eval("document.querySelector('care-disputes a').focus()").await;
    window.press(['\u{e007}']).await;
    window.wait_for_text("[data-balance]", "$50.00").await;
    window.wait_for_text("care-ledger", "Taken back by the bank").await;

    for (status, words) in [("under_review", "The bank decides"), ("won", "It counts as paid.")] {
        disputed(&stripe, &practice, status).await;
        window.go("/ehr/billing").await;
        window.wait_for_text("care-disputes .record", words).await;
        assert_eq!(
            window.eval("document.querySelector('care-disputes strong')").await,
            json!(null),
            "{status}: no more is due"
        );
    }
    window.wait_for_text("care-disputes [data-open]", "None is open.").await;
    window.wait_for_text("care-disputes .record", "Won").await;
    fits(&window).await;
    window.go(&format!("/ehr/billing/clients/{}", ann.id)).await;
    window.wait_for_text("[data-balance]", "$0.00").await;
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_desktop_those_who_bill_see_a_disputed_payment_until_when_to_answer_and_how_it_ends() {
    a_payment_is_disputed(Screen::Desktop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_phone_those_who_bill_see_a_disputed_payment_until_when_to_answer_and_how_it_ends() {
    a_payment_is_disputed(Screen::Phone).await;
}
