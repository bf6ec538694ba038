//! Charges, payments and invoices as they are sent.

use crate::{
    accounts::{Person, people},
    billing::{
        Amount, Currency,
        charges::{Charge, Kind},
        invoices::Invoice,
        payments::{Method, list::Payment},
        settle::{Settled, Status},
        stripe::refunds::{self, Refunding},
        words::ChargeWords,
    },
    error::{Error, Result},
    ids::{AppointmentId, ChargeId, InvoiceId, PaymentId, PracticeId, UserId},
};
use chrono::{DateTime, NaiveDate, Utc};
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

/// A charge.
#[derive(Serialize, ToSchema)]
#[schema(as = Charge)]
#[serde(rename_all = "camelCase")]
pub struct ShownCharge {
    pub id: ChargeId,
    clinician: Option<Person>,
    appointment: Option<AppointmentId>,
    kind: Kind,
    /// CPT or HCPCS.
    code: Option<String>,
    modifiers: Vec<String>,
    place: Option<String>,
    /// Null: the client was erased.
    description: Option<String>,
    /// ICD-10-CM.
    diagnoses: Vec<String>,
    units: i32,
    /// In minor units, as all amounts.
    unit_amount: Amount,
    amount: Amount,
    currency: Currency,
    service_on: NaiveDate,
    added_at: DateTime<Utc>,
    voided_at: Option<DateTime<Utc>>,
    /// The invoice that it is on.
    invoice: Option<InvoiceId>,
    /// What is not paid of it.
    open: Amount,
}

/// Charges as they are sent, in their order; `account` is theirs.
pub async fn charges(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    account: &Settled,
    found: Vec<Charge>,
) -> Result<Vec<ShownCharge>> {
    let clinicians: Vec<UserId> = found.iter().filter_map(|charge| charge.clinician).collect();
    let people = people::find_people(conn, practice, &clinicians).await?;
    Ok(found.into_iter().map(|charge| one(charge, &people, account)).collect())
}

fn one(charge: Charge, people: &HashMap<UserId, Person>, account: &Settled) -> ShownCharge {
    let open = account.open_of(charge.id.0).unwrap_or_default();
    let description = charge.words.as_ref().map(|words| words.description.clone());
    let ChargeWords { code, modifiers, place, diagnoses, .. } = charge.words.unwrap_or_default();
    ShownCharge {
        id: charge.id,
        clinician: charge.clinician.and_then(|clinician| people.get(&clinician).cloned()),
        appointment: charge.appointment,
        kind: charge.kind,
        code,
        modifiers,
        place,
        description,
        diagnoses,
        units: charge.units,
        unit_amount: charge.unit_amount,
        amount: charge.amount,
        currency: charge.currency,
        service_on: charge.service_on,
        added_at: charge.added_at,
        voided_at: charge.voided_at,
        invoice: charge.invoice,
        open,
    }
}

/// A payment.
#[derive(Serialize, ToSchema)]
#[schema(as = Payment)]
#[serde(rename_all = "camelCase")]
pub struct ShownPayment {
    pub id: PaymentId,
    /// In minor units, as all amounts.
    amount: Amount,
    currency: Currency,
    method: Method,
    /// What it was for.
    invoice: Option<InvoiceId>,
    /// What went back.
    returned: Amount,
    /// What can still go back: neither what went back, nor what is on its way.
    refundable: Amount,
    /// Refunds to the card that are not made yet, or failed, the newest first.
    refunds: Vec<Refunding>,
    note: Option<String>,
    occurred_at: DateTime<Utc>,
    recorded_at: DateTime<Utc>,
}

/// Payments as they are sent, in their order.
pub async fn payments(conn: &mut AsyncPgConnection, found: Vec<Payment>) -> Result<Vec<ShownPayment>> {
    let ids: Vec<PaymentId> = found.iter().map(|payment| payment.id).collect();
    let mut under_way = refunds::of_payments(conn, &ids).await?;
    Ok(found.into_iter().map(|one| payment(one, &mut under_way)).collect())
}

fn payment(payment: Payment, under_way: &mut HashMap<PaymentId, Vec<Refunding>>) -> ShownPayment {
    let refunds = under_way.remove(&payment.id).unwrap_or_default();
    let leaving = refunds::on_its_way(&refunds);
    ShownPayment {
        id: payment.id,
        amount: payment.amount,
        currency: payment.currency,
        method: payment.method,
        invoice: payment.invoice,
        returned: payment.returned,
        refundable: (payment.amount - payment.returned - leaving).at_least_zero(),
        refunds,
        note: payment.note,
        occurred_at: payment.occurred_at,
        recorded_at: payment.recorded_at,
    }
}

/// An invoice.
#[derive(Serialize, ToSchema)]
#[schema(as = Invoice)]
#[serde(rename_all = "camelCase")]
pub struct ShownInvoice {
    pub id: InvoiceId,
    client: Person,
    /// Of the practice, without gaps.
    pub number: i64,
    status: Status,
    issued_on: NaiveDate,
    due_on: NaiveDate,
    /// In minor units, as all amounts.
    total: Amount,
    /// What is not paid of it.
    open: Amount,
    currency: Currency,
    charges: Vec<ChargeId>,
    voided_at: Option<DateTime<Utc>>,
}

/// Invoices as they are sent, in their order.
pub async fn invoices(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    found: Vec<Invoice>,
) -> Result<Vec<ShownInvoice>> {
    let clients: Vec<UserId> = found.iter().map(|invoice| invoice.client).collect();
    let people = people::find_people(conn, practice, &clients).await?;
    let nobody = || Error::Internal(anyhow::anyhow!("the client of an invoice is not of its practice"));
    found
        .into_iter()
        .map(|invoice| {
            Ok(ShownInvoice {
                id: invoice.id,
                client: people.get(&invoice.client).cloned().ok_or_else(nobody)?,
                number: invoice.number,
                status: invoice.status,
                issued_on: invoice.issued_on,
                due_on: invoice.due_on,
                total: invoice.total,
                open: invoice.open,
                currency: invoice.currency,
                charges: invoice.charges,
                voided_at: invoice.voided_at,
            })
        })
        .collect()
}
