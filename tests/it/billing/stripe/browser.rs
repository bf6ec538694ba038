//! Paying as people do: on the page, with the script that stands in for Stripe's. No number of a card passes the hub.

use super::{OWED, Till};
use crate::support::{
    Browser, Screen, browser, eventually,
    stripe::{ASKING_CARD, Fault, GOOD_CARD},
};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;

/// The hub's own answer to a payment does not reach the page, until `window.fetch = there`.
const LOSE_THE_ANSWER: &str = "Object.assign(window, { there: fetch, fetch: async (url, options) => {
    const answer = await there(url, options);
    if (options?.method === 'POST' && url.includes('payments/process')) throw new TypeError('lost');
    return answer;
} }) && 1";
const PAY: &str = "care-pay > div > button.primary";

/// The page of payments.
async fn at_the_till(till: &Till, screen: Screen) -> Browser {
    let [window] = browser::open(&till.practice.hub.url(""), [screen]).await;
    window.sign_in(&till.ada).await;
    window.go("/portal/billing/pay").await;
    window
}

/// Types a card into the fields of the script.
async fn type_card(window: &Browser, number: &str) {
    window.click("care-pay .stack > div > button").await;
    for (field, text) in [("number", number), ("exp_month", "12"), ("exp_year", "40"), ("cvc", "123")] {
        window.write(&format!(".card-field input[placeholder={field}]"), text).await;
    }
    window.click(".card-form button[type=submit]").await;
}

