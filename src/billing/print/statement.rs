//! A month statement: what was owed when it began, every change, and what was owed when it ended.

use super::{Letterhead, letterhead::column, receipt::balance};
use crate::{billing::money::Amount, pdf::Align};
use chrono::{DateTime, NaiveDate, Utc};

/// What a statement says.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Any day of its month.
    pub month: NaiveDate,
    /// Whether the month is over; until then it is what it came to so far.
    pub is_over: bool,
    pub opening: Amount,
    /// In the order of time.
    pub lines: Vec<Line>,
    pub closing: Amount,
}

/// A change of what is owed.
#[derive(Clone, Debug)]
pub struct Line {
    pub at: DateTime<Utc>,
    pub what: String,
    /// Above zero: added to what is owed.
    pub amount: Amount,
    /// What was owed after it.
    pub balance: Amount,
}

/// The file. Takes a while: call it beside the web workers.
///
/// # Errors
/// When it cannot be written.
pub fn pdf(head: &Letterhead, statement: &Statement) -> anyhow::Result<Vec<u8>> {
    let say = |english, spanish| head.tongue.say(english, spanish);
    let month = head.tongue.month(statement.month);
    let title = match head.tongue.say("en", "es") {
        "es" => format!("Estado de cuenta de {month}"),
        _ => format!("Statement of {month}"),
    };
    let closing = if statement.is_over {
        say("Closing balance", "Saldo final")
    } else {
        say("Balance so far", "Saldo hasta hoy")
    };
    let facts = vec![
        (say("Opening balance", "Saldo inicial"), head.money(statement.opening)),
        (closing, head.money(statement.closing)),
        (say("Printed on", "Impreso el"), head.day(head.made_at)),
    ];
    let mut document = head.begin(title, facts)?;
    document.heading(say("Changes", "Movimientos"));
    if statement.lines.is_empty() {
        document.paragraph(say("Nothing changed in this month.", "No hubo movimientos en este mes."));
    } else {
        let columns = [
            column(say("Day", "Fecha"), 2.2, Align::Start),
            column(say("What", "Concepto"), 4.0, Align::Start),
            column(say("Amount", "Importe"), 1.6, Align::End),
            column(say("Balance", "Saldo"), 1.6, Align::End),
        ];
        let row =
            |line: &Line| vec![head.day(line.at), line.what.clone(), head.money(line.amount), head.money(line.balance)];
        document.table(&columns, &statement.lines.iter().map(row).collect::<Vec<_>>());
    }
    document.paragraph(&balance(head, statement.closing));
    document.note(say(
        "Amounts with a minus sign were taken off what is owed: payments, and corrections by the practice.",
        "Los importes con signo menos se descontaron de lo pendiente: pagos y correcciones del consultorio.",
    ));
    document.finish()
}
