//! A receipt: that a payment was made, how, and what of it was given back.

use super::{Letterhead, Tongue, letterhead::column};
use crate::{billing::money::Amount, pdf::Align};
use chrono::{DateTime, Utc};

/// What a receipt says.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// Names it where somebody asks about it.
    pub reference: String,
    pub paid_at: DateTime<Utc>,
    pub amount: Amount,
    /// In words, such as "Visa, ending in 4242".
    pub method: String,
    /// What was given back, and when.
    pub given_back: Vec<GivenBack>,
    /// What the account came to right after this receipt was made; above zero is owed.
    pub balance: Amount,
}

/// A part of a payment that went back.
#[derive(Clone, Debug)]
pub struct GivenBack {
    pub at: DateTime<Utc>,
    /// As a positive amount.
    pub amount: Amount,
    pub why: Why,
}

/// Why something went back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// The practice gave it back.
    Refund,
    /// The client's bank took it back.
    Dispute,
}

impl Why {
    fn say(self, tongue: Tongue) -> &'static str {
        match self {
            Self::Refund => tongue.say("Refund", "Reembolso"),
            Self::Dispute => tongue.say("Taken back by the bank", "Devuelto por el banco"),
        }
    }
}

/// The file. Takes a while: call it beside the web workers.
///
/// # Errors
/// When it cannot be written.
pub fn pdf(head: &Letterhead, receipt: &Receipt) -> anyhow::Result<Vec<u8>> {
    let tongue = head.tongue;
    let say = |english, spanish| tongue.say(english, spanish);
    let mut facts = vec![
        (say("Paid on", "Pagado el"), head.day(receipt.paid_at)),
        (say("Amount paid", "Importe pagado"), head.money(receipt.amount)),
        (say("Paid by", "Forma de pago"), receipt.method.clone()),
        (say("Reference", "Referencia"), receipt.reference.clone()),
    ];
    let back: Amount = receipt.given_back.iter().map(|one| one.amount).sum();
    if back != Amount::ZERO {
        facts.push((
            say("Left of it after what went back", "Queda tras las devoluciones"),
            head.money(receipt.amount - back),
        ));
    }
    let mut document = head.begin(say("Receipt", "Recibo").to_owned(), facts)?;
    if !receipt.given_back.is_empty() {
        document.heading(say("What went back", "Devoluciones"));
        let columns = [
            column(say("Day", "Fecha"), 2.0, Align::Start),
            column(say("What", "Concepto"), 3.0, Align::Start),
            column(say("Amount", "Importe"), 1.5, Align::End),
        ];
        let row = |one: &GivenBack| vec![head.day(one.at), one.why.say(tongue).to_owned(), head.money(one.amount)];
        document.table(&columns, &receipt.given_back.iter().map(row).collect::<Vec<_>>());
    }
    document.paragraph(&balance(head, receipt.balance));
    document.finish()
}

/// What an account comes to, in a sentence.
pub(super) fn balance(head: &Letterhead, balance: Amount) -> String {
    let tongue = head.tongue;
    if balance == Amount::ZERO {
        return tongue.say("Nothing is owed on this account.", "No hay nada pendiente en esta cuenta.").to_owned();
    }
    let (words, amount) = match balance.is_positive() {
        true => (tongue.say("Owed on this account", "Saldo pendiente de esta cuenta"), balance),
        false => (tongue.say("In your favor on this account", "Saldo a su favor en esta cuenta"), -balance),
    };
    format!("{words}: {}", head.money(amount))
}
