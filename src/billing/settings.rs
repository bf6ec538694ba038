//! How a practice bills: its currency, when invoices are due, what is printed of it, and what it asks for what.

use super::{
    access::StaffBilling,
    money::{Amount, Currency},
    words,
};
use crate::{
    audit::{self, Actor, Event},
    db,
    emergency::rota,
    error::{Error, Result},
    ids::PracticeId,
};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use diesel::{OptionalExtension, QueryableByName, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// Where a practice chose none.
pub const CURRENCY: Currency = Currency::USD;
/// The most entries of a fee schedule.
pub const MOST_FEES: usize = 500;
const MOST_LINES: usize = 5;
const LINE_CHARACTERS: usize = 120;
const HOW_TO_PAY_CHARACTERS: usize = 2_000;

/// How a practice bills, as it is stored.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
#[schema(as = BillingSettings)]
#[serde(rename_all = "camelCase")]
pub struct Stored {
    /// 0: as it is built in.
    pub revision: i64,
    /// The ledger has a row: the currency stays.
    pub currency_is_fixed: bool,
    /// What there is to choose from.
    pub currencies: Vec<Currency>,
    #[serde(flatten)]
    pub settings: Settings,
}

/// What a practice decides about billing.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = BillingChoices)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// ISO 4217; of everything.
    pub currency: Currency,
    /// From an invoice's day to the day it is due.
    #[schema(minimum = 0, maximum = 365)]
    pub due_days: i32,
    /// Shown to clients where the practice takes no cards.
    #[schema(max_length = 2000)]
    pub how_to_pay: Option<String>,
    #[schema(max_length = 120)]
    pub tax_id: Option<String>,
    /// Lines, as they are printed.
    #[schema(max_items = 5)]
    pub address: Vec<String>,
    #[schema(max_length = 120)]
    pub phone: Option<String>,
    #[schema(max_items = 500)]
    pub fees: Vec<Fee>,
}

/// What a practice asks for something that it does.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ScheduledFee)]
#[serde(rename_all = "camelCase")]
pub struct Fee {
    /// CPT or HCPCS.
    pub code: String,
    #[schema(max_length = 120)]
    pub description: String,
    /// Of one unit, in minor units.
    #[schema(minimum = 1, maximum = 99_999_999)]
    pub amount: Amount,
    /// Appointments of this length are charged by it.
    #[schema(minimum = 1, maximum = 480)]
    pub minutes: Option<i32>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            currency: CURRENCY,
            due_days: 30,
            how_to_pay: None,
            tax_id: None,
            address: Vec::new(),
            phone: None,
            fees: Vec::new(),
        }
    }
}

fn stored(revision: i64, currency_is_fixed: bool, settings: Settings) -> Stored {
    Stored { revision, currency_is_fixed, currencies: Currency::all(), settings }
}

impl Settings {
    fn check(mut self) -> Result<Self> {
        if !(0..=365).contains(&self.due_days) {
            return Err(Error::field("/dueDays", "Between 0 and 365 days."));
        }
        self.how_to_pay = self.how_to_pay.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let odd = |text: &String| {
            text.chars().count() > HOW_TO_PAY_CHARACTERS || text.chars().any(|c| c.is_control() && c != '\n')
        };
        if self.how_to_pay.as_ref().is_some_and(odd) {
            return Err(Error::field("/howToPay", "At most 2,000 characters."));
        }
        self.tax_id = one_line("/taxId", self.tax_id)?;
        self.phone = one_line("/phone", self.phone)?;
        let lines = self.address.into_iter().map(|line| one_line("/address", Some(line)));
        self.address = lines.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
        if self.address.len() > MOST_LINES {
            return Err(Error::field("/address", "At most five lines."));
        }
        if self.fees.len() > MOST_FEES {
            return Err(Error::field("/fees", "At most 500."));
        }
        for (at, fee) in self.fees.iter_mut().enumerate() {
            fee.check(at)?;
        }
        let codes: BTreeSet<&str> = self.fees.iter().map(|fee| fee.code.as_str()).collect();
        if codes.len() < self.fees.len() {
            return Err(Error::field("/fees", "Each code once."));
        }
        let lengths: Vec<i32> = self.fees.iter().filter_map(|fee| fee.minutes).collect();
        if lengths.iter().collect::<BTreeSet<_>>().len() < lengths.len() {
            return Err(Error::field("/fees", "One code for each length of an appointment."));
        }
        self.fees.sort_by(|one, other| one.code.cmp(&other.code));
        Ok(self)
    }
}

