//! Appointments that the practice makes: one, or one again and again by a rule of RFC 5545. A rule is read over the clocks
//! of the clinician's zone: every Tuesday at ten is at ten, whatever clocks do. A series is made as a whole or not at all,
//! unless those that collide are to be left out.

use super::{
    availability,
    book::{self, Booking, FARTHEST},
    policy,
    state::{Mode, State},
    tell,
};
use crate::{
    accounts::{access::Viewer, people},
    audit::{self, Actor, Event},
    db,
    emergency::rota::{Span, store, wall},
    error::{Error, Result},
    ids::{AppointmentId, SeriesId, UserId},
    notices::Kind,
};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use rrule::{Frequency, RRule, Unvalidated};
use serde_json::json;
use std::ops::RangeInclusive;
use uuid::Uuid;

/// Appointments of one series: a year of weeks.
pub const MOST: u16 = 53;
const RULE_CHARACTERS: usize = 200;
const MINUTES: RangeInclusive<i64> = 5..=480;
/// Where a clinician has no schedule.
const USUAL: TimeDelta = TimeDelta::minutes(50);

/// What the practice makes.
#[derive(Clone, Debug)]
pub struct New {
    pub id: AppointmentId,
    pub client: UserId,
    pub clinician: UserId,
    pub starts_at: DateTime<Utc>,
    /// None: as the clinician's schedule says.
    pub minutes: Option<i64>,
    pub mode: Mode,
    /// RRULE.
    pub rule: Option<String>,
    /// Leave those out that collide.
    pub skip_taken: bool,
}

/// What was made.
#[derive(Debug, Default)]
pub struct Made {
    /// It was there already.
    pub repeated: bool,
    pub made: Vec<AppointmentId>,
    /// Beginnings that were left out.
    pub skipped: Vec<DateTime<Utc>>,
}

/// Makes it, or all of them. However often it is sent, it is made once, and each time answered with all of it.
///
/// # Errors
/// `NotFound` for a client whom the viewer does not reach, `Conflict` where times are taken, `Invalid`.
pub async fn make(
    conn: &mut AsyncPgConnection,
    viewer: Viewer,
    actor: &Actor,
    new: &New,
    now: DateTime<Utc>,
) -> Result<Made> {
    if let Some(made) = made_before(conn, viewer, new).await? {
        return Ok(made);
    }
    match make_now(conn, viewer, actor, new, now).await {
        // The same, sent at the same time, was first.
        Err(refused @ Error::Conflict { .. }) => made_before(conn, viewer, new).await?.ok_or(refused),
        other => other,
    }
}

async fn make_now(
    conn: &mut AsyncPgConnection,
    viewer: Viewer,
    actor: &Actor,
    new: &New,
    now: DateTime<Utc>,
) -> Result<Made> {
    book::require_ahead(new.starts_at, now)?;
    if new.minutes.is_some_and(|minutes| !MINUTES.contains(&minutes)) {
        return Err(Error::field("/minutes", "Between 5 and 480 minutes."));
    }
    conn.transaction(async |conn| {
        if !people::may_write_to(conn, viewer, new.client).await? {
            return Err(Error::NotFound);
        }
        require_clinician(conn, viewer, new.clinician).await?;
        book::lock(conn, new.clinician).await?;
        if let Some(made) = made_before(conn, viewer, new).await? {
            return Ok(made);
        }
        book::lapse(conn, new.clinician, None, now).await?;
        let stored = availability::read(conn, viewer.practice, new.clinician, now).await?;
        let zone = match &stored {
            Some(stored) => stored.schedule.zone,
            None => store::zone(conn, viewer.practice).await?,
        };
        let usual = stored.as_ref().map_or((USUAL, TimeDelta::zero()), |s| (s.schedule.session, s.schedule.buffer));
        let length = new.minutes.map_or(usual.0, TimeDelta::minutes);
        let beginnings = match &new.rule {
            None => vec![new.starts_at],
            Some(rule) => expand(rule, zone, new.starts_at)?,
        };
        let series = match &new.rule {
            Some(rule) => Some(note_series(conn, viewer, new, rule, zone, now).await?),
            None => None,
        };
        let mut booking = Booking {
            id: new.id,
            practice: viewer.practice,
            client: new.client,
            clinician: new.clinician,
            series,
            state: State::Confirmed,
            mode: new.mode,
            during: Span { from: now, until: now },
            buffer: usual.1,
            tentative_until: None,
            note: None,
            by: viewer.user,
            now,
        };
        let (mut made, rules) = (Made::default(), policy::read(conn, viewer.practice).await?.rules);
        for (place, from) in beginnings.into_iter().enumerate() {
            booking.id = member(new.id, place);
            booking.during = Span { from, until: from + length };
            if !book::insert(conn, &booking).await? {
                made.skipped.push(from);
                continue;
            }
            made.made.push(booking.id);
            let appointment = booking.appointment(now);
            tell::remind(conn, &appointment, &rules, now).await?;
            // Of a series one hears once.
            if made.made.len() == 1 {
                tell::others(conn, &appointment, Kind::AppointmentConfirmed, viewer.user).await?;
            }
            let event = Event::new(actor, "appointment.made").of_client(new.client).on("appointment", booking.id);
            audit::record(conn, event.with(json!({"series": series}))).await?;
        }
        if made.made.is_empty() || (!made.skipped.is_empty() && !new.skip_taken) {
            let extra = json!({"taken": made.skipped}).as_object().cloned().unwrap_or_default();
            let detail = "These times are taken. Choose others, or leave them out.";
            return Err(Error::Conflict { detail, extra });
        }
        Ok(made)
    })
    .await
}

