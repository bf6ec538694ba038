//! Which invoices autopay takes: those that are due now, of clients who chose it before the day on which they are due. What
//! was due before somebody agreed to anything is not taken. One that was let go because autopay was off, or because a plan
//! was to take it, is taken up again when autopay is on again, or the plan ended: once, and no more tries than agreed to.
//! What was paid and went back is not: whether it is asked for again, people decide.

use super::store;
use crate::{
    billing::{
        access::ClientBilling,
        account,
        autopay::{self, retry},
        money::Amount,
    },
    db,
    error::Result,
    ids::{InvoiceId, PlannedPaymentId, PracticeId, UserId},
};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Invoices of one look.
const AT_ONCE: i64 = 200;

#[derive(QueryableByName)]
struct Due {
    #[diesel(sql_type = sql::Uuid)]
    id: InvoiceId,
    #[diesel(sql_type = sql::Uuid)]
    practice_id: PracticeId,
    #[diesel(sql_type = sql::Uuid)]
    client_id: UserId,
    #[diesel(sql_type = sql::Date)]
    due_on: NaiveDate,
    #[diesel(sql_type = sql::Text)]
    time_zone: String,
}

/// Notes what autopay is to take; how many.
///
/// # Errors
/// When the store is away.
pub async fn note(conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> Result<usize> {
    let due: Vec<Due> = db::statement(
        "SELECT i.id, i.practice_id, i.client_id, i.due_on, p.time_zone
        FROM invoices i JOIN practices p ON p.id = i.practice_id
        JOIN LATERAL (SELECT is_on, chosen_at FROM autopay_choices WHERE client_id = i.client_id
            ORDER BY chosen_at DESC, id DESC LIMIT 1) c ON c.is_on
        WHERE i.due_on <= ($1 AT TIME ZONE p.time_zone)::date AND i.due_on >= (c.chosen_at AT TIME ZONE p.time_zone)::date
            AND NOT EXISTS (SELECT FROM invoice_voids WHERE invoice_id = i.id)
            AND NOT EXISTS (SELECT FROM planned_payments WHERE invoice_id = i.id)
        ORDER BY i.due_on, i.id LIMIT $2",
    )
    .bind::<sql::Timestamptz, _>(now)
    .bind::<sql::BigInt, _>(AT_ONCE)
    .load(conn)
    .await?;
    let mut noted = 0;
    for Due { id, practice_id, client_id, due_on, time_zone } in due {
        let zone: Tz = time_zone.parse().unwrap_or(Tz::UTC);
        noted += store::add_invoice(conn, (practice_id, client_id), id, retry::first(due_on, zone), now).await?;
    }
    Ok(noted)
}

/// Takes up again what was let go for a reason that is none any more; how many. What is paid by now is let go again when its
/// time comes.
///
/// # Errors
/// When the store is away.
pub async fn take_up_again(conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> Result<usize> {
    #[derive(QueryableByName)]
    struct Dropped {
        #[diesel(sql_type = sql::Uuid)]
        id: PlannedPaymentId,
        #[diesel(sql_type = sql::Text)]
        time_zone: String,
        #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
        first_try_at: Option<DateTime<Utc>>,
        #[diesel(sql_type = sql::BigInt)]
        failures: i64,
    }
    let dropped: Vec<Dropped> = db::statement(
        "SELECT w.id, p.time_zone, w.first_try_at,
            (SELECT count(*) FROM planned_payment_tries y WHERE y.planned_id = w.id) AS failures
        FROM planned_payments w JOIN practices p ON p.id = w.practice_id
        JOIN LATERAL (SELECT is_on FROM autopay_choices WHERE client_id = w.client_id
            ORDER BY chosen_at DESC, id DESC LIMIT 1) c ON c.is_on
        WHERE w.state = 'dropped' AND w.invoice_id IS NOT NULL
            AND NOT EXISTS (SELECT FROM invoice_voids v WHERE v.invoice_id = w.invoice_id)
            AND (NOT (SELECT is_on FROM autopay_choices WHERE client_id = w.client_id AND chosen_at <= w.changed_at
                    ORDER BY chosen_at DESC, id DESC LIMIT 1)
                OR EXISTS (SELECT FROM payment_plans l WHERE l.client_id = w.client_id AND l.made_at <= w.changed_at
                    AND l.ended_at > w.changed_at))
        ORDER BY w.id LIMIT $1",
    )
    .bind::<sql::BigInt, _>(AT_ONCE)
    .load(conn)
    .await?;
    let mut taken_up = 0;
    for Dropped { id, time_zone, first_try_at, failures } in dropped {
        let zone: Tz = time_zone.parse().unwrap_or(Tz::UTC);
        // Not before the day on which it would have been tried anyhow.
        let failures = usize::try_from(failures).unwrap_or_default();
        let planned = first_try_at.and_then(|first| retry::next(first, failures, zone));
        let at = retry::next_hour(now, zone).max(planned.unwrap_or(now));
        taken_up += store::take_up_again(conn, id, at, now).await?;
    }
    Ok(taken_up)
}

/// What autopay is to take of an invoice that was noted: what is open of it, and from which method. None: the client has
/// turned it off since.
///
/// # Errors
/// When the store is away.
pub async fn still_wanted(
    conn: &mut AsyncPgConnection,
    access: &ClientBilling,
    invoice: InvoiceId,
) -> Result<Option<(Amount, String)>> {
    let choice = autopay::find(conn, access.client()).await?;
    let Some(method) = choice.filter(|choice| choice.is_on).and_then(|choice| choice.method) else { return Ok(None) };
    // A voided invoice has no charges any more, and so nothing open.
    Ok(Some((account::of(conn, access.client()).await?.open_of_invoice(invoice), method)))
}
