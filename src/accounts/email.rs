//! E-mail addresses: reading what somebody typed. Letters stay as they are; where two are compared, case does not count.

use super::store::{self, SignInRecord};
use crate::error::{Error, Result};
use diesel_async::AsyncPgConnection;

/// Longer ones are nobody's (RFC 5321 allows 254 octets).
const BYTES: usize = 254;

/// An address that e-mails can be sent to.
///
/// # Errors
/// `invalid`, at `pointer`.
pub fn read(typed: &str, pointer: &str) -> Result<String> {
    let typed = typed.trim();
    if typed.len() > BYTES || typed.parse::<lettre::Address>().is_err() {
        return Err(Error::field(pointer, "This is no e-mail address: it looks like name@example.org."));
    }
    Ok(typed.to_owned())
}

/// Who signs in with what was typed, if anybody.
pub async fn find(conn: &mut AsyncPgConnection, typed: &str) -> Result<Option<SignInRecord>> {
    let typed = typed.trim();
    // PostgreSQL takes no NUL in a text.
    if typed.len() > BYTES || typed.contains('\0') {
        return Ok(None);
    }
    Ok(store::find_for_sign_in(conn, typed).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_address_and_nothing_else() {
        for good in ["ada@example.org", " Ada.Lovelace+portal@mail.example.org ", "ada@bücher.example"] {
            assert_eq!(read(good, "/email").unwrap(), good.trim());
        }
        let long = format!("{}@example.org", "a".repeat(250));
        for bad in
            ["", "ada", "@example.org", "ada@", "a@b\nBcc: c@d", "a@b, c@d", "Ada <ada@example.org>", &long, "a\0@b"]
        {
            assert!(read(bad, "/email").is_err(), "{bad:?}");
        }
    }
}
