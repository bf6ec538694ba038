//! How long what somebody signed in with is good. Holds numbers and nothing else.

use super::model::Audience;
use chrono::TimeDelta;

/// How long an access token is good.
pub const ACCESS_TOKEN: TimeDelta = TimeDelta::minutes(15);
/// How long a session lasts without activity of its user.
pub const IDLE: TimeDelta = TimeDelta::minutes(15);
/// Between the first factor and the second.
pub const TICKET: TimeDelta = TimeDelta::minutes(5);

/// How long a session lasts however busy: those who see many records sign in every day.
pub fn session(door: Audience) -> TimeDelta {
    match door {
        Audience::Portal => TimeDelta::days(30),
        Audience::Ehr => TimeDelta::hours(12),
    }
}
