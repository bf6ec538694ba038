//! What is to be taken, as rows.

use crate::{
    billing::{account, ledger},
    db,
    error::Result,
    ids::{InvoiceId, PaymentPlanId, PlanPartId, PlannedPaymentId, PracticeId, UserId},
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// How it stands with a planned payment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = PlannedPaymentState)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// Its day has not come, or it is tried again.
    Waiting,
    /// It is being taken.
    Trying,
    Paid,
    /// Given up.
    Failed,
    /// There was nothing left to pay, or the client took it back.
    Dropped,
}

impl State {
    /// Reads what is stored.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "waiting" => Self::Waiting,
            "trying" => Self::Trying,
            "paid" => Self::Paid,
            "failed" => Self::Failed,
            "dropped" => Self::Dropped,
            _ => return None,
        })
    }
}

/// How it stands, for whoever looks at it.
#[derive(Clone, Copy, Debug)]
pub struct Planned {
    pub id: PlannedPaymentId,
    pub state: State,
    /// Of one that waits: when it is tried next.
    pub try_at: DateTime<Utc>,
    pub failures: i64,
}

/// A part of a plan is to be taken then.
pub async fn add_part(
    conn: &mut AsyncPgConnection,
    whose: (PracticeId, UserId),
    part: PlanPartId,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    add(conn, whose, (Some(part.0), None), at, now).await
}

/// An invoice is to be taken then; it is noted once.
pub async fn add_invoice(
    conn: &mut AsyncPgConnection,
    whose: (PracticeId, UserId),
    invoice: InvoiceId,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    add(conn, whose, (None, Some(invoice.0)), at, now).await
}

async fn add(
    conn: &mut AsyncPgConnection,
    (practice, client): (PracticeId, UserId),
    (part, invoice): (Option<Uuid>, Option<Uuid>),
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    db::statement(
        "INSERT INTO planned_payments (id, practice_id, client_id, part_id, invoice_id, state, try_at, changed_at)
        VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $7) ON CONFLICT DO NOTHING",
    )
    .bind::<sql::Uuid, _>(PlannedPaymentId::new())
    .bind::<sql::Uuid, _>(practice)
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::Nullable<sql::Uuid>, _>(part)
    .bind::<sql::Nullable<sql::Uuid>, _>(invoice)
    .bind::<sql::Timestamptz, _>(at)
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await
}

