//! A series as a whole, or one of it with all that follow: cancelled, or moved by the same difference on the clocks of its
//! zone, so that what was at ten stays at the same hour whatever clocks do. All of it in one transaction: where a time is
//! taken nothing is changed, unless those that collide are to stay where they are; the answer names each of them.

use super::{
    Act,
    turn::{Turn, next},
};
use crate::{
    appointments::{
        access::{self, Appointment, AppointmentAccess},
        availability, book,
        state::{Mode, Step},
        tell,
    },
    db,
    emergency::rota::{Span, wall},
    error::{Error, Result},
    ids::{AppointmentId, SeriesId},
    notices::Kind,
};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// Which of a series, seen from one of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = SeriesScope)]
#[serde(rename_all = "camelCase")]
pub enum Scope {
    /// This one and all that come after it.
    Following,
    /// All that are ahead.
    All,
}

/// What a series is to be.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    pub scope: Scope,
    /// Of the one from which it is seen; the others move along.
    pub starts_at: DateTime<Utc>,
    /// None: as it is.
    pub mode: Option<Mode>,
    /// Those whose new time is taken stay where they are.
    pub leave_taken: bool,
}

/// What became of it.
#[derive(Debug, Default)]
pub struct Changed {
    /// In the order of their beginnings.
    pub changed: Vec<AppointmentId>,
    /// New beginnings that were taken.
    pub taken: Vec<DateTime<Utc>>,
}

/// One of the series, on its way.
struct Member {
    found: AppointmentAccess,
    after: Appointment,
}

impl Act<'_> {
    /// Cancels the series, or the rest of it. The client is told once.
    ///
    /// # Errors
    /// `NotFound`, `Conflict` where there is nothing to cancel.
    pub async fn cancel_series(
        self,
        conn: &mut AsyncPgConnection,
        id: AppointmentId,
        scope: Scope,
    ) -> Result<Vec<AppointmentId>> {
        conn.transaction(async |conn| {
            let (_, members) = self.members(conn, id, scope).await?;
            let mut cancelled = Vec::with_capacity(members.len());
            for found in members {
                let after = self.write(conn, &found, &Turn::new(Step::Cancel, "appointment.cancelled")).await?;
                cancelled.push(Member { found, after });
            }
            self.follow_up_all(conn, &cancelled, Kind::AppointmentCancelled).await
        })
        .await
    }

    /// Moves the series, or the rest of it, and has it met in another way. The client is told once.
    ///
    /// # Errors
    /// `NotFound`, `Invalid`, `Conflict` with `taken`: the new beginnings at which the clinician has somebody else.
    pub async fn change_series(self, conn: &mut AsyncPgConnection, id: AppointmentId, to: Change) -> Result<Changed> {
        book::require_ahead(to.starts_at, self.now)?;
        conn.transaction(async |conn| {
            let (zone, mut members) = self.members(conn, id, to.scope).await?;
            let Some(seen) = members.iter().find(|found| found.appointment.id == id) else {
                return Err(Error::conflict("This one is over. Choose one of the series that is ahead."));
            };
            let Appointment { practice, clinician, during, .. } = seen.appointment;
            let shown = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local();
            let by = shown(to.starts_at) - shown(during.from);
            book::lapse(conn, clinician, None, self.now).await?;
            let stored = availability::read(conn, practice, clinician, self.now).await?;
            let buffer = stored.map_or(TimeDelta::zero(), |stored| stored.schedule.buffer);
            // The one goes first towards which all move: it makes room for the next.
            if by >= TimeDelta::zero() {
                members.reverse();
            }
            let (mut moved, mut taken) = (Vec::with_capacity(members.len()), Vec::new());
            for found in members {
                let before = found.appointment.during;
                let from = if found.appointment.id == id {
                    to.starts_at
                } else {
                    wall::instant(zone, shown(before.from) + by)
                };
                if from <= self.now {
                    return Err(Error::field(
                        "/startsAt",
                        "One of the series would be over already. Move those that follow this one.",
                    ));
                }
                next(found.appointment.state, Step::Settle)?;
                let span = Span { from, until: from + (before.until - before.from) };
                let turn =
                    Turn { to: Some((span, buffer)), mode: to.mode, ..Turn::new(Step::Settle, "appointment.moved") };
                // A step of its own within the whole: what is taken does not end the others.
                match conn.transaction(async |conn| self.write(conn, &found, &turn).await).await {
                    Ok(after) => moved.push(Member { found, after }),
                    Err(Error::Conflict { .. }) => taken.push(from),
                    Err(other) => return Err(other),
                }
            }
            taken.sort_unstable();
            if moved.is_empty() || (!taken.is_empty() && !to.leave_taken) {
                let extra = json!({"taken": taken}).as_object().cloned().unwrap_or_default();
                let detail =
                    "These times are taken. Nothing was changed: choose another time, or leave those as they are.";
                return Err(Error::Conflict { detail, extra });
            }
            moved.sort_unstable_by_key(|member| member.after.during.from);
            let changed = self.follow_up_all(conn, &moved, Kind::AppointmentChanged).await?;
            Ok(Changed { changed, taken })
        })
        .await
    }

    /// All rows are written: what follows from them, in the order of their beginnings.
    async fn follow_up_all(
        self,
        conn: &mut AsyncPgConnection,
        members: &[Member],
        kind: Kind,
    ) -> Result<Vec<AppointmentId>> {
        // Of a series one hears once.
        if let Some(first) = members.first() {
            tell::others(conn, &first.after, kind, self.viewer.user).await?;
        }
        for Member { found, after } in members {
            self.follow_up(conn, &found.appointment, after).await?;
        }
        Ok(members.iter().map(|member| member.after.id).collect())
    }

    /// Those of the series of this appointment that are meant and can still be changed, in the order of their beginnings,
    /// with the zone by whose clocks it goes.
    async fn members(
        self,
        conn: &mut AsyncPgConnection,
        id: AppointmentId,
        scope: Scope,
    ) -> Result<(Tz, Vec<AppointmentAccess>)> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = sql::Uuid)]
            id: AppointmentId,
            #[diesel(sql_type = sql::Text)]
            time_zone: String,
        }
        let seen = access::find_to_change(conn, self.viewer, id).await?.appointment;
        let Some(series) = seen.series else {
            return Err(Error::conflict("This appointment is not part of a series."));
        };
        let from = if scope == Scope::Following { seen.during.from } else { self.now };
        let rows: Vec<Row> = db::statement(
            "SELECT a.id, s.time_zone FROM appointments a JOIN appointment_series s ON s.id = a.series_id
            WHERE a.series_id = $1 AND lower(a.during) >= $2 AND lower(a.during) > $3
                AND a.state IN ('requested', 'proposed', 'rescheduled', 'confirmed') ORDER BY lower(a.during)",
        )
        .bind::<sql::Uuid, _>(series)
        .bind::<sql::Timestamptz, _>(from)
        .bind::<sql::Timestamptz, _>(self.now)
        .load(conn)
        .await?;
        if rows.is_empty() {
            return Err(Error::conflict("Nothing of this series is ahead any more."));
        }
        let zone = rows[0].time_zone.parse().map_err(|_| unknown_zone(series))?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            found.push(access::find_to_change(conn, self.viewer, row.id).await?);
        }
        Ok((zone, found))
    }
}

fn unknown_zone(series: SeriesId) -> Error {
    Error::Internal(anyhow::anyhow!("the time zone of series {series} is unknown"))
}
