//! One try of a planned payment. What is still to be taken is decided, and what is to be paid written down for Stripe, in
//! one transaction, under the lock of the client's account; what came of it is written down in another. Whoever dies
//! between them leaves a try that the next look goes on with: its id names what Stripe was asked for.

use super::due;
use crate::{
    audit::{self, Actor},
    billing::{
        access::ClientBilling,
        autopay::retry,
        ledger,
        money::Amount,
        plans,
        stripe::{
            attempts::{self, Purpose, State as Payment},
            pay::{self, Unattended},
        },
    },
    db,
    error::{Error, Result},
    ids::{InvoiceId, PlannedPaymentId, PlannedTryId, PracticeId, UserId},
    notices::{self, Kind, Notice},
};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::json;

/// A payment whose outcome is not known yet is looked at again after this.
const LOOK_AGAIN: TimeDelta = TimeDelta::minutes(1);

/// A try that is under way.
#[derive(Clone, Debug, QueryableByName)]
pub struct Try {
    #[diesel(sql_type = sql::Uuid)]
    pub id: PlannedTryId,
    #[diesel(sql_type = sql::Uuid)]
    planned_id: PlannedPaymentId,
    #[diesel(sql_type = sql::Uuid)]
    practice_id: PracticeId,
    #[diesel(sql_type = sql::Uuid)]
    client_id: UserId,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    invoice_id: Option<InvoiceId>,
    #[diesel(sql_type = sql::SmallInt)]
    number: i16,
}

impl Try {
    fn purpose(&self) -> Purpose {
        match self.invoice_id {
            Some(_) => Purpose::Autopay(self.id.0),
            None => Purpose::Plan(self.id.0),
        }
    }
}

/// What a look came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Came {
    /// It is to be taken now.
    Begun,
    Paid,
    Refused,
    /// There is nothing left to take.
    Dropped,
    /// It is not known yet, or something else is being paid.
    Open,
}

#[derive(QueryableByName)]
struct Due {
    #[diesel(sql_type = sql::Uuid)]
    practice_id: PracticeId,
    #[diesel(sql_type = sql::Uuid)]
    client_id: UserId,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    invoice_id: Option<InvoiceId>,
    #[diesel(sql_type = sql::Bool)]
    is_tried: bool,
    /// Of a part of a plan.
    #[diesel(sql_type = sql::Nullable<sql::BigInt>)]
    part_amount: Option<i64>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    plan_method: Option<String>,
}

/// The planned payments whose time has come, the longest due first.
pub async fn due(conn: &mut AsyncPgConnection, now: DateTime<Utc>, most: i64) -> QueryResult<Vec<PlannedPaymentId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: PlannedPaymentId,
    }
    let rows: Vec<Row> = db::statement(
        "SELECT id FROM planned_payments WHERE state IN ('waiting', 'trying') AND try_at <= $1 ORDER BY try_at, id LIMIT $2",
    )
    .bind::<sql::Timestamptz, _>(now)
    .bind::<sql::BigInt, _>(most)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Goes on with a planned payment: begins a try, or writes down what came of the one under way. None: another hub is at
/// it, or was.
///
/// # Errors
/// When the store is away.
pub async fn go_on(conn: &mut AsyncPgConnection, id: PlannedPaymentId, now: DateTime<Utc>) -> Result<Option<Came>> {
    conn.transaction(async |conn| {
        let due = db::statement(
            "SELECT w.practice_id, w.client_id, w.invoice_id, w.state = 'trying' AS is_tried, t.amount AS part_amount,
                p.method AS plan_method
            FROM planned_payments w LEFT JOIN payment_plan_parts t ON t.id = w.part_id
            LEFT JOIN payment_plans p ON p.id = t.plan_id
            WHERE w.id = $1 AND w.state IN ('waiting', 'trying') AND w.try_at <= $2 FOR UPDATE OF w SKIP LOCKED",
        )
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Timestamptz, _>(now);
        let due: Option<Due> = due.get_result(conn).await.optional()?;
        let Some(due) = due else { return Ok(None) };
        let came = if due.is_tried { end(conn, id, now).await? } else { begin(conn, id, &due, now).await? };
        Ok::<_, Error>(Some(came))
    })
    .await
}

/// What is to be taken.
enum ToTake<'a> {
    Now(Amount, std::borrow::Cow<'a, str>),
    /// Something else is being paid.
    Later,
    Nothing,
}

async fn begin(conn: &mut AsyncPgConnection, id: PlannedPaymentId, due: &Due, now: DateTime<Utc>) -> Result<Came> {
    let access = ClientBilling::of_hub(due.practice_id, due.client_id);
    let (amount, method) = match to_take(conn, &access, due).await? {
        ToTake::Now(amount, method) => (amount, method),
        ToTake::Later => return look_again(conn, id, now).await,
        ToTake::Nothing => {
            set(conn, id, "dropped", now, now).await?;
            return Ok(Came::Dropped);
        }
    };
    db::statement(
        "INSERT INTO planned_payment_tries (id, planned_id, number, amount, method, began_at)
        SELECT $1, $2, count(*) + 1, $3, $4, $5 FROM planned_payment_tries WHERE planned_id = $2",
    )
    .bind::<sql::Uuid, _>(PlannedTryId::new())
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::BigInt, _>(amount.0)
    .bind::<sql::Text, _>(&*method)
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await?;
    db::statement("UPDATE planned_payments SET first_try_at = COALESCE(first_try_at, $2) WHERE id = $1")
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Timestamptz, _>(now)
        .execute(conn)
        .await?;
    // As soon as the charge may be through.
    set(conn, id, "trying", now, now).await?;
    let one = under_way(conn, id).await?;
    let wanted = Unattended { purpose: one.purpose(), method: Some(&method), invoice: due.invoice_id };
    pay::off_session(conn, &access, amount, wanted, now).await?;
    Ok(Came::Begun)
}

