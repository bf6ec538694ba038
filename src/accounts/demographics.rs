//! What clients say about themselves: how they want to be called, where they can be reached, whom to call in an
//! emergency. Owns `client_demographics`: one document a client, sealed with the client's key. Read by the client and
//! by whoever has a [`ClientAccess`]; changed by the client alone. Never says who somebody is: `client_files` does.

use super::access::ClientAccess;
use crate::{
    crypto::{Keyring, Place, WrappedKey},
    error::{Error, Result},
    ids::{DataKeyId, UserId},
    keys::{self, Owner},
};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The most people to call.
pub const MOST_CONTACTS: usize = 5;
/// The most characters of a line.
const LINE: usize = 200;
/// Digits of a number that can be called (ITU-T E.164 allows 15).
const DIGITS: std::ops::RangeInclusive<usize> = 3..=15;

/// All of it. Prints nothing.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Demographics {
    pub preferred_name: Option<String>,
    pub pronouns: Option<String>,
    pub phone: Option<String>,
    pub address: Option<Address>,
    pub emergency_contacts: Vec<EmergencyContact>,
}

/// Where somebody lives.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
#[schema(as = PostalAddress)]
pub struct Address {
    line1: Option<String>,
    line2: Option<String>,
    city: Option<String>,
    /// State or province.
    region: Option<String>,
    postal_code: Option<String>,
}

/// Somebody to call in an emergency.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EmergencyContact {
    name: String,
    /// What they are to the client.
    relationship: Option<String>,
    phone: String,
}

impl Address {
    /// Without spaces around; none where nothing is left.
    ///
    /// # Errors
    /// `invalid` where a line is too long.
    pub fn read(self) -> Result<Option<Self>> {
        let read = |line, name| line_of(line, &format!("/address/{name}"));
        let address = Self {
            line1: read(self.line1, "line1")?,
            line2: read(self.line2, "line2")?,
            city: read(self.city, "city")?,
            region: read(self.region, "region")?,
            postal_code: read(self.postal_code, "postalCode")?,
        };
        Ok(Some(address).filter(|address| *address != Self::default()))
    }
}

impl EmergencyContact {
    /// As it may be kept: both a name and a number are there.
    ///
    /// # Errors
    /// `invalid`, below `pointer`.
    pub fn read(self, pointer: &str) -> Result<Self> {
        let (at_name, at_phone) = (format!("{pointer}/name"), format!("{pointer}/phone"));
        let missing = |at: &str, words: &str| Error::field(at, words);
        Ok(Self {
            name: line_of(Some(self.name), &at_name)?.ok_or_else(|| missing(&at_name, "Enter a name."))?,
            relationship: line_of(self.relationship, &format!("{pointer}/relationship"))?,
            phone: phone_of(Some(self.phone), &at_phone)?
                .ok_or_else(|| missing(&at_phone, "Enter a number that the practice can call."))?,
        })
    }
}

/// One line of text; none where nothing was typed.
///
/// # Errors
/// `invalid`, at `pointer`.
pub fn line_of(typed: Option<String>, pointer: &str) -> Result<Option<String>> {
    let Some(typed) = typed else { return Ok(None) };
    let line = typed.trim();
    if line.chars().count() > LINE {
        return Err(Error::field(pointer, format!("This can have at most {LINE} characters. Shorten it.")));
    }
    if line.chars().any(char::is_control) {
        return Err(Error::field(pointer, "This has to be one line of plain text."));
    }
    Ok((!line.is_empty()).then(|| line.to_owned()))
}

/// A telephone number as people write it.
///
/// # Errors
/// `invalid`, at `pointer`.
pub fn phone_of(typed: Option<String>, pointer: &str) -> Result<Option<String>> {
    let Some(line) = line_of(typed, pointer)? else { return Ok(None) };
    let known = line.chars().all(|c| c.is_ascii_digit() || " +-.()/".contains(c));
    if !known || !DIGITS.contains(&line.chars().filter(char::is_ascii_digit).count()) {
        let words = "This is no telephone number: write it with digits, such as +1 555 010 0199.";
        return Err(Error::field(pointer, words));
    }
    Ok(Some(line))
}

/// What this client said; nothing where nothing was said.
///
/// # Errors
/// When it does not open.
pub async fn find(conn: &mut AsyncPgConnection, keyring: &Keyring, access: &ClientAccess) -> Result<Demographics> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Bytea)]
        sealed: Vec<u8>,
        #[diesel(sql_type = sql::Uuid)]
        id: DataKeyId,
        #[diesel(sql_type = sql::Bytea)]
        wrapped: Vec<u8>,
    }
    let client = access.client();
    let row: Option<Row> = crate::db::statement(
        "SELECT d.sealed, k.id, k.wrapped FROM client_demographics d JOIN data_keys k ON k.id = d.key_id
        WHERE d.client_id = $1",
    )
    .bind::<sql::Uuid, _>(client)
    .get_result(conn)
    .await
    .optional()?;
    let Some(row) = row else { return Ok(Demographics::default()) };
    let key = keyring.unwrap(&WrappedKey { id: row.id, wrapped: row.wrapped }).map_err(anyhow::Error::from)?;
    let text = key.open(Place::Demographics { client }, &row.sealed).map_err(anyhow::Error::from)?;
    Ok(serde_json::from_str(&text).map_err(anyhow::Error::from)?)
}

/// Keeps what the client says, in place of what was said before.
pub async fn store(conn: &mut AsyncPgConnection, keyring: &Keyring, client: UserId, said: &Demographics) -> Result<()> {
    let wrapped = keys::find_or_make(conn, keyring, Owner::Client(client)).await?;
    let key = keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
    let text = serde_json::to_string(said).map_err(anyhow::Error::from)?;
    let sealed = key.seal(Place::Demographics { client }, &text).map_err(anyhow::Error::from)?;
    crate::db::statement(
        "INSERT INTO client_demographics (client_id, key_id, sealed) VALUES ($1, $2, $3)
        ON CONFLICT (client_id) DO UPDATE SET key_id = $2, sealed = $3, changed_at = now()",
    )
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::Uuid, _>(key.id())
    .bind::<sql::Bytea, _>(sealed)
    .execute(conn)
    .await?;
    Ok(())
}

/// Two changes of one client follow each other: each sees what the other left.
pub async fn lock(conn: &mut AsyncPgConnection, client: UserId) -> QueryResult<()> {
    crate::db::statement("SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE")
        .bind::<sql::Uuid, _>(client)
        .execute(conn)
        .await
        .map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_taken_as_people_write_it_and_nothing_else_is() {
        for good in ["+1 555 010 0199", "(555) 010-0199", "555.010.0199", "911", " 0049/30/1234567 "] {
            assert_eq!(phone_of(Some(good.into()), "/phone").unwrap().as_deref(), Some(good.trim()));
        }
        for bad in ["call my sister", "12", "+1 555 010 0199 555 010", "5551234\u{0}", "５５５０１００"] {
            assert!(phone_of(Some(bad.into()), "/phone").is_err(), "{bad}");
        }
        assert_eq!(phone_of(Some("  ".into()), "/phone").unwrap(), None);
    }

    #[test]
    fn an_address_of_which_nothing_is_left_is_none() {
        let blank = Address { city: Some("  ".into()), ..Address::default() };
        assert!(blank.read().unwrap().is_none());
        let city = Address { city: Some(" Salem ".into()), ..Address::default() };
        assert_eq!(city.read().unwrap().unwrap().city.as_deref(), Some("Salem"));
        assert!(Address { line1: Some("x".repeat(201)), ..Address::default() }.read().is_err());
    }
}
