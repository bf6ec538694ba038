//! Appointments that took place and cost nothing: they wait for no charge. A mark can be taken back.

use super::{
    access::{ClientBilling, StaffBilling},
    ledger, to_charge,
};
use crate::{
    db,
    error::{Error, Result},
    ids::{AppointmentId, UserId},
};
use chrono::{DateTime, Utc};
use diesel::{OptionalExtension, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// An appointment that is marked.
#[derive(Clone, Debug, QueryableByName)]
pub struct Free {
    #[diesel(sql_type = sql::Uuid)]
    pub appointment: AppointmentId,
    #[diesel(sql_type = sql::Uuid)]
    pub client: UserId,
    #[diesel(sql_type = sql::Uuid)]
    pub clinician: UserId,
    #[diesel(sql_type = sql::Timestamptz)]
    pub starts_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Uuid)]
    pub marked_by: UserId,
    #[diesel(sql_type = sql::Timestamptz)]
    pub marked_at: DateTime<Utc>,
}

/// Marks an appointment; false where it is marked already. The row of the audit log is the caller's.
///
/// # Errors
/// `Conflict` for one that did not take place, or is charged; `NotFound` for one of another client.
pub async fn mark(
    conn: &mut AsyncPgConnection,
    access: &ClientBilling,
    appointment: AppointmentId,
    now: DateTime<Utc>,
) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Text)]
        state: String,
    }
    access.require_staff()?;
    // The same lock under which it is charged.
    ledger::lock(conn, access.practice(), access.client()).await?;
    let row: Option<Row> = db::statement("SELECT state FROM appointments WHERE id = $1 AND client_id = $2")
        .bind::<sql::Uuid, _>(appointment)
        .bind::<sql::Uuid, _>(access.client())
        .get_result(conn)
        .await
        .optional()?;
    if row.ok_or(Error::NotFound)?.state != "completed" {
        return Err(Error::conflict("This appointment did not take place: there is nothing to charge."));
    }
    if to_charge::is_charged(conn, appointment).await? {
        return Err(Error::conflict("This appointment is charged: void the charge first."));
    }
    let marked = db::statement(
        "INSERT INTO free_appointments (appointment_id, practice_id, client_id, marked_by, marked_at)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
    )
    .bind::<sql::Uuid, _>(appointment)
    .bind::<sql::Uuid, _>(access.practice())
    .bind::<sql::Uuid, _>(access.client())
    .bind::<sql::Uuid, _>(access.viewer().user)
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(marked == 1)
}

/// Takes a mark back: the appointment waits to be charged again.
///
/// # Errors
/// `NotFound` where there is none.
pub async fn unmark(conn: &mut AsyncPgConnection, access: &ClientBilling, appointment: AppointmentId) -> Result<()> {
    access.require_staff()?;
    ledger::lock(conn, access.practice(), access.client()).await?;
    let gone = db::statement("DELETE FROM free_appointments WHERE appointment_id = $1 AND client_id = $2")
        .bind::<sql::Uuid, _>(appointment)
        .bind::<sql::Uuid, _>(access.client())
        .execute(conn)
        .await?;
    if gone == 1 { Ok(()) } else { Err(Error::NotFound) }
}

/// Whether an appointment is marked.
pub async fn is_free(conn: &mut AsyncPgConnection, appointment: AppointmentId) -> Result<bool> {
    let found = db::statement("SELECT FROM free_appointments WHERE appointment_id = $1")
        .bind::<sql::Uuid, _>(appointment)
        .execute(conn)
        .await?;
    Ok(found > 0)
}

/// Those of a practice, marked last first.
pub async fn list(conn: &mut AsyncPgConnection, access: &StaffBilling, limit: i64) -> Result<Vec<Free>> {
    let rows = db::statement(
        "SELECT f.appointment_id AS appointment, f.client_id AS client, a.clinician_id AS clinician,
            lower(a.during) AS starts_at, f.marked_by, f.marked_at
        FROM free_appointments f JOIN appointments a ON a.id = f.appointment_id
        WHERE f.practice_id = $1 ORDER BY f.marked_at DESC, f.appointment_id LIMIT $2",
    )
    .bind::<sql::Uuid, _>(access.practice())
    .bind::<sql::BigInt, _>(limit)
    .load(conn)
    .await?;
    Ok(rows)
}
