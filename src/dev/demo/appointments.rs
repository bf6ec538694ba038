//! What stands in the demo practice's calendar: hours of two clinicians, a few appointments around now, a series, a
//! request to be answered, somebody who waits.

use super::people::Who;
use crate::{
    accounts::{
        Role,
        access::{Viewer, find_client_access},
    },
    appointments::{
        Mode, State,
        availability::Change,
        book::{self, Booking},
        hours::{Hours, Schedule},
        policy::{self, Late, Money, Rules},
        series::{self, New},
        waitlist::{self, Wish},
    },
    assessments::{
        instruments::gad7,
        plans::{self, Assigning},
        recurrence::Recurrence,
    },
    audit::Actor,
    emergency::rota::{Span, wall},
    error::Result,
    ids::{AppointmentId, AssessmentPlanId, PracticeId, UserId, WaitingId},
};
use chrono::{DateTime, Datelike, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use diesel_async::AsyncPgConnection;

/// Whose, with whom, on which working day from today, at which hour.
const BOOKED: [(Who, Who, i64, u32, State, Mode); 9] = [
    (Who::Eli, Who::Maya, -7, 10, State::Completed, Mode::InPerson),
    (Who::Grace, Who::Maya, -5, 14, State::Completed, Mode::Video),
    (Who::Samir, Who::Tomas, -3, 9, State::NoShow, Mode::InPerson),
    (Who::Eli, Who::Maya, 1, 10, State::Confirmed, Mode::InPerson),
    (Who::Grace, Who::Maya, 2, 14, State::Confirmed, Mode::Video),
    (Who::Hannah, Who::Maya, 2, 11, State::Requested, Mode::Video),
    (Who::Samir, Who::Tomas, 3, 9, State::Confirmed, Mode::InPerson),
    (Who::Grace, Who::Maya, 7, 14, State::Confirmed, Mode::Video),
    (Who::Luis, Who::Tomas, 4, 15, State::Requested, Mode::Phone),
];

/// Writes all of it. Within the transaction that writes the practice, or after it.
pub(super) async fn write(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    zone: Tz,
    user: impl Fn(Who) -> UserId,
    now: DateTime<Utc>,
) -> Result<()> {
    let actor = Actor::hub();
    for who in [Who::Maya, Who::Tomas] {
        let change = Change { actor: &actor, practice, user: user(who), now };
        change.replace(conn, 0, &schedule(zone), Some("https://video.example.org/harbor-lane")).await?;
    }
    let rules = Rules {
        late: Late::Fee,
        fee: Money { amount: 7_500, currency: "USD".to_owned() },
        phone: Some("+1 312 555 0142".to_owned()),
        ..Rules::default()
    };
    policy::change(conn, &actor, practice, 0, rules, now).await?;
    for (client, clinician, days, hour, state, mode) in BOOKED {
        let from = working_day(zone, now, days, hour);
        let booking = Booking {
            id: AppointmentId::new(),
            practice,
            client: user(client),
            clinician: user(clinician),
            series: None,
            state,
            mode,
            during: Span { from, until: from + TimeDelta::minutes(50) },
            buffer: TimeDelta::minutes(10),
            tentative_until: None,
            note: None,
            by: user(clinician),
            now,
        };
        // Two of them may meet where weekends fall: the calendar is full enough without the second.
        book::insert(conn, &booking).await?;
    }
    let weekly = New {
        id: AppointmentId::new(),
        client: user(Who::Eli),
        clinician: user(Who::Maya),
        starts_at: working_day(zone, now, 5, 16),
        minutes: None,
        mode: Mode::InPerson,
        rule: Some("FREQ=WEEKLY;COUNT=6".to_owned()),
        skip_taken: true,
    };
    let desk = Viewer { user: user(Who::Maya), practice, role: Role::Clinician };
    let before = Assigning {
        id: AssessmentPlanId::new(),
        instrument: &gad7::GAD_7,
        recurrence: Recurrence::BeforeAppointments { days: 7 },
        due_days: 7,
    };
    if let Some(record) = find_client_access(conn, desk, weekly.client).await? {
        let by = Actor { user: Some(desk.user), practice: Some(practice), ..Actor::hub() };
        plans::assign(conn, &record, &by, before, now).await?;
    }
    series::make(conn, desk, &actor, &weekly, now).await?;
    let viewer = Viewer { user: user(Who::Mei), practice, role: Role::Client };
    let wish = Wish { clinician: user(Who::Maya), mode: Mode::Video, from: now, until: now + TimeDelta::days(30) };
    // Whether she may is decided by her care team; without one she waits for nobody.
    match waitlist::join(conn, viewer, &actor, WaitingId::new(), wish, now).await {
        Err(crate::error::Error::Invalid(_)) => Ok(()),
        other => other,
    }
}

fn schedule(zone: Tz) -> Schedule {
    let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
    let days = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
    let hours = days.into_iter().flat_map(|weekday| {
        [(9, 12), (13, 17)].map(|(starts, ends)| Hours { weekday, starts: time(starts), ends: time(ends) })
    });
    Schedule {
        zone,
        hours: hours.collect(),
        exceptions: Vec::new(),
        session: TimeDelta::minutes(50),
        buffer: TimeDelta::minutes(10),
        step: TimeDelta::minutes(60),
        notice: TimeDelta::hours(12),
        horizon: TimeDelta::days(60),
    }
}

/// So many days from today; on a weekend, the Monday after it.
fn working_day(zone: Tz, now: DateTime<Utc>, days: i64, hour: u32) -> DateTime<Utc> {
    let mut day = now.with_timezone(&zone).date_naive() + TimeDelta::days(days);
    while matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
        day += TimeDelta::days(1);
    }
    wall::instant(zone, day.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default()))
}