/// The id of one of those that are made under an id. By it each of them is found again when the same is sent again.
fn member(id: AppointmentId, place: usize) -> AppointmentId {
    AppointmentId(Uuid::from_u128(id.0.as_u128().wrapping_add(place as u128)))
}

/// What the viewer made under this id before.
async fn made_before(conn: &mut AsyncPgConnection, viewer: Viewer, new: &New) -> Result<Option<Made>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: AppointmentId,
        #[diesel(sql_type = sql::Nullable<sql::Text>)]
        time_zone: Option<String>,
    }
    let members: Vec<AppointmentId> = (0..usize::from(MOST)).map(|place| member(new.id, place)).collect();
    let rows: Vec<Row> = db::statement(
        "SELECT a.id, s.time_zone FROM appointments a LEFT JOIN appointment_series s ON s.id = a.series_id
        WHERE a.id = ANY($1) AND a.practice_id = $2 AND a.client_id = $3 AND a.made_by = $4 ORDER BY a.id",
    )
    .bind::<sql::Array<sql::Uuid>, _>(&members)
    .bind::<sql::Uuid, _>(viewer.practice)
    .bind::<sql::Uuid, _>(new.client)
    .bind::<sql::Uuid, _>(viewer.user)
    .load(conn)
    .await?;
    let [first, ..] = rows.as_slice() else { return Ok(None) };
    let made: Vec<AppointmentId> = rows.iter().map(|row| row.id).collect();
    let zone = first.time_zone.as_ref().and_then(|zone| zone.parse().ok());
    let meant = match new.rule.as_ref().zip(zone) {
        Some((rule, zone)) => expand(rule, zone, new.starts_at)?,
        None => Vec::new(),
    };
    let places = members.iter().zip(meant);
    let skipped = places.filter(|(id, _)| !made.contains(id)).map(|(_, from)| from).collect();
    Ok(Some(Made { repeated: true, made, skipped }))
}

/// A colleague; for somebody who looks after their own clients alone, themselves.
async fn require_clinician(conn: &mut AsyncPgConnection, viewer: Viewer, clinician: UserId) -> Result<()> {
    let may = super::access::sees_all(viewer) || clinician == viewer.user;
    if may && store::working(conn, viewer.practice).await?.contains(&clinician) {
        return Ok(());
    }
    Err(Error::field("/clinician", "Choose somebody of your practice for whom you may make appointments."))
}