/// Presses a button of the window in which the bank asks.
async fn answer_bank(window: &Browser, words: &str) {
    let find = format!("[...document.querySelectorAll('button')].find((one) => one.textContent === '{words}')");
    window.wait(words, &format!("!!{find}")).await;
    window.eval(&format!("{find}.click()")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_gives_stripe_a_card_and_pays_with_it_in_the_browser() {
    let till = Till::open().await;
    for screen in [Screen::Desktop, Screen::Phone] {
        let before = till.stripe.taken().await.len();
        let window = at_the_till(&till, screen).await;
        if before == 0 {
            type_card(&window, GOOD_CARD).await;
        }
        window.wait_for_text("care-pay", "4242").await;
        window.wait("a part of it", "document.querySelectorAll('care-payment [name=how-much]').length === 2").await;
        window.eval("document.querySelectorAll('care-payment [name=how-much]')[1].click()").await;
        window.find("care-payment label input[inputmode=decimal]").await.clear().await.unwrap();
        window.write("care-payment label input[inputmode=decimal]", "50").await;
        window.wait_for_text(PAY, "$50.00").await;
        // As people click who think that it did not work.
        window.eval(&format!("Array.from({{ length: 10 }}, () => document.querySelector('{PAY}').click())")).await;
        window.wait_for_text("care-pay", "$50.00 was paid").await;
        window.must_be_content().await;
        assert_eq!(till.stripe.taken().await.len(), before + 1);
    }
    till.settled().await;
    till.took(&[5_000, 5_000]).await;
    assert_eq!(till.balance(till.ada.id).await, OWED - 10_000);
    let log = till.practice.hub.logged();
    assert!(!log.contains(GOOD_CARD) && !log.contains("_secret_"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bank_that_asks_is_answered_on_the_page() {
    let till = Till::open().await;
    let window = at_the_till(&till, Screen::Desktop).await;
    type_card(&window, ASKING_CARD).await;
    answer_bank(&window, "Complete authentication").await;
    window.wait_for_text("care-pay", "3184").await;
    window.wait_for_text(PAY, "$200.00").await;
    window.click(PAY).await;
    answer_bank(&window, "Fail authentication").await;
    window.wait_for_text("care-pay .failure", "nothing was paid").await;
    till.took(&[]).await;
    window.click(PAY).await;
    answer_bank(&window, "Complete authentication").await;
    window.wait_for_text("care-pay", "$200.00 was paid").await;
    till.settled().await;
    till.took(&[OWED]).await;
    assert_eq!(till.balance(till.ada.id).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_loads_the_page_again_in_the_middle_of_a_payment_pays_once() {
    let till = Till::open().await;
    till.card(&till.ada, GOOD_CARD).await;
    let window = at_the_till(&till, Screen::Desktop).await;
    window.wait_for_text("care-pay", "4242").await;
    let gate = Arc::new(Notify::new());
    till.stripe.once("POST", "/v1/payment_intents", Fault::HoldAfter(gate.clone()));
    window.click(PAY).await;
    window.wait_for_text("care-pay", "Paying").await;
    window.reload().await;
    window.wait_for_text("care-pay", "$200.00 is being processed").await;
    gate.notify_one();
    window.wait_for_text("care-pay", "$200.00 was paid").await;
    till.settled().await;
    till.took(&[OWED]).await;
}

/// Somebody pays $50.00 of $200.00; nobody hears from Stripe; they try again, in this tab and in another one.
async fn a_lost_answer(screen: Screen) {
    let till = Till::open().await;
    till.card(&till.ada, GOOD_CARD).await;
    let window = at_the_till(&till, screen).await;
    window.wait_for_text("care-pay", "4242").await;
    window.eval("document.querySelectorAll('care-payment [name=how-much]')[1].click()").await;
    window.write("care-payment label input[inputmode=decimal]", "50").await;
    window.wait_for_text(PAY, "$50.00").await;
    till.stripe.once("POST", "/v1/payment_intents", Fault::CutAfter);
    till.stripe.times(4, "GET", "/v1/payment_intents", Fault::CutBefore);
    // The hub's own answer does not reach the page either.
    window.eval(LOSE_THE_ANSWER).await;
    window.click(PAY).await;
    window.wait_for_text("care-pay .failure", "not known whether your payment arrived").await;
    till.sql("UPDATE payment_attempts SET next_at = now() + interval '1 hour' WHERE settled_at IS NULL").await;
    // Nothing else can be paid here until that is known.
    window.wait_for_text(PAY, "Try again to pay $50.00").await;
    window.wait("no other amount", "document.querySelector('care-payment fieldset').hidden").await;
    // A new tab has no key, and is told of the payment by the hub.
    let before = till.stripe.asked("POST", "/v1/payment_intents").len();
    window.eval("sessionStorage.clear()").await;
    window.go("/portal/billing").await;
    window.wait_for_text("care-balance", "A payment of $50.00 is being processed").await;
    window.wait("no second payment", "!document.querySelector('care-balance a.primary')").await;
    window.click("care-balance a[href='/portal/billing/pay']").await;
    window.wait_for_text("care-payment", "You are paying $50.00 already").await;
    window.wait_for_text("care-pay", "$50.00 is being processed").await;
    assert_eq!(till.stripe.asked("POST", "/v1/payment_intents").len(), before);
    eventually("the hub to find out", Duration::from_secs(60), async || {
        till.let_go().await;
        (till.one("SELECT state FROM payment_attempts").await == "succeeded").then_some(())
    })
    .await;
    window.wait_for_text("care-pay", "$50.00 was paid").await;
    window.click("care-payment a.button").await;
    window.wait_for_text("care-payment", "All you owe: $150.00").await;
    till.took(&[5_000]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_phone_a_payment_whose_answer_gets_lost_is_followed_and_not_paid_again() {
    a_lost_answer(Screen::Phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_desktop_a_payment_whose_answer_gets_lost_is_followed_and_not_paid_again() {
    a_lost_answer(Screen::Desktop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_tries_again_after_a_lost_answer_pays_the_same_once() {
    let till = Till::open().await;
    till.card(&till.ada, GOOD_CARD).await;
    let window = at_the_till(&till, Screen::Desktop).await;
    window.wait_for_text("care-pay", "4242").await;
    window.eval(LOSE_THE_ANSWER).await;
    window.click(PAY).await;
    window.wait_for_text(PAY, "Try again to pay $200.00").await;
    window.eval("window.fetch = there").await;
    window.click(PAY).await;
    window.wait_for_text("care-pay", "$200.00 was paid").await;
    till.settled().await;
    till.took(&[OWED]).await;
}