/// What was let go is to be taken then after all.
pub async fn take_up_again(
    conn: &mut AsyncPgConnection,
    id: PlannedPaymentId,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    db::statement(
        "UPDATE planned_payments SET state = 'waiting', try_at = $2, changed_at = $3 WHERE id = $1 AND state = 'dropped'",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Timestamptz, _>(at)
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await
}

/// Nothing more is taken for this plan. What is being taken goes through.
pub async fn drop_parts(conn: &mut AsyncPgConnection, plan: PaymentPlanId, now: DateTime<Utc>) -> QueryResult<usize> {
    db::statement(
        "UPDATE planned_payments SET state = 'dropped', changed_at = $2 WHERE state = 'waiting'
        AND part_id IN (SELECT id FROM payment_plan_parts WHERE plan_id = $1)",
    )
    .bind::<sql::Uuid, _>(plan)
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await
}

/// Nothing more is taken by autopay.
pub async fn drop_invoices(conn: &mut AsyncPgConnection, client: UserId, now: DateTime<Utc>) -> QueryResult<usize> {
    db::statement(
        "UPDATE planned_payments SET state = 'dropped', changed_at = $2
        WHERE state = 'waiting' AND client_id = $1 AND invoice_id IS NOT NULL",
    )
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await
}

/// Whether something of this client failed, and is not made good since.
pub async fn is_failing(conn: &mut AsyncPgConnection, client: UserId) -> Result<bool> {
    let found = db::statement(
        "SELECT FROM planned_payments w WHERE w.client_id = $1 AND w.state IN ('failed', 'waiting')
            AND EXISTS (SELECT FROM planned_payment_tries y WHERE y.planned_id = w.id AND y.outcome = 'refused')
            AND w.changed_at > COALESCE((SELECT max(p.recorded_at) FROM payments p WHERE p.client_id = $1), '-infinity')
        LIMIT 1",
    )
    .bind::<sql::Uuid, _>(client)
    .execute(conn)
    .await?;
    Ok(found > 0 && ledger::balance(conn, client).await?.amount.is_positive())
}

/// A payment that could not be taken, for staff.
#[derive(Clone, Debug, QueryableByName)]
pub struct Failing {
    #[diesel(sql_type = sql::Uuid)]
    pub id: PlannedPaymentId,
    #[diesel(sql_type = sql::Uuid)]
    pub client: UserId,
    #[diesel(sql_type = sql::Text)]
    pub client_name: String,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    pub invoice: Option<InvoiceId>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    pub plan: Option<PaymentPlanId>,
    /// Of the last try, in minor units.
    #[diesel(sql_type = sql::BigInt)]
    pub amount: i64,
    #[diesel(sql_type = sql::BigInt)]
    pub failures: i64,
    #[diesel(sql_type = sql::Timestamptz)]
    pub last_tried_at: DateTime<Utc>,
    /// None: given up.
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    pub tried_again_at: Option<DateTime<Utc>>,
}

/// What failed, and is not made good since, in a practice: the newest first. What a client has paid by other means in the
/// meantime is not among it: no invoice of which nothing is open, and nobody who owes nothing.
pub async fn failing(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    limit: i64,
    mut before: Option<Uuid>,
) -> Result<Vec<Failing>> {
    let mut found = Vec::new();
    loop {
        let some = failed(conn, practice, limit, before).await?;
        let Some(last) = some.last() else { return Ok(found) };
        before = Some(last.id.0);
        let is_last = (some.len() as i64) < limit;
        let clients: Vec<UserId> = some.iter().map(|one| one.client).collect();
        let accounts = account::of_all(conn, &clients).await?;
        let is_open = |one: &Failing| match (one.invoice, accounts.get(&one.client)) {
            (Some(invoice), Some(account)) => account.open_of_invoice(invoice).is_positive(),
            (Some(_), None) => false,
            (None, _) => true,
        };
        found.extend(some.into_iter().filter(is_open));
        if is_last || found.len() as i64 >= limit {
            found.truncate(limit as usize);
            return Ok(found);
        }
    }
}

async fn failed(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    limit: i64,
    before: Option<Uuid>,
) -> Result<Vec<Failing>> {
    let found = db::statement(
        "SELECT w.id, w.client_id AS client, u.name AS client_name, w.invoice_id AS invoice, t.plan_id AS plan,
            y.amount, y.failures, y.last_tried_at, CASE WHEN w.state = 'waiting' THEN w.try_at END AS tried_again_at
        FROM planned_payments w JOIN users u ON u.id = w.client_id
        LEFT JOIN payment_plan_parts t ON t.id = w.part_id
        CROSS JOIN LATERAL (SELECT count(*) AS failures, max(y.ended_at) AS last_tried_at,
            (array_agg(y.amount ORDER BY y.number DESC))[1] AS amount
            FROM planned_payment_tries y WHERE y.planned_id = w.id AND y.outcome = 'refused') y
        WHERE w.practice_id = $1 AND w.state IN ('failed', 'waiting') AND y.failures > 0 AND ($3 IS NULL OR w.id < $3)
            AND (SELECT COALESCE(sum(p.amount), 0) FROM ledger_postings p
                JOIN ledger_transactions l ON l.id = p.transaction_id
                WHERE l.client_id = w.client_id AND p.account = 'receivable') > 0
        ORDER BY w.id DESC LIMIT $2",
    )
    .bind::<sql::Uuid, _>(practice)
    .bind::<sql::BigInt, _>(limit)
    .bind::<sql::Nullable<sql::Uuid>, _>(before)
    .load(conn)
    .await?;
    Ok(found)
}
