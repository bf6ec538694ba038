//! What superbills say of clinicians: their NPI, their licence, what follows their name.

use super::{access::StaffBilling, settings::one_line};
use crate::{
    audit::{self, Actor, Event},
    db,
    error::{Error, Result},
    ids::UserId,
};
use chrono::{DateTime, Utc};
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A clinician, with what is printed of them.
#[derive(Clone, Serialize, QueryableByName, ToSchema)]
#[schema(as = BillingClinician)]
pub struct Clinician {
    #[diesel(sql_type = sql::Uuid)]
    pub id: UserId,
    #[diesel(sql_type = sql::Text)]
    pub name: String,
    #[diesel(embed)]
    #[serde(flatten)]
    pub known: Known,
}

/// What is printed of a clinician.
#[derive(Clone, Default, Serialize, Deserialize, QueryableByName, ToSchema)]
#[schema(as = BillingCredentials)]
#[serde(default)]
pub struct Known {
    /// National Provider Identifier.
    #[schema(pattern = "^[0-9]{10}$")]
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    pub npi: Option<String>,
    #[schema(max_length = 120)]
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    pub licence: Option<String>,
    /// As they follow the name: PhD, LCSW.
    #[schema(max_length = 120)]
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    pub credentials: Option<String>,
}

impl Known {
    fn check(self) -> Result<Self> {
        let npi = one_line("/npi", self.npi)?;
        if npi.as_ref().is_some_and(|npi| !is_npi(npi)) {
            return Err(Error::field("/npi", "Ten digits, as the NPI registry has them."));
        }
        let (licence, credentials) = (one_line("/licence", self.licence)?, one_line("/credentials", self.credentials)?);
        Ok(Self { npi, licence, credentials })
    }
}

/// Ten digits whose last one is the check digit of Luhn over 80840 and the rest, as CMS defines it.
pub fn is_npi(text: &str) -> bool {
    const PREFIX: u32 = 24; // what 80840 adds to the sum
    if text.len() != 10 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let sum: u32 = text
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, byte)| match (at % 2, u32::from(byte - b'0')) {
            (0, digit) => digit,
            (_, digit) => digit * 2 / 10 + digit * 2 % 10,
        })
        .sum();
    (PREFIX + sum).is_multiple_of(10)
}

/// All who see clients, by name.
pub async fn list(conn: &mut AsyncPgConnection, access: &StaffBilling) -> Result<Vec<Clinician>> {
    Ok(db::statement(
        "SELECT u.id, u.name, b.npi, b.licence, b.credentials FROM users u
        LEFT JOIN billing_clinicians b ON b.user_id = u.id
        WHERE u.practice_id = $1 AND u.role IN ('clinician', 'admin') AND u.status = 'active'
            AND (u.role = 'clinician' OR b.user_id IS NOT NULL
                OR EXISTS (SELECT FROM clinician_schedules s WHERE s.user_id = u.id))
        ORDER BY u.name, u.id LIMIT 1000",
    )
    .bind::<sql::Uuid, _>(access.practice())
    .load(conn)
    .await?)
}

/// One of them, for what is printed of their work.
pub async fn find(conn: &mut AsyncPgConnection, clinician: UserId) -> Result<Clinician> {
    Ok(db::statement(
        "SELECT u.id, u.name, b.npi, b.licence, b.credentials FROM users u
        LEFT JOIN billing_clinicians b ON b.user_id = u.id WHERE u.id = $1 AND u.role <> 'client'",
    )
    .bind::<sql::Uuid, _>(clinician)
    .get_result(conn)
    .await?)
}

/// Says what is printed of a clinician.
///
/// # Errors
/// `Invalid`; `NotFound` for somebody who is no clinician of the practice.
pub async fn store(
    conn: &mut AsyncPgConnection,
    access: &StaffBilling,
    actor: &Actor,
    clinician: UserId,
    known: Known,
    now: DateTime<Utc>,
) -> Result<Clinician> {
    let known = known.check()?;
    conn.transaction(async |conn| {
        let written = db::statement(
            "INSERT INTO billing_clinicians (user_id, practice_id, npi, licence, credentials, changed_by, changed_at)
            SELECT id, practice_id, $3, $4, $5, $6, $7 FROM users
            WHERE id = $1 AND practice_id = $2 AND role IN ('clinician', 'admin')
            ON CONFLICT (user_id) DO UPDATE SET npi = $3, licence = $4, credentials = $5, changed_by = $6, changed_at = $7",
        )
        .bind::<sql::Uuid, _>(clinician)
        .bind::<sql::Uuid, _>(access.practice())
        .bind::<sql::Nullable<sql::Text>, _>(&known.npi)
        .bind::<sql::Nullable<sql::Text>, _>(&known.licence)
        .bind::<sql::Nullable<sql::Text>, _>(&known.credentials)
        .bind::<sql::Nullable<sql::Uuid>, _>(actor.user)
        .bind::<sql::Timestamptz, _>(now)
        .execute(conn)
        .await?;
        if written == 0 {
            return Err(Error::NotFound);
        }
        audit::record(conn, Event::new(actor, "billingClinician.changed").in_practice(access.practice()).on("user", clinician)).await?;
        find(conn, clinician).await
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_of_an_npi_is_checked() {
        assert!(is_npi("1234567893"), "the example of the standard");
        for bad in ["1234567890", "1234567983", "123456789", "12345678931", "123456789x", ""] {
            assert!(!is_npi(bad), "{bad}");
        }
    }
}
