//! A client's billing: seeing, paying, agreeing to what is taken without them; on a phone and on a desktop.

use super::{Room, fits};
use crate::support::{
    Screen, browser,
    practice::{Caller, Practice},
    stripe::{DECLINED_CARD, GOOD_CARD, Stripe},
};
use carehub::{
    billing::{
        Amount, ClientBilling, Currency,
        charges::{self, Kind, NewCharge},
        payments::{self, Method, NewPayment},
        words::ChargeWords,
    },
    clock::Clock,
    crypto::Keyring,
    ids::{ChargeId, PaymentId},
};
use chrono::TimeDelta;
use diesel_async::AsyncConnection;
use serde_json::json;

/// Charges a client $1,234.50 five weeks ago and $150.00 today, of which $200.00 were paid in cash.
pub(super) async fn owing(practice: &Practice, client: &Caller) {
    let (mut conn, keyring) = (practice.database.connect().await, Keyring::new(crate::support::people::master_key()));
    let (access, now) = (ClientBilling::of_hub(practice.id, client.id), Clock::system().now());
    for (amount, days) in [(123_450, 35), (15_000, 0)] {
        let at = now - TimeDelta::days(days);
        let words =
            ChargeWords { code: Some("90834".into()), description: "Psychotherapy".into(), ..ChargeWords::default() };
        let new = NewCharge {
            id: ChargeId::new(),
            kind: Kind::Service,
            clinician: None,
            appointment: None,
            fee: None,
            words,
            units: 1,
            unit_amount: Amount(amount),
            service_on: at.date_naive(),
            added_by: None,
            now: at,
        };
        conn.transaction(async |conn| charges::add(conn, &keyring, &access, new).await).await.unwrap();
    }
    let paid = NewPayment {
        id: PaymentId::new(),
        practice: practice.id,
        client: client.id,
        amount: Amount(20_000),
        currency: Currency::USD,
        method: Method::Cash,
        stripe_payment_intent: None,
        occurred_at: now,
        recorded_by: None,
        recorded_at: now,
        invoice: None,
        note: None,
    };
    conn.transaction(async |conn| payments::record(conn, &paid).await).await.unwrap();
}