impl Fee {
    fn check(&mut self, at: usize) -> Result<()> {
        let here = |field: &str| format!("/fees/{at}/{field}");
        self.code = self.code.trim().to_ascii_uppercase();
        if !words::is_procedure(&self.code) {
            return Err(Error::field(&here("code"), "Five characters of CPT or HCPCS, such as 90834."));
        }
        let description = one_line(&here("description"), Some(std::mem::take(&mut self.description)))?;
        self.description =
            description.ok_or_else(|| Error::field(&here("description"), "Say what it is, as clients read it."))?;
        Amount::given(&here("amount"), self.amount.0)?;
        if self.minutes.is_some_and(|minutes| !(1..=480).contains(&minutes)) {
            return Err(Error::field(&here("minutes"), "Between 1 and 480 minutes."));
        }
        Ok(())
    }
}

/// A line that may be left out, without spaces around.
///
/// # Errors
/// `Invalid` at `pointer`, where it is more than a line.
pub(super) fn one_line(pointer: &str, given: Option<String>) -> Result<Option<String>> {
    let line = given.map(|line| line.trim().to_owned()).filter(|line| !line.is_empty());
    let odd = |line: &String| line.chars().count() > LINE_CHARACTERS || line.chars().any(char::is_control);
    if line.as_ref().is_some_and(odd) {
        return Err(Error::field(pointer, "One line of at most 120 characters."));
    }
    Ok(line)
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::BigInt)]
    revision: i64,
    #[diesel(sql_type = sql::Bool)]
    fixed: bool,
    #[diesel(sql_type = sql::Jsonb)]
    settings: serde_json::Value,
}

/// How this practice bills.
pub async fn find(conn: &mut AsyncPgConnection, practice: PracticeId) -> Result<Stored> {
    let row: Option<Row> = db::statement(
        "SELECT revision, EXISTS (SELECT FROM ledger_transactions WHERE practice_id = $1) AS fixed,
            jsonb_build_object('currency', currency, 'dueDays', due_days, 'howToPay', how_to_pay, 'taxId', tax_id,
            'address', to_jsonb(address), 'phone', phone,
            'fees', COALESCE((SELECT jsonb_agg(jsonb_build_object('code', f.code, 'description', f.description,
                'amount', f.amount, 'minutes', f.minutes) ORDER BY f.code)
                FROM billing_fees f WHERE f.practice_id = $1), '[]')) AS settings
        FROM billing_settings WHERE practice_id = $1",
    )
    .bind::<sql::Uuid, _>(practice)
    .get_result(conn)
    .await
    .optional()?;
    let Some(row) = row else {
        let fixed = has_ledger(conn, practice).await?;
        return Ok(stored(0, fixed, Settings::default()));
    };
    let settings = serde_json::from_value(row.settings).map_err(anyhow::Error::from)?;
    Ok(stored(row.revision, row.fixed, settings))
}

/// Puts other settings in place of those with this revision.
///
/// # Errors
/// `Conflict` when somebody changed them meanwhile, and for another currency once the ledger has a row; `Invalid`.
pub async fn store(
    conn: &mut AsyncPgConnection,
    access: &StaffBilling,
    actor: &Actor,
    revision: i64,
    settings: Settings,
    now: DateTime<Utc>,
) -> Result<Stored> {
    let (settings, practice) = (settings.check()?, access.practice());
    conn.transaction(async |conn| {
        // Whoever adds to the ledger holds a share of this lock: the currency is the same before and after.
        db::statement("SELECT FROM practices WHERE id = $1 FOR UPDATE")
            .bind::<sql::Uuid, _>(practice)
            .execute(conn)
            .await?;
        let before = find(conn, practice).await?;
        if before.revision != revision {
            return Err(Error::conflict(
                "Somebody changed the settings meanwhile: look at them again, then change them.",
            ));
        }
        if before.currency_is_fixed && before.settings.currency != settings.currency {
            return Err(Error::conflict("There are charges or payments already: the currency stays as it is."));
        }
        write(conn, practice, actor, revision + 1, &settings, now).await?;
        let detail = json!({"revision": revision + 1, "currency": settings.currency, "dueDays": settings.due_days,
            "fees": settings.fees.len()});
        audit::record(conn, Event::new(actor, "billingSettings.changed").in_practice(practice).with(detail)).await?;
        Ok(stored(revision + 1, before.currency_is_fixed, settings))
    })
    .await
}

