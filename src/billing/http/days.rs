//! `?from=&until=`: days of a practice, both included.

use crate::{
    error::{Error, Result},
    http::when,
};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

/// From which day to which. Both have to be named; that one is missing is told after who asks is known.
#[derive(Deserialize, IntoParams)]
pub struct Days {
    /// The first one, in the practice's calendar.
    #[serde(default, deserialize_with = "when::maybe")]
    from: Option<NaiveDate>,
    /// The last one.
    #[serde(default, deserialize_with = "when::maybe")]
    until: Option<NaiveDate>,
}

impl Days {
    /// Both.
    ///
    /// # Errors
    /// `Invalid` where one is missing.
    pub fn both(&self) -> Result<(NaiveDate, NaiveDate)> {
        let missing = |pointer| Error::field(pointer, "Say from which day to which.");
        Ok((self.from.ok_or_else(|| missing("/from"))?, self.until.ok_or_else(|| missing("/until"))?))
    }
}