async fn to_take<'a>(conn: &mut AsyncPgConnection, access: &ClientBilling, due: &'a Due) -> Result<ToTake<'a>> {
    ledger::lock(conn, access.practice(), access.client()).await?;
    let ledger::Balance { amount: owed, currency } = ledger::balance(conn, access.client()).await?;
    let (wanted, method) = match (due.invoice_id, due.part_amount) {
        (Some(invoice), _) => {
            let Some((open, method)) = due::still_wanted(conn, access, invoice).await? else {
                return Ok(ToTake::Nothing);
            };
            let covered = plans::store::covered(conn, access.client()).await?;
            (open.min(owed - covered), method.into())
        }
        (None, Some(part)) => (Amount(part).min(owed), due.plan_method.as_deref().unwrap_or_default().into()),
        (None, None) => return Ok(ToTake::Nothing),
    };
    // Less than that no card is charged: it stays owed.
    if wanted < currency.least_by_card() {
        return Ok(ToTake::Nothing);
    }
    let left = owed - attempts::under_way(conn, access.client()).await?;
    Ok(if wanted > left { ToTake::Later } else { ToTake::Now(wanted.min(Amount::MOST), method) })
}

async fn under_way(conn: &mut AsyncPgConnection, id: PlannedPaymentId) -> QueryResult<Try> {
    db::statement(
        "SELECT y.id, y.planned_id, w.practice_id, w.client_id, w.invoice_id, y.number
        FROM planned_payment_tries y JOIN planned_payments w ON w.id = y.planned_id
        WHERE y.planned_id = $1 AND y.ended_at IS NULL",
    )
    .bind::<sql::Uuid, _>(id)
    .get_result(conn)
    .await
}

async fn set(
    conn: &mut AsyncPgConnection,
    id: PlannedPaymentId,
    state: &str,
    try_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    db::statement("UPDATE planned_payments SET state = $2, try_at = $3, changed_at = $4 WHERE id = $1")
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Text, _>(state)
        .bind::<sql::Timestamptz, _>(try_at)
        .bind::<sql::Timestamptz, _>(now)
        .execute(conn)
        .await
}

/// Looks again in a while; nothing has changed.
async fn look_again(conn: &mut AsyncPgConnection, id: PlannedPaymentId, now: DateTime<Utc>) -> Result<Came> {
    db::statement("UPDATE planned_payments SET try_at = $2 WHERE id = $1")
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Timestamptz, _>(now + LOOK_AGAIN)
        .execute(conn)
        .await?;
    Ok(Came::Open)
}

/// Writes down what came of the try under way. A client is told of what was refused; of what was paid the ledger tells.
async fn end(conn: &mut AsyncPgConnection, id: PlannedPaymentId, now: DateTime<Utc>) -> Result<Came> {
    let one = under_way(conn, id).await?;
    let payment = attempts::newest_for(conn, one.purpose()).await?;
    let (came, outcome) = match payment.map(|payment| payment.state) {
        Some(Payment::Succeeded) => (Came::Paid, "paid"),
        Some(Payment::Failed | Payment::Cancelled) => (Came::Refused, "refused"),
        _ => return look_again(conn, id, now).await,
    };
    db::statement("UPDATE planned_payment_tries SET ended_at = $2, outcome = $3 WHERE id = $1")
        .bind::<sql::Uuid, _>(one.id)
        .bind::<sql::Timestamptz, _>(now)
        .bind::<sql::Text, _>(outcome)
        .execute(conn)
        .await?;
    match came {
        Came::Paid => set(conn, id, "paid", now, now).await.map(|_| ())?,
        _ => refused(conn, &one, now).await?,
    }
    let hub = Actor::hub();
    let event = ClientBilling::of_hub(one.practice_id, one.client_id).event(&hub, "plannedPayment.tried");
    let detail = json!({"try": one.number, "outcome": outcome});
    audit::record(conn, event.on("plannedPayment", id).with(detail)).await?;
    Ok(came)
}

async fn refused(conn: &mut AsyncPgConnection, one: &Try, now: DateTime<Utc>) -> Result<()> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Timestamptz)]
        first_try_at: DateTime<Utc>,
        #[diesel(sql_type = sql::Text)]
        time_zone: String,
        #[diesel(sql_type = sql::Bool)]
        is_wanted: bool,
    }
    // A plan that was cancelled while a part of it was being taken is not gone on with.
    let row: Row = db::statement(
        "SELECT COALESCE(w.first_try_at, w.try_at) AS first_try_at, p.time_zone, NOT EXISTS (
            SELECT FROM payment_plan_parts t JOIN payment_plans l ON l.id = t.plan_id
            WHERE t.id = w.part_id AND l.ended_at IS NOT NULL) AS is_wanted
        FROM planned_payments w JOIN practices p ON p.id = w.practice_id WHERE w.id = $1",
    )
    .bind::<sql::Uuid, _>(one.planned_id)
    .get_result(conn)
    .await?;
    let zone: Tz = row.time_zone.parse().unwrap_or(Tz::UTC);
    let failures = usize::try_from(one.number).unwrap_or_default();
    match retry::next(row.first_try_at, failures, zone).filter(|_| row.is_wanted) {
        // Of what was taken up again late, the day has gone by.
        Some(next) => set(conn, one.planned_id, "waiting", next.max(retry::next_hour(now, zone)), now).await?,
        None => set(conn, one.planned_id, "failed", now, now).await?,
    };
    let notice = Notice::new(one.client_id, Kind::AutopayFailed, Some(one.planned_id.0));
    notices::tell(conn, &notice.once(one.number.into())).await?;
    Ok(())
}
