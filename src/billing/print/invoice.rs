//! An invoice: what a client is asked to pay, until when, and what of it is paid.

use super::{Letterhead, letterhead::column};
use crate::{billing::money::Amount, pdf::Align};
use chrono::{DateTime, NaiveDate, Utc};

/// What an invoice says.
#[derive(Clone, Debug)]
pub struct Invoice {
    pub number: i64,
    pub issued_on: NaiveDate,
    pub due_on: NaiveDate,
    pub lines: Vec<Line>,
    pub total: Amount,
    pub paid: Amount,
    /// What is not paid of it.
    pub open: Amount,
    pub voided_at: Option<DateTime<Utc>>,
    /// As the practice says it.
    pub how_to_pay: Option<String>,
}

/// A charge on it.
#[derive(Clone, Debug)]
pub struct Line {
    pub on: NaiveDate,
    pub what: String,
    pub units: i32,
    pub amount: Amount,
}

/// The file. Takes a while: call it beside the web workers.
///
/// # Errors
/// When it cannot be written.
pub fn pdf(head: &Letterhead, invoice: &Invoice) -> anyhow::Result<Vec<u8>> {
    let tongue = head.tongue;
    let say = |english, spanish| tongue.say(english, spanish);
    let mut facts = vec![
        (say("Issued on", "Emitida el"), tongue.day(invoice.issued_on)),
        (say("Due on", "Vence el"), tongue.day(invoice.due_on)),
        (say("Total", "Total"), head.money(invoice.total)),
    ];
    match invoice.voided_at {
        Some(at) => facts.push((say("Taken back on", "Anulada el"), head.day(at))),
        None => facts.extend([
            (say("Paid of it", "Pagado"), head.money(invoice.paid)),
            (say("Left to pay", "Por pagar"), head.money(invoice.open)),
        ]),
    }
    facts.push((say("Printed on", "Impreso el"), head.day(head.made_at)));
    let mut document = head.begin(format!("{} {}", say("Invoice No.", "Factura n.º"), invoice.number), facts)?;
    document.heading(say("What it is for", "Conceptos"));
    let columns = [
        column(say("Day", "Fecha"), 2.2, Align::Start),
        column(say("What", "Concepto"), 4.2, Align::Start),
        column(say("Units", "Unidades"), 1.2, Align::End),
        column(say("Amount", "Importe"), 1.6, Align::End),
    ];
    let row =
        |line: &Line| vec![tongue.day(line.on), line.what.clone(), line.units.to_string(), head.money(line.amount)];
    document.table(&columns, &invoice.lines.iter().map(row).collect::<Vec<_>>());
    if invoice.voided_at.is_some() {
        document.paragraph(say(
            "The practice took this invoice back: nothing is to be paid for it.",
            "El consultorio anuló esta factura: no hay nada que pagar por ella.",
        ));
    } else if invoice.open == Amount::ZERO {
        document.paragraph(say("This invoice is paid.", "Esta factura está pagada."));
    } else if let Some(how) = &invoice.how_to_pay {
        document.heading(say("How to pay", "Cómo pagar"));
        document.paragraph(how);
    }
    document.finish()
}