async fn note_series(
    conn: &mut AsyncPgConnection,
    viewer: Viewer,
    new: &New,
    rule: &str,
    zone: Tz,
    now: DateTime<Utc>,
) -> Result<SeriesId> {
    let id = SeriesId::new();
    db::statement(
        "INSERT INTO appointment_series (id, practice_id, client_id, clinician_id, rule, time_zone, made_by, made_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Uuid, _>(viewer.practice)
    .bind::<sql::Uuid, _>(new.client)
    .bind::<sql::Uuid, _>(new.clinician)
    .bind::<sql::Text, _>(rule)
    .bind::<sql::Text, _>(zone.name())
    .bind::<sql::Uuid, _>(viewer.user)
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(id)
}

/// The beginnings that a rule gives from the first one on.
///
/// # Errors
/// `Invalid` for a rule that cannot be read, has no end, or gives too many.
pub fn expand(rule: &str, zone: Tz, first: DateTime<Utc>) -> Result<Vec<DateTime<Utc>>> {
    let refused = || Error::field("/rule", "Write the rule as in RFC 5545, such as FREQ=WEEKLY;COUNT=10.");
    if rule.len() > RULE_CHARACTERS || !rule.is_ascii() || rule.contains(['\r', '\n']) {
        return Err(refused());
    }
    let read: RRule<Unvalidated> = rule.parse().map_err(|_| refused())?;
    if !matches!(read.get_freq(), Frequency::Daily | Frequency::Weekly | Frequency::Monthly | Frequency::Yearly) {
        return Err(Error::field("/rule", "A series is daily, weekly, monthly or yearly."));
    }
    if read.get_count().is_none() && read.get_until().is_none() {
        return Err(Error::field("/rule", "A series has an end: add COUNT or UNTIL."));
    }
    // Clocks on the wall, reckoned as if they never changed; what they show becomes instants afterwards.
    let floating = first.with_timezone(&zone).naive_local().and_utc();
    let set = read.build(floating.with_timezone(&rrule::Tz::UTC)).map_err(|_| refused())?;
    let found = set.all(MOST + 1).dates;
    if found.len() > usize::from(MOST) {
        return Err(Error::field("/rule", "At most 53 appointments at once."));
    }
    let shown: Vec<NaiveDateTime> = found.into_iter().map(|date| date.naive_utc()).collect();
    if shown.is_empty() {
        return Err(Error::field("/rule", "This rule gives no appointment."));
    }
    let instants: Vec<_> = shown.into_iter().map(|shown| wall::instant(zone, shown)).collect();
    if instants.iter().any(|at| *at > first + FARTHEST) {
        return Err(Error::field("/rule", "At most two years ahead."));
    }
    Ok(instants)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(rule: &str, zone: &str, first: &str) -> Vec<String> {
        let zone: Tz = zone.parse().unwrap();
        let found = expand(rule, zone, first.parse().unwrap()).unwrap();
        found.iter().map(|at| at.with_timezone(&zone).format("%m-%d %H:%M%z").to_string()).collect()
    }

    #[test]
    fn every_week_at_ten_is_at_ten_before_and_after_clocks_change() {
        for (zone, first, expected) in [
            ("America/Chicago", "2026-10-27T15:00:00Z", ["10-27 10:00-0500", "11-03 10:00-0600", "11-10 10:00-0600"]),
            ("America/Chicago", "2026-03-03T16:00:00Z", ["03-03 10:00-0600", "03-10 10:00-0500", "03-17 10:00-0500"]),
            ("Europe/Berlin", "2026-10-20T08:00:00Z", ["10-20 10:00+0200", "10-27 10:00+0100", "11-03 10:00+0100"]),
            ("Europe/Berlin", "2026-03-24T09:00:00Z", ["03-24 10:00+0100", "03-31 10:00+0200", "04-07 10:00+0200"]),
            (
                "Australia/Lord_Howe",
                "2026-03-30T23:00:00Z",
                ["03-31 10:00+1100", "04-07 10:00+1030", "04-14 10:00+1030"],
            ),
            (
                "Australia/Lord_Howe",
                "2026-09-28T23:30:00Z",
                ["09-29 10:00+1030", "10-06 10:00+1100", "10-13 10:00+1100"],
            ),
        ] {
            assert_eq!(shown("FREQ=WEEKLY;COUNT=3", zone, first), expected, "{zone}");
        }
    }

    #[test]
    fn rules_with_intervals_days_and_ends_are_read_as_the_standard_says() {
        let first = "2026-11-24T16:00:00Z";
        assert_eq!(
            shown("FREQ=WEEKLY;INTERVAL=2;UNTIL=20261223T000000Z", "America/Chicago", first),
            ["11-24 10:00-0600", "12-08 10:00-0600", "12-22 10:00-0600"]
        );
        assert_eq!(
            shown("FREQ=MONTHLY;BYDAY=4TU;COUNT=2", "America/Chicago", first),
            ["11-24 10:00-0600", "12-22 10:00-0600"]
        );
    }

    #[test]
    fn a_rule_without_end_of_too_many_or_of_nonsense_is_refused() {
        let first = "2026-11-24T16:00:00Z".parse().unwrap();
        for rule in [
            "FREQ=WEEKLY",
            "FREQ=DAILY;COUNT=54",
            "FREQ=SECONDLY;COUNT=5",
            "FREQ=YEARLY;COUNT=5",
            "often",
            "",
            "FREQ=WEEKLY;COUNT=3\r\nEXDATE:20261124T160000Z",
            "FREQ=WEEKLY;INTERVAL=0;COUNT=3",
            "FREQ=DAILY;UNTIL=99991231T000000Z",
        ] {
            assert!(matches!(expand(rule, chrono_tz::UTC, first), Err(Error::Invalid(_))), "{rule}");
        }
        assert_eq!(expand("FREQ=WEEKLY;COUNT=53", chrono_tz::UTC, first).unwrap().len(), 53);
    }
}