/// A practice that takes cards, and a client.
pub(super) async fn by_card() -> (Stripe, Practice, Caller) {
    let stripe = Stripe::start().await;
    let settings = stripe.settings();
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let practice = Practice::start_with(&settings).await;
    let ann = practice.person("Ann Field", carehub::accounts::Role::Client).await;
    (stripe, practice, ann)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_reads_what_they_owe_and_how_it_is_paid_where_no_cards_are_taken() {
    let room = Room::new().await;
    owing(&room.practice, &room.client).await;
    let how = format!(
        "INSERT INTO billing_settings (practice_id, revision, currency, due_days, how_to_pay, address, phone, changed_at)
        VALUES ('{}', 1, 'USD', 14, 'By check to Elm Street.', '{{}}', '+1 512 555 0100', now())",
        room.practice.id
    );
    room.practice.database.query(&how).await;
    for screen in [Screen::Phone, Screen::Desktop] {
        let [window] = browser::open(&room.practice.hub.url(""), [screen]).await;
        window.sign_in(&room.client).await;
        window.go("/portal/billing").await;
        window.wait_for_text("care-balance strong", "$1,184.50").await;
        window.wait_for_text("care-balance", "By check to Elm Street.").await;
        window.wait_for_text("care-own-payments", "$200.00").await;
        for (path, element, words) in [
            ("/portal/billing/charges", "care-own-charges", "CPT 90834"),
            ("/portal/billing/charges", "care-own-charges", "Partly paid"),
            ("/portal/billing/statements", "care-statements", "closing balance $1,184.50"),
            ("/portal/billing/history", "care-account-history", "Balance after it: $1,184.50"),
            ("/portal/billing/methods", "care-balance", "By check to Elm Street."),
            ("/portal/billing/plans", "care-new-plan", "does not take cards here"),
            ("/portal/billing/pay", "care-payment", "By check to Elm Street."),
        ] {
            window.go(path).await;
            window.wait_for_text(element, words).await;
            fits(&window).await;
        }
        window.go("/portal/billing/statements").await;
        window.click("care-statements .record-title a").await;
        window.wait_for_text("care-statement .total:last-child", "$1,184.50").await;
        fits(&window).await;
        window.must_be_content().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_of_billing_are_in_spanish_for_whoever_reads_spanish() {
    let room = Room::new().await;
    owing(&room.practice, &room.client).await;
    room.practice.database.query(&format!("UPDATE users SET language = 'es' WHERE id = '{}'", room.client.id)).await;
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Phone]).await;
    window.sign_in(&room.client).await;
    for (path, words) in [
        ("/portal/billing", "Debe"),
        ("/portal/billing", "Pregunte a su consultorio"),
        ("/portal/billing/charges", "Pagado en parte"),
        ("/portal/billing/invoices", "Todavía no hay facturas"),
        ("/portal/billing/statements", "saldo final"),
        ("/portal/billing/history", "Saldo después"),
        ("/portal/billing/plans", "no acepta tarjetas"),
    ] {
        window.go(path).await;
        window.wait_for_text("main > div > [lang=es]", words).await;
        let shown = window.find("main > div > [lang=es]").await.text().await.unwrap();
        for english in ["You ", "Loading", "Paid", "Balance", "Payment", "Show more"] {
            assert!(!shown.contains(english), "{path} says {english:?}: {shown}");
        }
    }
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_pays_a_part_agrees_to_autopay_and_makes_a_plan_of_the_rest_by_keyboard() {
    let (stripe, practice, ann) = by_card().await;
    owing(&practice, &ann).await;
    let asked = ann.post("portal/payments/methods", json!({})).await.expect(201);
    stripe.give_card(asked["clientSecret"].as_str().unwrap(), GOOD_CARD).await;
    let [window] = browser::open(&practice.hub.url(""), [Screen::Phone]).await;
    window.sign_in(&ann).await;

    window.go("/portal/billing").await;
    window.wait_for_text("care-balance strong", "$1,184.50").await;
    window.click("care-balance a.primary").await;
    window.wait_for_text("care-pay", "4242").await;
    window.eval("document.querySelectorAll('care-payment [name=how-much]')[1].focus()").await;
    window.press([' ']).await;
    window.write("care-payment label input[inputmode=decimal]", "184.50").await;
    window.press_button("Pay $184.50").await;
    window.wait_for_text("care-pay", "$184.50 was paid").await;
    assert_eq!(stripe.taken().await.len(), 1);

    window.go("/portal/billing/methods").await;
    window.wait_for_text("care-autopay", "Autopay is off").await;
    window.press_button("Turn autopay on").await;
    window.eval("document.querySelector('dialog input[type=checkbox]').focus()").await;
    window.press([' ']).await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("care-autopay", "Autopay is on since").await;
    fits(&window).await;

    window.go("/portal/billing/plans").await;
    window.find("care-new-plan [name=parts]").await;
    window.press_button("Show the schedule").await;
    window.wait_for_text("care-new-plan table", "$250.00").await;
    fits(&window).await;
    window.eval("document.querySelector('care-new-plan input[type=checkbox]').focus()").await;
    window.press([' ']).await;
    window.press_button("Start this plan").await;
    window.wait_for_text("care-plans", "$1,000.00 in 4 parts").await;
    window.wait_for_text("care-new-plan", "A plan is running").await;
    window.go("/portal/billing").await;
    window.wait_for_text("care-balance", "Your payment plan will take $1,000.00").await;
    window.go("/portal/billing/plans").await;
    window.press_button("Cancel the plan").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("care-plans", "Cancelled").await;
    window.must_be_content().await;
}

async fn one_invoice_is_read_and_paid(screen: Screen) {
    let (stripe, practice, ann) = by_card().await;
    let flo = practice.person("Flo Gray", carehub::accounts::Role::Staff).await;
    let path = |what: &str| format!("ehr/billing/clients/{}/{what}", ann.id);
    let mut invoices = Vec::new();
    for (what, amount) in [("Psychotherapy", 15_000), ("A letter", 5_000)] {
        flo.post(&path("charges"), json!({"description": what, "unitAmount": amount})).await.expect(201);
        invoices.push(flo.post(&path("invoices"), json!({})).await.expect(201)["id"].as_str().unwrap().to_owned());
    }
    let asked = ann.post("portal/payments/methods", json!({})).await.expect(201);
    stripe.give_card(asked["clientSecret"].as_str().unwrap(), GOOD_CARD).await;
    let [window] = browser::open(&practice.hub.url(""), [screen]).await;
    window.sign_in(&ann).await;
    window.go("/portal/billing/invoices").await;
    window.wait_for_text("care-own-invoices", "Invoice No. 2").await;
    fits(&window).await;
    // Not the oldest debt, but this one.
    window.click("care-own-invoices .record-title a").await;
    window.wait_for_text("care-own-invoice", "A letter").await;
    window.wait_for_text("care-own-invoice", "Not paid").await;
    fits(&window).await;
    window.click("care-own-invoice a.primary").await;
    window.wait_for_text("care-payment", "All of invoice No. 2: $50.00").await;
    window.wait_for_text("care-pay", "4242").await;
    window.press_button("Pay $50.00").await;
    window.wait_for_text("care-pay", "$50.00 was paid").await;
    window.go(&format!("/portal/billing/invoices/{}", invoices[1])).await;
    window.wait_for_text("care-own-invoice .tag", "Paid").await;
    window.go(&format!("/portal/billing/invoices/{}", invoices[0])).await;
    window.wait_for_text("care-own-invoice .facts", "$150.00").await;
    window.must_be_content().await;
    assert_eq!(stripe.taken().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_phone_a_client_reads_one_invoice_and_pays_it() {
    one_invoice_is_read_and_paid(Screen::Phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_desktop_a_client_reads_one_invoice_and_pays_it() {
    one_invoice_is_read_and_paid(Screen::Desktop).await;
}

async fn a_card_comes_and_goes(screen: Screen) {
    let (_stripe, practice, ann) = by_card().await;
    owing(&practice, &ann).await;
    let [window] = browser::open(&practice.hub.url(""), [screen]).await;
    window.sign_in(&ann).await;
    window.go("/portal/billing/methods").await;
    window.wait_for_text("care-cards", "No card is saved").await;
    window.press_button("Add a card").await;
    for (field, text) in [("number", GOOD_CARD), ("exp_month", "12"), ("exp_year", "40"), ("cvc", "123")] {
        window.write(&format!(".card-field input[placeholder={field}]"), text).await;
    }
    fits(&window).await;
    window.click(".card-form button[type=submit]").await;
    window.wait_for_text("care-cards", "4242").await;
    window.press_button("Turn autopay on").await;
    window.eval("document.querySelector('dialog input[type=checkbox]').click()").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("care-autopay", "Autopay is on since").await;
    // A card that autopay takes from is not taken away behind its back.
    window.forgive(&["409 (Conflict)"]);
    window.click("care-cards li .button-row button:last-child").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("dialog[open] .failure", "Autopay takes from this card").await;
    window.click("dialog[open] .dialog-buttons button[type=button]").await;
    window.wait("the dialog's end", "!document.querySelector('dialog[open]')").await;
    window.press_button("Turn autopay off").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("care-autopay", "Autopay is off").await;
    window.click("care-cards li .button-row button:last-child").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("care-cards", "No card is saved").await;
    fits(&window).await;
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_phone_a_card_is_given_used_for_autopay_and_taken_away() {
    a_card_comes_and_goes(Screen::Phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_desktop_a_card_is_given_used_for_autopay_and_taken_away() {
    a_card_comes_and_goes(Screen::Desktop).await;
}

async fn a_declined_card(screen: Screen) {
    let (stripe, practice, ann) = by_card().await;
    owing(&practice, &ann).await;
    for number in [GOOD_CARD, DECLINED_CARD] {
        let asked = ann.post("portal/payments/methods", json!({})).await.expect(201);
        stripe.give_card(asked["clientSecret"].as_str().unwrap(), number).await;
    }
    let [window] = browser::open(&practice.hub.url(""), [screen]).await;
    window.sign_in(&ann).await;
    window.go("/portal/billing/pay").await;
    window.wait_for_text("care-pay", "0341").await;
    let choose = |last4: &str| {
        format!(
            "[...document.querySelectorAll('care-pay .choice')].find((one) => one.textContent.includes('{last4}')).click()"
        )
    };
    window.eval(&choose("0341")).await;
    window.press_button("Pay $1,184.50").await;
    window.wait_for_text("care-pay .failure", "did not accept the payment").await;
    assert!(stripe.taken().await.is_empty());
    fits(&window).await;
    // Another card is a new payment.
    window.eval(&choose("4242")).await;
    window.press_button("Pay $1,184.50").await;
    window.wait_for_text("care-pay", "$1,184.50 was paid").await;
    assert_eq!(stripe.taken().await.len(), 1);
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_phone_a_declined_card_takes_nothing_and_another_one_pays() {
    a_declined_card(Screen::Phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_desktop_a_declined_card_takes_nothing_and_another_one_pays() {
    a_declined_card(Screen::Desktop).await;
}
