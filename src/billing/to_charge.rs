//! What is still to be charged: appointments that took place and are not free, and late fees that clients agreed to. What
//! the fee schedule tells is charged at once, each thing once; the rest waits for somebody to decide. Of clients whose
//! record is erased nothing is charged any more.

use super::{
    access::StaffBilling,
    charges::{self, Kind, NewCharge},
    free, ledger,
    money::Amount,
    settings::{self, Fee},
    words::ChargeWords,
};
use crate::{
    audit::{self, Actor},
    crypto::Keyring,
    db,
    error::Result,
    ids::{AppointmentId, ChargeId, UserId},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::json;
use uuid::Uuid;

/// What is older is charged by hand, if at all.
const LOOKS_BACK: TimeDelta = TimeDelta::days(366);
/// How many are charged at once.
const MOST_AT_ONCE: i64 = 500;
/// How many charges of a client are looked through for diagnoses.
const EARLIER_CHARGES: i64 = 20;

/// Where a list goes on: after this.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    pub starts_at: DateTime<Utc>,
    /// The appointment, or the late fee.
    pub id: Uuid,
}

/// Something to charge.
#[derive(Clone)]
pub struct Due {
    pub client: UserId,
    pub clinician: UserId,
    pub appointment: AppointmentId,
    pub starts_at: DateTime<Utc>,
    pub minutes: i32,
    /// A late fee that was agreed to, and its amount and currency; None: the appointment itself.
    pub late_fee: Option<(Uuid, Amount, String)>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    client_id: UserId,
    #[diesel(sql_type = sql::Uuid)]
    clinician_id: UserId,
    #[diesel(sql_type = sql::Uuid)]
    appointment_id: AppointmentId,
    #[diesel(sql_type = sql::Timestamptz)]
    starts_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Integer)]
    minutes: i32,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    fee_id: Option<Uuid>,
    #[diesel(sql_type = sql::Nullable<sql::BigInt>)]
    fee_amount: Option<i64>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    fee_currency: Option<String>,
}

impl Due {
    pub fn place(&self) -> Place {
        let id = self.late_fee.as_ref().map_or(self.appointment.0, |(id, ..)| *id);
        Place { starts_at: self.starts_at, id }
    }
}

/// What waits to be charged after a place, oldest first.
pub async fn list(
    conn: &mut AsyncPgConnection,
    access: &StaffBilling,
    after: Option<Place>,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<Vec<Due>> {
    read(conn, access, Which { after, priced_by: None }, limit, now).await
}

/// Which of it.
struct Which<'a> {
    after: Option<Place>,
    /// What these settings tell the amount of; None: the rest, too.
    priced_by: Option<&'a settings::Settings>,
}

async fn read(
    conn: &mut AsyncPgConnection,
    access: &StaffBilling,
    which: Which<'_>,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<Vec<Due>> {
    let lengths: Option<Vec<i32>> =
        which.priced_by.map(|settings| settings.fees.iter().filter_map(|fee| fee.minutes).collect());
    let currency = which.priced_by.map(|settings| settings.currency.as_str());
    let rows: Vec<Row> = db::statement(
        "SELECT * FROM (
            SELECT a.client_id, a.clinician_id, a.id AS appointment_id, lower(a.during) AS starts_at,
                (extract(epoch FROM upper(a.during) - lower(a.during)) / 60)::integer AS minutes,
                NULL::uuid AS fee_id, NULL::bigint AS fee_amount, NULL::text AS fee_currency
            FROM appointments a WHERE a.practice_id = $1 AND a.state = 'completed' AND lower(a.during) > $2
                AND NOT EXISTS (SELECT FROM charges c WHERE c.appointment_id = a.id AND c.kind <> 'lateFee'
                    AND NOT EXISTS (SELECT FROM charge_voids v WHERE v.charge_id = c.id))
                AND NOT EXISTS (SELECT FROM free_appointments f WHERE f.appointment_id = a.id)
            UNION ALL
            SELECT a.client_id, a.clinician_id, a.id, lower(a.during),
                (extract(epoch FROM upper(a.during) - lower(a.during)) / 60)::integer, f.id, f.amount, f.currency
            FROM appointment_fees f JOIN appointments a ON a.id = f.appointment_id
            WHERE f.practice_id = $1 AND NOT EXISTS (SELECT FROM charges c WHERE c.fee_id = f.id)) d
        WHERE NOT EXISTS (SELECT FROM data_keys k WHERE k.owner_id = d.client_id AND k.erased_at IS NOT NULL)
            AND ($4 IS NULL OR (starts_at, COALESCE(fee_id, appointment_id)) > ($4, $5))
            AND ($6 IS NULL OR CASE WHEN fee_id IS NULL THEN minutes = ANY($6) ELSE fee_currency = $7 END)
        ORDER BY starts_at, COALESCE(fee_id, appointment_id) LIMIT $3",
    )
    .bind::<sql::Uuid, _>(access.practice())
    .bind::<sql::Timestamptz, _>(now - LOOKS_BACK)
    .bind::<sql::BigInt, _>(limit)
    .bind::<sql::Nullable<sql::Timestamptz>, _>(which.after.map(|place| place.starts_at))
    .bind::<sql::Nullable<sql::Uuid>, _>(which.after.map(|place| place.id))
    .bind::<sql::Nullable<sql::Array<sql::Integer>>, _>(lengths)
    .bind::<sql::Nullable<sql::Text>, _>(currency)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(Due::from).collect())
}

