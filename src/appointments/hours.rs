//! When a clinician is there: weekly hours on the clocks of a time zone, and exceptions from them. Pure.

use crate::emergency::rota::{Span, wall};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;

/// Every week.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hours {
    pub weekday: Weekday,
    pub starts: NaiveTime,
    /// 00:00: until midnight.
    pub ends: NaiveTime,
}

impl Hours {
    /// When they are on this day, if they are.
    fn on(&self, zone: Tz, day: NaiveDate) -> Option<Span> {
        if day.weekday() != self.weekday {
            return None;
        }
        let last = if self.ends > self.starts { day } else { day.succ_opt()? };
        let span = Span {
            from: wall::instant(zone, day.and_time(self.starts)),
            until: wall::instant(zone, last.and_time(self.ends)),
        };
        (!span.is_empty()).then_some(span)
    }
}

/// Not as every week.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Exception {
    /// There all the same; otherwise away.
    pub is_open: bool,
    pub span: Span,
}

/// How somebody takes appointments.
#[derive(Clone, Debug)]
pub struct Schedule {
    pub zone: Tz,
    pub hours: Vec<Hours>,
    pub exceptions: Vec<Exception>,
    pub session: TimeDelta,
    /// Free after each appointment.
    pub buffer: TimeDelta,
    /// Between one beginning and the next.
    pub step: TimeDelta,
    /// Nobody asks for a time nearer than that.
    pub notice: TimeDelta,
    /// Nor for one farther than that.
    pub horizon: TimeDelta,
}

impl Schedule {
    /// The spans within which they are there, in order, none touching another. Being away comes before being there.
    pub fn open(&self, within: Span) -> Vec<Span> {
        let mut open: Vec<Span> = days(self.zone, within)
            .flat_map(|day| self.hours.iter().filter_map(move |hours| hours.on(self.zone, day)))
            .chain(self.exceptions.iter().filter(|exception| exception.is_open).map(|exception| exception.span))
            .filter(|span| span.from < within.until && within.from < span.until)
            .collect();
        open = joined(open);
        for away in self.exceptions.iter().filter(|exception| !exception.is_open) {
            open = open.into_iter().flat_map(|span| without(span, away.span)).collect();
        }
        open
    }

    /// Whether they are there for all of it.
    pub fn holds(&self, during: Span) -> bool {
        self.open(during).iter().any(|open| open.from <= during.from && during.until <= open.until)
    }
}

/// The calendar days that reach into a span, and the one before, whose hours may end in it.
fn days(zone: Tz, within: Span) -> impl Iterator<Item = NaiveDate> {
    let date = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
    let (first, last) = (date(within.from), date(within.until));
    first.pred_opt().unwrap_or(first).iter_days().take_while(move |day| *day <= last)
}

fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by_key(|span| span.from);
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.from <= last.until => last.until = last.until.max(span.until),
            _ => joined.push(span),
        }
    }
    joined
}

/// What is left of a span.
fn without(span: Span, gone: Span) -> impl Iterator<Item = Span> {
    let before = Span { from: span.from, until: span.until.min(gone.from) };
    let after = Span { from: span.from.max(gone.until), until: span.until };
    [before, after].into_iter().filter(|left| !left.is_empty())
}
