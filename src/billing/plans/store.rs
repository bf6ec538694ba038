//! Plans as rows. A plan and what is to be taken for it are written together, and parts are never changed: what was agreed
//! to stays.

use super::schedule::{self, FIRST_WITHIN_DAYS, LEAST_PART, PARTS, Part, Refusal, Rhythm};
use crate::{
    billing::{
        access::ClientBilling,
        autopay::retry,
        ledger,
        money::{Amount, Currency},
        planned::{self, Planned},
        words::{self, Sealed},
    },
    crypto::{Keyring, Place, WrappedKey},
    db,
    error::{Error, Result},
    ids::{DataKeyId, PaymentPlanId, PlanPartId, PlannedPaymentId, UserId},
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Plans of one client that are shown.
const MOST: i64 = 50;

/// What a client asks for.
#[derive(Clone, Debug)]
pub struct Wish {
    pub parts: u16,
    pub rhythm: Rhythm,
    pub first_due_on: NaiveDate,
}

/// What a client agreed to.
#[derive(Clone, Debug)]
pub struct Agreed {
    pub id: PaymentPlanId,
    pub wish: Wish,
    /// What the client was shown.
    pub total: Amount,
    pub method: String,
    pub method_name: String,
    pub consent: String,
}

/// Why a plan runs no more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    /// Every part was taken, was not needed, or was given up.
    Over,
    Cancelled,
}

/// A plan.
#[derive(Clone)]
pub struct Plan {
    pub id: PaymentPlanId,
    pub currency: Currency,
    pub total: Amount,
    pub rhythm: Rhythm,
    pub method_name: String,
    pub consent: String,
    pub made_at: DateTime<Utc>,
    pub ended: Option<(Ended, DateTime<Utc>)>,
    /// Why the practice ended it, sealed; None: it did not.
    pub reason: Option<(WrappedKey, Vec<u8>)>,
    pub parts: Vec<(Part, Planned)>,
}

/// What would be due when, for what this client owes now.
///
/// # Errors
/// `Invalid` where that cannot be, `Conflict` where nothing is owed or a plan runs already.
pub async fn propose(
    conn: &mut AsyncPgConnection,
    client: UserId,
    wish: &Wish,
    zone: Tz,
    now: DateTime<Utc>,
) -> Result<(Amount, Vec<Part>)> {
    let today = now.with_timezone(&zone).date_naive();
    let latest = today + Days::new(FIRST_WITHIN_DAYS);
    if wish.first_due_on <= today || wish.first_due_on > latest {
        return Err(Error::field("/firstDueOn", format!("Choose a day from tomorrow to {latest}.")));
    }
    if running(conn, client).await?.is_some() {
        return Err(Error::conflict("A payment plan is running already. Cancel it before you make another."));
    }
    let ledger::Balance { amount: balance, currency } = ledger::balance(conn, client).await?;
    if !balance.is_positive() {
        return Err(Error::conflict("Nothing is owed, so there is nothing to plan."));
    }
    let parts = schedule::schedule(balance, wish.parts, wish.first_due_on, wish.rhythm);
    let parts = parts.map_err(|why| refused(why, currency))?;
    Ok((balance, parts))
}

fn refused(why: Refusal, currency: Currency) -> Error {
    match why {
        Refusal::Count => Error::field("/parts", format!("Between {} and {} parts.", PARTS.start(), PARTS.end())),
        Refusal::TooSmall => {
            let least = currency.format(Amount(LEAST_PART));
            Error::field("/parts", format!("Fewer parts: each has to be at least {least}."))
        }
        Refusal::TooLarge => Error::field("/parts", "More parts: each is larger than one payment may be."),
        Refusal::TooFar => Error::field("/firstDueOn", "Choose a day that is nearer."),
    }
}

/// The plan of this client that runs.
pub async fn running(conn: &mut AsyncPgConnection, client: UserId) -> QueryResult<Option<PaymentPlanId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: PaymentPlanId,
    }
    let row: Option<Row> = db::statement("SELECT id FROM payment_plans WHERE client_id = $1 AND ended_at IS NULL")
        .bind::<sql::Uuid, _>(client)
        .get_result(conn)
        .await
        .optional()?;
    Ok(row.map(|row| row.id))
}

