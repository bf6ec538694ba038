//! What a month statement says on paper: the same as on its page.

use crate::billing::{
    ledger::{Kind, history},
    print::{
        Tongue,
        statement::{Line, Statement},
    },
    statements,
};

/// The statement as it is printed.
pub fn printed(of: &statements::Statement, tongue: Tongue) -> Statement {
    let line = |line: &history::Line| Line {
        at: line.at,
        what: what(line, tongue),
        amount: line.amount,
        balance: line.balance,
    };
    Statement {
        month: of.total.month.first_day(),
        is_over: of.is_over,
        opening: of.total.opening,
        lines: of.lines.iter().map(line).collect(),
        closing: of.total.closing,
    }
}

/// What happened, and to what.
fn what(line: &history::Line, tongue: Tongue) -> String {
    let kind = match line.kind {
        Kind::Charge => tongue.say("Charge", "Cargo"),
        Kind::ChargeVoid => tongue.say("Charge taken back", "Cargo anulado"),
        Kind::Payment => tongue.say("Payment", "Pago"),
        Kind::Adjustment => tongue.say("Correction", "Corrección"),
        Kind::Refund => tongue.say("Refund", "Reembolso"),
        Kind::RefundFailed => tongue.say("Refund that did not arrive", "Reembolso que no llegó"),
        Kind::Chargeback => tongue.say("Taken back by the bank", "Devuelto por el banco"),
        Kind::ChargebackWon => tongue.say("Payment confirmed by the bank", "Pago confirmado por el banco"),
    };
    match (&line.what, line.kind) {
        (Some(what), Kind::Charge) => what.clone(),
        (Some(what), _) => format!("{kind}: {what}"),
        (None, _) => kind.to_owned(),
    }
}