impl From<Row> for Due {
    fn from(row: Row) -> Self {
        let late_fee = row.fee_id.zip(row.fee_amount).zip(row.fee_currency);
        Self {
            client: row.client_id,
            clinician: row.clinician_id,
            appointment: row.appointment_id,
            starts_at: row.starts_at,
            minutes: row.minutes,
            late_fee: late_fee.map(|((id, amount), currency)| (id, Amount(amount), currency)),
        }
    }
}

/// The line of the fee schedule that an appointment of this length is charged by.
pub fn fee_for(fees: &[Fee], minutes: i32) -> Option<&Fee> {
    fees.iter().find(|fee| fee.minutes == Some(minutes))
}

/// Charges what the fee schedule tells what to ask for, and the late fees; each once, whoever does it at once. How many
/// charges that were. What cannot be charged keeps nothing else from it.
pub async fn from_completed_appointments(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &StaffBilling,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<usize> {
    let stored = settings::find(conn, access.practice()).await?.settings;
    let mut made = 0;
    let priced = Which { after: None, priced_by: Some(&stored) };
    for due in read(conn, access, priced, MOST_AT_ONCE, now).await? {
        match conn.transaction(async |conn| charge(conn, keyring, access, actor, &stored, &due, now).await).await {
            Ok(is_made) => made += usize::from(is_made),
            Err(error) => {
                tracing::error!(%error, appointment = %due.appointment, "an appointment could not be charged")
            }
        }
    }
    Ok(made)
}

async fn charge(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &StaffBilling,
    actor: &Actor,
    settings: &settings::Settings,
    due: &Due,
    now: DateTime<Utc>,
) -> Result<bool> {
    let account = access.account_of(due.client);
    let (kind, fee, unit_amount, code, description) = match &due.late_fee {
        Some((_, _, currency)) if currency != settings.currency.as_str() => return Ok(false),
        Some((id, amount, _)) => (Kind::LateFee, Some(*id), *amount, None, "Late cancellation or change".to_owned()),
        None => match fee_for(&settings.fees, due.minutes) {
            Some(fee) => (Kind::Service, None, fee.amount, Some(fee.code.clone()), fee.description.clone()),
            None => return Ok(false),
        },
    };
    ledger::lock(conn, access.practice(), due.client).await?;
    let is_done = is_charged(conn, due.appointment).await? || free::is_free(conn, due.appointment).await?;
    if kind == Kind::Service && is_done {
        return Ok(false);
    }
    let diagnoses = match kind {
        Kind::Service => earlier_diagnoses(conn, keyring, access, due).await?,
        _ => Vec::new(),
    };
    let new = NewCharge {
        id: ChargeId::new(),
        kind,
        clinician: Some(due.clinician),
        appointment: Some(due.appointment),
        fee,
        words: ChargeWords { code, description, diagnoses, ..ChargeWords::default() },
        units: 1,
        unit_amount,
        service_on: due.starts_at.with_timezone(&settings::zone(conn, access.practice()).await?).date_naive(),
        added_by: actor.user,
        now,
    };
    let (id, made) = charges::add(conn, keyring, &account, new).await?;
    if made {
        let event = account.event(actor, "charge.added").on("charge", id);
        audit::record(conn, event.with(json!({"kind": kind, "fromAppointment": true}))).await?;
    }
    Ok(made)
}

/// Whether an appointment has a charge that was not voided, beside late fees.
pub async fn is_charged(conn: &mut AsyncPgConnection, appointment: AppointmentId) -> Result<bool> {
    let found = db::statement(
        "SELECT FROM charges c WHERE c.appointment_id = $1 AND c.kind <> 'lateFee'
            AND NOT EXISTS (SELECT FROM charge_voids v WHERE v.charge_id = c.id) LIMIT 1",
    )
    .bind::<sql::Uuid, _>(appointment)
    .execute(conn)
    .await?;
    Ok(found > 0)
}

/// What the same clinician's last charge of this client was for.
async fn earlier_diagnoses(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &StaffBilling,
    due: &Due,
) -> Result<Vec<String>> {
    let earlier = charges::list(conn, keyring, &access.account_of(due.client), None, EARLIER_CHARGES).await?;
    let last = earlier.into_iter().find(|charge| {
        charge.kind == Kind::Service && charge.clinician == Some(due.clinician) && charge.voided_at.is_none()
    });
    Ok(last.and_then(|charge| charge.words).map(|words| words.diagnoses).unwrap_or_default())
}
