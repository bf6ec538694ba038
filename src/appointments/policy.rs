//! How a practice handles appointments: what clients may do by themselves, and what giving one up late costs. The rules
//! are pure; the row is read and written below them.

use super::state::State;
use crate::{
    audit::{self, Actor, Event},
    db,
    error::{Error, Result},
    ids::PracticeId,
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// Reminders of one appointment.
const MOST_REMINDERS: usize = 5;
/// Four weeks before is early enough.
const EARLIEST_REMINDER: i32 = 40_320;
const MOST_FEE: i64 = 1_000_000;
const LONGEST_WINDOW: i32 = 20_160;
const PHONE_CHARACTERS: usize = 40;

/// What happens where a client cancels or moves an appointment late.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = LateCancellation)]
#[serde(rename_all = "camelCase")]
pub enum Late {
    /// Nothing.
    Free,
    /// It costs a fee, which the client has to accept.
    Fee,
    /// It is done by telephone.
    PhoneOnly,
}

impl Late {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Fee => "fee",
            Self::PhoneOnly => "phoneOnly",
        }
    }
}

/// In which a practice bills that said nothing else.
const CURRENCY: &str = "USD";

/// An amount of money.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Money)]
pub struct Money {
    /// In minor units.
    #[schema(minimum = 0)]
    pub amount: i64,
    /// ISO 4217.
    #[schema(pattern = "^[A-Z]{3}$")]
    pub currency: String,
}

/// How a practice handles appointments.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = AppointmentPolicy)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    /// 0: as it is built in.
    pub revision: i64,
    #[serde(flatten)]
    pub rules: Rules,
}

/// What a practice decides about appointments.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = AppointmentRules)]
#[serde(rename_all = "camelCase")]
pub struct Rules {
    /// Clients see their appointments.
    pub may_view: bool,
    /// Clients ask for appointments.
    pub may_request: bool,
    /// What clients ask for is confirmed at once.
    pub may_book: bool,
    /// Clients cancel and move appointments.
    pub may_cancel: bool,
    /// Nearer to its beginning than that, an appointment is given up late.
    #[schema(minimum = 0, maximum = 20160)]
    pub window_minutes: i32,
    pub late: Late,
    /// Of giving one up late, in the currency in which the practice bills.
    pub fee: Money,
    /// Where clients call.
    #[schema(max_length = 40)]
    pub phone: Option<String>,
    /// How long before an appointment its client is reminded.
    #[schema(max_items = 5)]
    pub reminder_minutes: Vec<i32>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            may_view: true,
            may_request: true,
            may_book: false,
            may_cancel: true,
            window_minutes: 24 * 60,
            late: Late::PhoneOnly,
            fee: Money { amount: 0, currency: CURRENCY.to_owned() },
            phone: None,
            reminder_minutes: vec![24 * 60, 60],
        }
    }
}

/// Why a client cannot give an appointment up this way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// It has begun.
    Over,
    /// By telephone.
    PhoneOnly,
    /// Only with the fee, which was not accepted.
    FeeDue,
}

