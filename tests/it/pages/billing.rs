//! The practice's billing, by those who do it, on a phone and on a desktop.

use super::Room;
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
