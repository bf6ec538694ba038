//! `appointments`: the free times of a clinician whose calendar is full, and many clients who ask for one time at once. The
//! first clinician of the tokens file becomes one who is there around the clock, and is given appointments first; whoever
//! runs it twice seeds anew.

use crate::cli::Common;
use crate::clock::Clock;
use crate::measure::{Latency, Report, Row};
use crate::rest::call;
use crate::session::Target;
use crate::tokens::{self, Room};
use crate::wire::Dialect;
use anyhow::{Context, Result, bail};
use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

/// Of one series; a hub makes no longer ones.
const OF_SERIES: usize = 53;
const HOURS: usize = 24;
/// Free times are asked for over so many days.
const SPAN_DAYS: i64 = 14;

#[derive(Clone, Debug, Args)]
pub struct Options {
    #[command(flatten)]
    pub common: Common,
    /// Appointments that the clinician has already: every day at as many hours as that takes.
    #[arg(long, default_value_t = 1_000)]
    pub appointments: usize,
    /// How often free times are asked for, one call after the other.
    #[arg(long, default_value_t = 100)]
    pub rounds: usize,
    /// Clients who ask for one time at the same moment.
    #[arg(long, default_value_t = 200)]
    pub clients: usize,
}

/// A clinician with a full calendar.
struct Office<'a> {
    target: &'a Target,
    rooms: &'a [Room],
    clinician: Uuid,
    clock: Clock,
}

pub async fn run(options: &Options) -> Result<Report> {
    let daily = options.appointments.div_ceil(OF_SERIES);
    if options.clients == 0 || options.rounds == 0 || daily >= HOURS {
        bail!("--clients and --rounds must be at least 1, --appointments at most {}", (HOURS - 1) * OF_SERIES);
    }
    let common = &options.common;
    let target = Target::new(&common.url, Dialect::Carehub).await?;
    let rooms = tokens::pairs(&common.tokens, options.clients)?;
    let office = Office { target: &target, rooms: &rooms, clinician: rooms[0].people[1].id, clock: Clock::start() };
    let made = office.fill(daily).await.context("filling the calendar; seed anew where it is full already")?;
    let mut report = Report::new("appointments", common.seed());
    report.rows.push(office.look(options.rounds, made).await?);
    // The first free time that is far enough ahead for nobody to come too late.
    let free = office.free().await?;
    let at = free.get(free.len() / 2).context("no time is free")?.clone();
    let processes = common.processes();
    let before = processes.read()?;
    let (row, failures) = office.book(options.clients, &at).await;
    report.rows.push(row.processor(processes.since(&before)?, options.clients as f64));
    report.failures.extend(failures);
    Ok(report)
}

impl Office<'_> {
    /// Makes so many appointments each day for 53 days; how many that are.
    async fn fill(&self, daily: usize) -> Result<usize> {
        let (client, own) = (&self.rooms[0].people[0], &self.rooms[0].people[1]);
        let hours: Vec<Value> =
            (1..=7).map(|weekday| json!({"weekday": weekday, "starts": "00:00", "ends": "00:00"})).collect();
        let week = json!({"revision": 0, "timeZone": "UTC", "hours": hours, "sessionMinutes": 50, "bufferMinutes": 10,
            "stepMinutes": 60, "noticeMinutes": 0, "horizonDays": 60, "roomUrl": null});
        call(self.target, &own.token, "PUT", "ehr/availability", Some(&week)).await?.expect(200)?;
        let tomorrow = (Utc::now().date_naive() + TimeDelta::days(1)).and_time(chrono::NaiveTime::MIN).and_utc();
        let mut made = 0;
        for hour in 0..daily {
            let series = json!({"client": client.id, "clinician": self.clinician, "mode": "video",
                "startsAt": tomorrow + TimeDelta::hours(hour as i64), "rule": format!("FREQ=DAILY;COUNT={OF_SERIES}")});
            let answer = call(self.target, &own.token, "POST", "ehr/appointments", Some(&series)).await?.expect(201)?;
            made += answer["items"].as_array().map_or(0, Vec::len);
        }
        Ok(made)
    }

    /// The free times of two weeks, as a client is shown them.
    async fn free(&self) -> Result<Vec<String>> {
        let from: DateTime<Utc> = Utc::now() + TimeDelta::hours(1);
        let until = from + TimeDelta::days(SPAN_DAYS);
        let zulu = |at: DateTime<Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let path = format!("portal/slots?clinician={}&from={}&until={}", self.clinician, zulu(from), zulu(until));
        let token = &self.rooms[0].people[0].token;
        let found = call(self.target, token, "GET", &path, None).await?.expect(200)?;
        let items = found["items"].as_array().context("no list")?;
        Ok(items.iter().filter_map(|slot| slot["startsAt"].as_str().map(str::to_owned)).collect())
    }

    async fn look(&self, rounds: usize, made: usize) -> Result<Row> {
        let (latency, mut found) = (Latency::default(), 0);
        for _ in 0..rounds {
            let since = self.clock.now();
            found = self.free().await?.len();
            latency.record(self.clock.now() - since);
        }
        let name = format!("free times of {SPAN_DAYS} days beside {made} appointments");
        Ok(Row::new(name).figure("free times", found as f64).latency("asked → listed", latency.percentiles()))
    }

    /// All ask for the same time at once: one gets it, and everybody else is told that it is taken.
    async fn book(&self, clients: usize, at: &str) -> (Row, Vec<String>) {
        let (latency, since) = (Latency::default(), self.clock.now());
        let answers = join_all(self.rooms[..clients].iter().map(async |room| {
            let body = json!({"clinician": self.clinician, "startsAt": at});
            let answer =
                call(self.target, &room.people[0].token, "POST", "portal/appointments/request", Some(&body)).await;
            latency.record(self.clock.now() - since);
            answer
        }))
        .await;
        let seconds = (self.clock.now() - since) as f64 / 1e9;
        let count = |status: u16| answers.iter().flatten().filter(|answer| answer.status == status).count();
        let (got, taken, busy) = (count(201), count(409), count(503));
        let mut failures = Vec::new();
        if got != 1 || got + taken + busy != clients {
            failures.push(format!("of {clients} who asked for one time {got} got it, {taken} were told that it is taken, {busy} that the hub is busy"));
        }
        failures.extend(answers.iter().filter_map(|answer| answer.as_ref().err().map(|error| format!("{error:#}"))));
        let row = Row::new(format!("{clients} ask for one time at once"))
            .figure("got it", got as f64)
            .figure("told it is taken", taken as f64)
            .figure("told busy", busy as f64)
            .figure("seconds, all answered", seconds)
            .latency("asked → answered", latency.percentiles());
        (row, failures)
    }
}