/// Whether a running plan of this client takes from this method.
pub async fn uses(conn: &mut AsyncPgConnection, client: UserId, method: &str) -> QueryResult<bool> {
    let found = db::statement("SELECT FROM payment_plans WHERE client_id = $1 AND method = $2 AND ended_at IS NULL")
        .bind::<sql::Uuid, _>(client)
        .bind::<sql::Text, _>(method)
        .execute(conn)
        .await?;
    Ok(found > 0)
}

/// What the running plan of this client will still take: autopay leaves that alone.
pub async fn covered(conn: &mut AsyncPgConnection, client: UserId) -> QueryResult<Amount> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::BigInt)]
        covered: i64,
    }
    let row: Row = db::statement(
        "SELECT COALESCE(sum(t.amount), 0)::bigint AS covered FROM payment_plans p
        JOIN payment_plan_parts t ON t.plan_id = p.id JOIN planned_payments w ON w.part_id = t.id
        WHERE p.client_id = $1 AND p.ended_at IS NULL AND w.state IN ('waiting', 'trying')",
    )
    .bind::<sql::Uuid, _>(client)
    .get_result(conn)
    .await?;
    Ok(Amount(row.covered))
}

/// Begins a plan, with the client's account locked; whether it was there already.
///
/// # Errors
/// As [`propose`]; `Conflict` where what is owed is no longer what was shown.
pub async fn begin(
    conn: &mut AsyncPgConnection,
    access: &ClientBilling,
    agreed: &Agreed,
    (currency, zone): (Currency, Tz),
    now: DateTime<Utc>,
) -> Result<bool> {
    let (practice, client) = (access.practice(), access.client());
    if is_begun(conn, client, agreed).await? {
        return Ok(true);
    }
    let (total, parts) = propose(conn, client, &agreed.wish, zone, now).await?;
    if total != agreed.total {
        return Err(Error::conflict("What is owed has changed meanwhile: look at the schedule again."));
    }
    db::statement(
        "INSERT INTO payment_plans (id, practice_id, client_id, currency, total, rhythm, time_zone, method, method_name,
            consent, made_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind::<sql::Uuid, _>(agreed.id)
    .bind::<sql::Uuid, _>(practice)
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::Text, _>(currency.as_str())
    .bind::<sql::BigInt, _>(total.0)
    .bind::<sql::Text, _>(agreed.wish.rhythm.as_str())
    .bind::<sql::Text, _>(zone.name())
    .bind::<sql::Text, _>(&agreed.method)
    .bind::<sql::Text, _>(&agreed.method_name)
    .bind::<sql::Text, _>(&agreed.consent)
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await?;
    for part in &parts {
        let id = PlanPartId::new();
        db::statement(
            "INSERT INTO payment_plan_parts (id, plan_id, number, due_on, amount) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Uuid, _>(agreed.id)
        .bind::<sql::SmallInt, _>(i16::try_from(part.number).unwrap_or(i16::MAX))
        .bind::<sql::Date, _>(part.due_on)
        .bind::<sql::BigInt, _>(part.amount.0)
        .execute(conn)
        .await?;
        planned::add_part(conn, (practice, client), id, retry::first(part.due_on, zone), now).await?;
    }
    Ok(false)
}

async fn exists(conn: &mut AsyncPgConnection, client: UserId, id: PaymentPlanId) -> Result<bool> {
    let found = db::statement("SELECT FROM payment_plans WHERE id = $1 AND client_id = $2")
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Uuid, _>(client)
        .execute(conn)
        .await?;
    Ok(found > 0)
}

/// Whether exactly this was begun under its id.
async fn is_begun(conn: &mut AsyncPgConnection, client: UserId, agreed: &Agreed) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Known {
        #[diesel(sql_type = sql::Bool)]
        same: bool,
    }
    let known: Option<Known> = db::statement(
        "SELECT p.client_id = $2 AND p.total = $3 AND p.rhythm = $4 AND p.method = $5 AND p.consent = $6
            AND count(t.id) = $7 AND min(t.due_on) = $8 AS same
        FROM payment_plans p JOIN payment_plan_parts t ON t.plan_id = p.id WHERE p.id = $1 GROUP BY p.id",
    )
    .bind::<sql::Uuid, _>(agreed.id)
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::BigInt, _>(agreed.total.0)
    .bind::<sql::Text, _>(agreed.wish.rhythm.as_str())
    .bind::<sql::Text, _>(&agreed.method)
    .bind::<sql::Text, _>(&agreed.consent)
    .bind::<sql::BigInt, _>(i64::from(agreed.wish.parts))
    .bind::<sql::Date, _>(agreed.wish.first_due_on)
    .get_result(conn)
    .await
    .optional()?;
    match known {
        Some(Known { same: false }) => {
            Err(Error::conflict("This id is that of another payment plan. Send yours under a new one."))
        }
        known => Ok(known.is_some()),
    }
}

/// Why the practice ended a plan, as a text to store.
///
/// # Errors
/// `Invalid` where there is none, or too much of one.
pub async fn reason(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &ClientBilling,
    id: PaymentPlanId,
    given: &str,
) -> Result<Sealed> {
    words::seal(conn, keyring, access.client(), Place::PlanEnd { id }, words::reason(given)?).await
}

impl Plan {
    /// Why the practice ended it; None where it did not, and where the client was erased.
    pub fn read_reason(&self, keyring: &Keyring) -> Result<Option<String>> {
        match &self.reason {
            Some((key, sealed)) => words::open(keyring, key, Place::PlanEnd { id: self.id }, sealed),
            None => Ok(None),
        }
    }
}

/// Ends a plan that runs: nothing more is taken for it. What is being taken at this moment goes through. Where the
/// practice ends it, there is a reason.
///
/// # Errors
/// `NotFound` for a plan that is not this client's; `Conflict` where it runs no more.
pub async fn cancel(
    conn: &mut AsyncPgConnection,
    access: &ClientBilling,
    id: PaymentPlanId,
    reason: Option<Sealed>,
    now: DateTime<Utc>,
) -> Result<()> {
    if !exists(conn, access.client(), id).await? {
        return Err(Error::NotFound);
    }
    let ended = db::statement(
        "UPDATE payment_plans SET ended_at = $3, ended_because = 'cancelled', ended_by = $4, key_id = $5,
            reason_sealed = $6
        WHERE id = $1 AND client_id = $2 AND ended_at IS NULL",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Uuid, _>(access.client())
    .bind::<sql::Timestamptz, _>(now)
    .bind::<sql::Uuid, _>(access.viewer().user)
    .bind::<sql::Nullable<sql::Uuid>, _>(reason.as_ref().map(|reason| reason.key))
    .bind::<sql::Nullable<sql::Bytea>, _>(reason.map(|reason| reason.bytes))
    .execute(conn)
    .await?;
    if ended == 0 {
        return Err(Error::conflict("This plan is over already."));
    }
    planned::drop_parts(conn, id, now).await?;
    Ok(())
}

/// Ends the plans of which no part is left.
pub async fn end_those_over(conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> QueryResult<usize> {
    db::statement(
        "UPDATE payment_plans p SET ended_at = $1, ended_because = 'over' WHERE p.ended_at IS NULL AND NOT EXISTS (
            SELECT FROM payment_plan_parts t JOIN planned_payments w ON w.part_id = t.id
            WHERE t.plan_id = p.id AND w.state IN ('waiting', 'trying'))",
    )
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    id: PaymentPlanId,
    #[diesel(sql_type = sql::Text)]
    currency: String,
    #[diesel(sql_type = sql::BigInt)]
    total: i64,
    #[diesel(sql_type = sql::Text)]
    rhythm: String,
    #[diesel(sql_type = sql::Text)]
    method_name: String,
    #[diesel(sql_type = sql::Text)]
    consent: String,
    #[diesel(sql_type = sql::Timestamptz)]
    made_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    ended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    ended_because: Option<String>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    key_id: Option<DataKeyId>,
    #[diesel(sql_type = sql::Nullable<sql::Bytea>)]
    wrapped: Option<Vec<u8>>,
    #[diesel(sql_type = sql::Nullable<sql::Bytea>)]
    reason_sealed: Option<Vec<u8>>,
}

#[derive(QueryableByName)]
struct PartRow {
    #[diesel(sql_type = sql::Uuid)]
    plan_id: PaymentPlanId,
    #[diesel(sql_type = sql::SmallInt)]
    number: i16,
    #[diesel(sql_type = sql::Date)]
    due_on: NaiveDate,
    #[diesel(sql_type = sql::BigInt)]
    amount: i64,
    #[diesel(sql_type = sql::Uuid)]
    planned: PlannedPaymentId,
    #[diesel(sql_type = sql::Text)]
    state: String,
    #[diesel(sql_type = sql::Timestamptz)]
    try_at: DateTime<Utc>,
    #[diesel(sql_type = sql::BigInt)]
    failures: i64,
}

/// The plans of a client, newest first.
pub async fn list(conn: &mut AsyncPgConnection, client: UserId) -> Result<Vec<Plan>> {
    let rows: Vec<Row> = db::statement(
        "SELECT p.id, p.currency, p.total, p.rhythm, p.method_name, p.consent, p.made_at, p.ended_at, p.ended_because,
            p.key_id, k.wrapped, p.reason_sealed
        FROM payment_plans p LEFT JOIN data_keys k ON k.id = p.key_id
        WHERE p.client_id = $1 ORDER BY p.id DESC LIMIT $2",
    )
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::BigInt, _>(MOST)
    .load(conn)
    .await?;
    let parts: Vec<PartRow> = db::statement(
        "SELECT t.plan_id, t.number, t.due_on, t.amount, w.id AS planned, w.state, w.try_at,
            (SELECT count(*) FROM planned_payment_tries y WHERE y.planned_id = w.id AND y.outcome = 'refused') AS failures
        FROM payment_plan_parts t JOIN planned_payments w ON w.part_id = t.id
        WHERE t.plan_id = ANY($1) ORDER BY t.plan_id, t.number",
    )
    .bind::<sql::Array<sql::Uuid>, _>(rows.iter().map(|row| row.id).collect::<Vec<_>>())
    .load(conn)
    .await?;
    rows.into_iter().map(|row| read(row, &parts)).collect()
}

fn read(row: Row, parts: &[PartRow]) -> Result<Plan> {
    let unknown = |what: &'static str| Error::Internal(anyhow::anyhow!("an unknown {what} of a plan is stored"));
    let because =
        row.ended_because.as_deref().map(|why| if why == "cancelled" { Ended::Cancelled } else { Ended::Over });
    let key = row.key_id.zip(row.wrapped).map(|(id, wrapped)| WrappedKey { id, wrapped });
    let part = |one: &PartRow| {
        let number = u16::try_from(one.number).map_err(|_| unknown("number"))?;
        let state = planned::State::parse(&one.state).ok_or_else(|| unknown("state"))?;
        let planned = Planned { id: one.planned, state, try_at: one.try_at, failures: one.failures };
        Ok((Part { number, due_on: one.due_on, amount: Amount(one.amount) }, planned))
    };
    Ok(Plan {
        id: row.id,
        currency: row.currency.parse().map_err(|_| unknown("currency"))?,
        total: Amount(row.total),
        rhythm: Rhythm::parse(&row.rhythm).ok_or_else(|| unknown("rhythm"))?,
        method_name: row.method_name,
        consent: row.consent,
        made_at: row.made_at,
        ended: because.zip(row.ended_at),
        reason: key.zip(row.reason_sealed),
        parts: parts.iter().filter(|one| one.plan_id == row.id).map(part).collect::<Result<_>>()?,
    })
}
