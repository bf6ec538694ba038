//! Payment plans: what a client owes, in parts that are taken from a saved method on days agreed to beforehand. Owns
//! `payment_plans` and `payment_plan_parts`. A plan says when money is taken, not how much is owed: that says the ledger,
//! and no part takes more than what is owed on its day. One plan of a client runs at a time.
//!
//! - [`schedule`]: which part is due on which day (pure)
//! - [`store`]: making, reading, ending

pub mod schedule;
pub mod store;

pub use store::{Ended, Plan};

use super::{autopay::retry, print::Tongue};

/// What a client agrees to, in words of their language.
pub fn consent(tongue: Tongue, practice: &str) -> String {
    let days = retry::in_words(tongue.say("and", "y"));
    match tongue {
        Tongue::English => format!(
            "I allow {practice} to take each part of this schedule on its day from the payment method that I choose here, \
             but never more than I owe on that day. If a payment fails, it is tried again {days} days later, and no more. \
             I am told of each payment. I can cancel this plan here at any time; what I owe stays owed."
        ),
        Tongue::Spanish => format!(
            "Autorizo a {practice} a cobrar cada parte de este calendario en su fecha de la forma de pago que elijo aquí, \
             pero nunca más de lo que deba ese día. Si un cobro falla, se intenta de nuevo {days} días después, y no más. \
             De cada cobro se me avisa. Puedo cancelar este plan aquí en cualquier momento; lo que debo sigue pendiente."
        ),
    }
}