async fn write(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    actor: &Actor,
    revision: i64,
    settings: &Settings,
    now: DateTime<Utc>,
) -> Result<()> {
    db::statement(
        "INSERT INTO billing_settings (practice_id, revision, currency, due_days, how_to_pay, tax_id, address, phone,
            changed_by, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (practice_id) DO UPDATE SET revision = $2, currency = $3, due_days = $4, how_to_pay = $5, tax_id = $6,
            address = $7, phone = $8, changed_by = $9, changed_at = $10",
    )
    .bind::<sql::Uuid, _>(practice)
    .bind::<sql::BigInt, _>(revision)
    .bind::<sql::Text, _>(settings.currency.as_str())
    .bind::<sql::Integer, _>(settings.due_days)
    .bind::<sql::Nullable<sql::Text>, _>(&settings.how_to_pay)
    .bind::<sql::Nullable<sql::Text>, _>(&settings.tax_id)
    .bind::<sql::Array<sql::Text>, _>(&settings.address)
    .bind::<sql::Nullable<sql::Text>, _>(&settings.phone)
    .bind::<sql::Nullable<sql::Uuid>, _>(actor.user)
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await?;
    db::statement("DELETE FROM billing_fees WHERE practice_id = $1")
        .bind::<sql::Uuid, _>(practice)
        .execute(conn)
        .await?;
    db::statement(
        "INSERT INTO billing_fees (practice_id, code, description, amount, minutes)
        SELECT $1, * FROM unnest($2, $3, $4, $5)",
    )
    .bind::<sql::Uuid, _>(practice)
    .bind::<sql::Array<sql::Text>, _>(settings.fees.iter().map(|fee| &fee.code).collect::<Vec<_>>())
    .bind::<sql::Array<sql::Text>, _>(settings.fees.iter().map(|fee| &fee.description).collect::<Vec<_>>())
    .bind::<sql::Array<sql::BigInt>, _>(settings.fees.iter().map(|fee| fee.amount.0).collect::<Vec<_>>())
    .bind::<sql::Array<sql::Nullable<sql::Integer>>, _>(settings.fees.iter().map(|fee| fee.minutes).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

async fn has_ledger(conn: &mut AsyncPgConnection, practice: PracticeId) -> Result<bool> {
    let found = db::statement("SELECT FROM ledger_transactions WHERE practice_id = $1 LIMIT 1")
        .bind::<sql::Uuid, _>(practice)
        .execute(conn)
        .await?;
    Ok(found > 0)
}

/// The practice's currency, which stays until the transaction ends.
pub async fn currency(conn: &mut AsyncPgConnection, practice: PracticeId) -> Result<Currency> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Text)]
        currency: String,
    }
    db::statement("SELECT FROM practices WHERE id = $1 FOR KEY SHARE")
        .bind::<sql::Uuid, _>(practice)
        .execute(conn)
        .await?;
    let row: Option<Row> = db::statement("SELECT currency FROM billing_settings WHERE practice_id = $1")
        .bind::<sql::Uuid, _>(practice)
        .get_result(conn)
        .await
        .optional()?;
    row.map_or(Ok(CURRENCY), |row| super::ledger::history::read_currency(&row.currency))
}

/// The practice's zone: whose calendar says which day it is.
pub async fn zone(conn: &mut AsyncPgConnection, practice: PracticeId) -> Result<Tz> {
    rota::store::zone(conn, practice).await
}

/// Which day it is at the practice.
pub async fn today(conn: &mut AsyncPgConnection, practice: PracticeId, now: DateTime<Utc>) -> Result<NaiveDate> {
    Ok(now.with_timezone(&zone(conn, practice).await?).date_naive())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fee(code: &str, amount: i64, minutes: Option<i32>) -> Fee {
        Fee { code: code.into(), description: "Psychotherapy".into(), amount: Amount(amount), minutes }
    }

    fn with(fees: Vec<Fee>) -> Settings {
        Settings { fees, ..Settings::default() }
    }

    #[test]
    fn a_fee_schedule_has_each_code_and_each_length_once() {
        let good =
            with(vec![fee("90837", 20_000, Some(60)), fee(" 90834 ", 15_000, Some(45)), fee("90785", 2_000, None)]);
        let codes: Vec<String> = good.check().unwrap().fees.into_iter().map(|fee| fee.code).collect();
        assert_eq!(codes, ["90785", "90834", "90837"]);
        for bad in [
            with(vec![fee("90834", 1, None), fee("90834", 1, None)]),
            with(vec![fee("90834", 1, Some(45)), fee("90837", 1, Some(45))]),
            with(vec![fee("90834", 0, None)]),
            with(vec![fee("90834", 100_000_000, None)]),
            with(vec![fee("therapy", 1, None)]),
            with(vec![fee("90834", 1, Some(0))]),
            with(vec![Fee { description: " ".into(), ..fee("90834", 1, None) }]),
            with(vec![fee("90834", 1, None); MOST_FEES + 1]),
            Settings { due_days: 366, ..Settings::default() },
            Settings { address: vec!["a line".into(); 6], ..Settings::default() },
            Settings { phone: Some("1\n2".into()), ..Settings::default() },
        ] {
            assert!(matches!(bad.check(), Err(Error::Invalid(_))));
        }
    }
}
