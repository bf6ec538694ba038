//! The practice's billing, by those who do it, on a phone and on a desktop.

use super::{Room, fits};
use crate::support::{Browser, Screen, browser};
use carehub::accounts::Role;
use serde_json::json;

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