impl Rules {
    /// Whether clients ask for appointments at all.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn require_requests(&self) -> Result<()> {
        if self.may_request || self.may_book {
            return Ok(());
        }
        Err(Error::Forbidden("The practice takes no requests here. Please call."))
    }

    /// Whether clients see their appointments at all: whoever does not see them does not change them either.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn require_view(&self) -> Result<()> {
        if self.may_view {
            return Ok(());
        }
        Err(Error::Forbidden("The practice does not show appointments here. Please call."))
    }

    /// What giving it up costs now; None: nothing. What was never settled can always be taken back or declined.
    ///
    /// # Errors
    /// Why it cannot be given up this way.
    pub fn give_up(
        &self,
        state: State,
        starts_at: DateTime<Utc>,
        now: DateTime<Utc>,
        accept_fee: bool,
    ) -> std::result::Result<Option<&Money>, Refusal> {
        if starts_at <= now {
            return Err(Refusal::Over);
        }
        if !state.is_firm() {
            return Ok(None);
        }
        if !self.may_cancel {
            return Err(Refusal::PhoneOnly);
        }
        if starts_at - now >= TimeDelta::minutes(self.window_minutes.into()) {
            return Ok(None);
        }
        match self.late {
            Late::Free => Ok(None),
            Late::PhoneOnly => Err(Refusal::PhoneOnly),
            Late::Fee if self.fee.amount == 0 => Ok(None),
            Late::Fee if accept_fee => Ok(Some(&self.fee)),
            Late::Fee => Err(Refusal::FeeDue),
        }
    }

    /// The answer to a refusal.
    pub fn refused(&self, refusal: Refusal) -> Error {
        let (reason, detail) = match refusal {
            Refusal::Over => ("over", "This appointment has begun: it cannot be cancelled or moved any more."),
            Refusal::PhoneOnly => ("phoneOnly", "This is done by telephone: please call the practice."),
            Refusal::FeeDue => (
                "feeDue",
                "It is late: cancelling or moving this appointment costs a fee. Send acceptFee to agree to it.",
            ),
        };
        let extra = json!({"reason": reason, "phone": self.phone, "fee": self.fee});
        Error::Conflict { detail, extra: extra.as_object().cloned().unwrap_or_default() }
    }

    fn check(mut self, currency: &str) -> Result<Self> {
        if !(0..=LONGEST_WINDOW).contains(&self.window_minutes) {
            return Err(Error::field("/windowMinutes", "Between 0 minutes and two weeks."));
        }
        if !(0..=MOST_FEE).contains(&self.fee.amount) {
            return Err(Error::field("/fee/amount", "Between 0 and 1,000,000, in cents."));
        }
        if self.fee.currency != currency {
            return Err(Error::field("/fee/currency", format!("Your practice bills in {currency}.")));
        }
        self.phone = self.phone.map(|phone| phone.trim().to_owned()).filter(|phone| !phone.is_empty());
        let odd = |phone: &String| phone.chars().count() > PHONE_CHARACTERS || phone.chars().any(char::is_control);
        if self.phone.as_ref().is_some_and(odd) {
            return Err(Error::field("/phone", "At most 40 characters."));
        }
        self.reminder_minutes.sort_unstable_by(|one, other| other.cmp(one));
        self.reminder_minutes.dedup();
        let possible = self.reminder_minutes.iter().all(|minutes| (5..=EARLIEST_REMINDER).contains(minutes));
        if !possible || self.reminder_minutes.len() > MOST_REMINDERS {
            return Err(Error::field("/reminderMinutes", "At most five, between five minutes and four weeks before."));
        }
        Ok(self)
    }
}

/// How this practice handles appointments.
pub async fn read(conn: &mut AsyncPgConnection, practice: PracticeId) -> Result<Policy> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::BigInt)]
        revision: i64,
        #[diesel(sql_type = sql::Jsonb)]
        rules: serde_json::Value,
    }
    let currency = currency(conn, practice).await?;
    let row: Option<Row> = db::statement(
        "SELECT revision, jsonb_build_object('mayView', may_view, 'mayRequest', may_request, 'mayBook', may_book,
            'mayCancel', may_cancel, 'windowMinutes', window_minutes, 'late', late,
            'fee', jsonb_build_object('amount', fee_amount, 'currency', $2), 'phone', phone,
            'reminderMinutes', reminder_minutes) AS rules
        FROM appointment_policies WHERE practice_id = $1",
    )
    .bind::<sql::Uuid, _>(practice)
    .bind::<sql::Text, _>(&currency)
    .get_result(conn)
    .await
    .optional()?;
    let Some(row) = row else {
        let rules = Rules::default();
        return Ok(Policy { revision: 0, rules: Rules { fee: Money { currency, ..rules.fee }, ..rules } });
    };
    Ok(Policy { revision: row.revision, rules: serde_json::from_value(row.rules).map_err(anyhow::Error::from)? })
}

/// In which the practice bills: a fee in any other currency could never be charged.
async fn currency(conn: &mut AsyncPgConnection, practice: PracticeId) -> Result<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Text)]
        currency: String,
    }
    let row: Option<Row> = db::statement("SELECT currency FROM billing_settings WHERE practice_id = $1")
        .bind::<sql::Uuid, _>(practice)
        .get_result(conn)
        .await
        .optional()?;
    Ok(row.map_or_else(|| CURRENCY.to_owned(), |row| row.currency))
}

