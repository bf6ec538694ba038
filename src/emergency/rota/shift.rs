//! What a rota is made of: shifts that come back every week, covers and leave.

use super::wall;
use crate::ids::UserId;
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who is called first, and who behind them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OnCallLayer)]
pub enum Layer {
    OnCall,
    Backup,
}

impl Layer {
    pub const ALL: [Self; 2] = [Self::OnCall, Self::Backup];

    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OnCall => "onCall",
            Self::Backup => "backup",
        }
    }

    /// Reads what [`Layer::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layer| layer.as_str() == text)
    }
}

/// From an instant until before another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

impl Span {
    pub fn contains(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && at < self.until
    }

    /// Nothing is within: the clocks skip all of it.
    pub fn is_empty(&self) -> bool {
        self.until <= self.from
    }
}

/// Every week.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shift {
    pub layer: Layer,
    pub user: UserId,
    /// Of its start.
    pub weekday: Weekday,
    pub starts: NaiveTime,
    /// Not after its start: on the next day. The same: a whole day.
    pub ends: NaiveTime,
}

impl Shift {
    /// When it is, if it starts on this day.
    pub fn on(&self, zone: Tz, day: NaiveDate) -> Option<Span> {
        if day.weekday() != self.weekday {
            return None;
        }
        let last_day = if self.ends > self.starts { day } else { day.succ_opt()? };
        let span = Span {
            from: wall::instant(zone, day.and_time(self.starts)),
            until: wall::instant(zone, last_day.and_time(self.ends)),
        };
        (!span.is_empty()).then_some(span)
    }
}

/// Somebody is on call in place of whoever the week says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cover {
    pub layer: Layer,
    pub user: UserId,
    pub span: Span,
}

/// Somebody is away.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Leave {
    pub user: UserId,
    pub span: Span,
}