/// Puts other rules in place of those with this revision.
///
/// # Errors
/// `Conflict` when somebody changed them meanwhile; `Invalid`.
pub async fn change(
    conn: &mut AsyncPgConnection,
    actor: &Actor,
    practice: PracticeId,
    revision: i64,
    rules: Rules,
    now: DateTime<Utc>,
) -> Result<Policy> {
    let rules = rules.check(&currency(conn, practice).await?)?;
    conn.transaction(async |conn| {
        let changed = db::statement(
            "INSERT INTO appointment_policies (practice_id, revision, may_view, may_request, may_book, may_cancel,
                window_minutes, late, fee_amount, fee_currency, phone, reminder_minutes, changed_by, changed_at)
            SELECT $1, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14
            WHERE $2 = 0 OR EXISTS (SELECT FROM appointment_policies WHERE practice_id = $1)
            ON CONFLICT (practice_id) DO UPDATE SET revision = appointment_policies.revision + 1, may_view = $3,
                may_request = $4, may_book = $5, may_cancel = $6, window_minutes = $7, late = $8, fee_amount = $9,
                fee_currency = $10, phone = $11, reminder_minutes = $12, changed_by = $13, changed_at = $14
            WHERE appointment_policies.revision = $2",
        )
        .bind::<sql::Uuid, _>(practice)
        .bind::<sql::BigInt, _>(revision)
        .bind::<sql::Bool, _>(rules.may_view)
        .bind::<sql::Bool, _>(rules.may_request)
        .bind::<sql::Bool, _>(rules.may_book)
        .bind::<sql::Bool, _>(rules.may_cancel)
        .bind::<sql::Integer, _>(rules.window_minutes)
        .bind::<sql::Text, _>(rules.late.as_str())
        .bind::<sql::BigInt, _>(rules.fee.amount)
        .bind::<sql::Text, _>(&rules.fee.currency)
        .bind::<sql::Nullable<sql::Text>, _>(&rules.phone)
        .bind::<sql::Array<sql::Integer>, _>(&rules.reminder_minutes)
        .bind::<sql::Nullable<sql::Uuid>, _>(actor.user)
        .bind::<sql::Timestamptz, _>(now)
        .execute(conn)
        .await?;
        if changed == 0 {
            return Err(Error::conflict("Somebody changed the policy meanwhile: look at it again, then change it."));
        }
        let detail = json!({"revision": revision + 1, "rules": rules});
        audit::record(conn, Event::new(actor, "appointmentPolicy.changed").with(detail)).await?;
        Ok(Policy { revision: revision + 1, rules })
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fee(late: Late) -> Rules {
        Rules { late, fee: Money { amount: 7_500, currency: "USD".into() }, ..Rules::default() }
    }

    fn at(hours: i64) -> (DateTime<Utc>, DateTime<Utc>) {
        let now: DateTime<Utc> = "2026-11-21T12:00:00Z".parse().unwrap();
        (now + TimeDelta::hours(hours), now)
    }

    #[test]
    fn outside_of_the_window_it_costs_nothing_within_it_what_the_practice_says() {
        let give_up = |rules: &Rules, hours, accept| {
            let (starts, now) = at(hours);
            rules.give_up(State::Confirmed, starts, now, accept).map(|fee| fee.map(|fee| fee.amount))
        };
        for late in [Late::Free, Late::Fee, Late::PhoneOnly] {
            assert_eq!(give_up(&fee(late), 24, false), Ok(None), "exactly the window is in time");
        }
        assert_eq!(give_up(&fee(Late::Free), 23, false), Ok(None));
        assert_eq!(give_up(&fee(Late::Fee), 23, false), Err(Refusal::FeeDue));
        assert_eq!(give_up(&fee(Late::Fee), 23, true), Ok(Some(7_500)));
        assert_eq!(give_up(&fee(Late::PhoneOnly), 23, true), Err(Refusal::PhoneOnly));
        assert_eq!(give_up(&fee(Late::Fee), 0, true), Err(Refusal::Over));
        let closed = Rules { may_cancel: false, ..fee(Late::Free) };
        assert_eq!(give_up(&closed, 100, true), Err(Refusal::PhoneOnly));
    }

    #[test]
    fn what_was_never_confirmed_costs_nothing_and_what_the_client_moved_does() {
        let (starts, now) = at(1);
        for state in [State::Requested, State::Proposed, State::Offered] {
            let closed = Rules { may_cancel: false, ..fee(Late::Fee) };
            for rules in [fee(Late::Fee), closed] {
                assert_eq!(rules.give_up(state, starts, now, false), Ok(None), "{state:?}");
            }
        }
        assert_eq!(fee(Late::Fee).give_up(State::Rescheduled, starts, now, false), Err(Refusal::FeeDue));
    }
}
