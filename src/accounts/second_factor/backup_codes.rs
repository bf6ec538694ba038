//! Ten codes to keep on paper, for the day when the phone is gone: each opens once. Stored as Argon2id of each code
//! with one salt for the ten, so that a try costs one hashing; a code has 50 random bits.

use crate::{
    accounts::password::{self, work},
    error::Result,
    ids::UserId,
};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use secrecy::SecretString;
use zeroize::Zeroizing;

/// So many are made at a time.
pub const CODES: usize = 10;
const LETTERS: usize = 10;
/// Crockford's: nothing that is mistaken for something else when read from paper.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SALT_BYTES: usize = 16;

/// Fresh codes, to be shown once, and what is stored of them.
pub struct Sheet {
    pub codes: Vec<SecretString>,
    salt: [u8; SALT_BYTES],
    hashes: Vec<Vec<u8>>,
}

impl Sheet {
    /// Ten new ones, made beside the web workers.
    ///
    /// # Errors
    /// `busy` when too many hash at once.
    pub async fn make() -> Result<Self> {
        let _turn = work::turn().await?;
        work::beside(Self::make_now).await
    }

    fn make_now() -> anyhow::Result<Self> {
        let mut salt = [0; SALT_BYTES];
        fill(&mut salt)?;
        let mut sheet = Self { codes: Vec::with_capacity(CODES), salt, hashes: Vec::with_capacity(CODES) };
        for _ in 0..CODES {
            let mut random = Zeroizing::new([0; LETTERS]);
            fill(random.as_mut_slice())?;
            // 32 letters divide 256 evenly: each is as likely as the next.
            let code: Zeroizing<String> =
                Zeroizing::new(random.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect());
            sheet.hashes.push(password::hash_code(&code.as_str().into(), &salt)?);
            sheet.codes.push(format!("{}-{}", &code[..LETTERS / 2], &code[LETTERS / 2..]).into());
        }
        Ok(sheet)
    }
}

fn fill(bytes: &mut [u8]) -> anyhow::Result<()> {
    aws_lc_rs::rand::fill(bytes).map_err(|_| anyhow::anyhow!("no randomness"))
}

/// What somebody typed as it was made, whatever they made of case, blanks and letters that look alike. None: no code
/// of ours.
pub fn read(typed: &str) -> Option<SecretString> {
    let mut code = Zeroizing::new(String::with_capacity(LETTERS));
    for letter in typed.chars().filter(|c| !c.is_whitespace() && *c != '-') {
        let letter = match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        if code.len() == LETTERS || !letter.is_ascii() || !ALPHABET.contains(&(letter as u8)) {
            return None;
        }
        code.push(letter);
    }
    (code.len() == LETTERS).then(|| SecretString::from(code.as_str()))
}

/// Puts a new sheet in place of the old one, whose codes open nothing any more.
pub async fn replace(conn: &mut AsyncPgConnection, user: UserId, sheet: &Sheet) -> QueryResult<()> {
    crate::db::statement(
        "INSERT INTO backup_codes (user_id, salt, hashes) VALUES ($1, $2, $3)
        ON CONFLICT (user_id) DO UPDATE SET salt = excluded.salt, hashes = excluded.hashes, made_at = now()",
    )
    .bind::<sql::Uuid, _>(user)
    .bind::<sql::Bytea, _>(sheet.salt.as_slice())
    .bind::<sql::Array<sql::Bytea>, _>(&sheet.hashes)
    .execute(conn)
    .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Left {
    #[diesel(sql_type = sql::Bytea)]
    salt: Vec<u8>,
    #[diesel(sql_type = sql::Integer)]
    codes: i32,
}

async fn find(conn: &mut AsyncPgConnection, user: UserId) -> QueryResult<Option<Left>> {
    crate::db::statement("SELECT salt, cardinality(hashes) AS codes FROM backup_codes WHERE user_id = $1")
        .bind::<sql::Uuid, _>(user)
        .get_result(conn)
        .await
        .optional()
}

/// How many are left.
pub async fn count(conn: &mut AsyncPgConnection, user: UserId) -> QueryResult<i32> {
    Ok(find(conn, user).await?.map_or(0, |left| left.codes))
}

/// What is stored of a code that somebody typed. None: they have no codes.
///
/// # Errors
/// `busy` when too many hash at once.
pub async fn hash_for(conn: &mut AsyncPgConnection, user: UserId, code: SecretString) -> Result<Option<Vec<u8>>> {
    let Some(left) = find(conn, user).await? else { return Ok(None) };
    let _turn = work::turn().await?;
    work::beside(move || password::hash_code(&code, &left.salt)).await.map(Some)
}

/// Spends a code; false when it is none, or was spent. Of many at once, one wins.
pub async fn spend(conn: &mut AsyncPgConnection, user: UserId, hash: &[u8]) -> QueryResult<bool> {
    let spent = crate::db::statement(
        "UPDATE backup_codes SET hashes = array_remove(hashes, $2) WHERE user_id = $1 AND $2 = ANY (hashes)",
    )
    .bind::<sql::Uuid, _>(user)
    .bind::<sql::Bytea, _>(hash)
    .execute(conn)
    .await?;
    Ok(spent == 1)
}

/// Takes all codes away.
pub async fn remove(conn: &mut AsyncPgConnection, user: UserId) -> QueryResult<usize> {
    crate::db::statement("DELETE FROM backup_codes WHERE user_id = $1").bind::<sql::Uuid, _>(user).execute(conn).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use std::collections::HashSet;

    #[test]
    fn ten_codes_come_each_different_and_none_in_what_is_stored() {
        let sheet = Sheet::make_now().unwrap();
        let codes: HashSet<&str> = sheet.codes.iter().map(ExposeSecret::expose_secret).collect();
        assert_eq!((codes.len(), sheet.hashes.len()), (CODES, CODES));
        for (code, hash_of_it) in sheet.codes.iter().zip(&sheet.hashes) {
            let plain = read(code.expose_secret()).unwrap();
            assert_eq!(&password::hash_code(&plain, &sheet.salt).unwrap(), hash_of_it);
            assert_ne!(plain.expose_secret().as_bytes(), hash_of_it.as_slice());
        }
    }

    #[test]
    fn a_code_is_read_however_it_is_copied_from_paper() {
        for typed in ["01ABC-DEFGH", "01abcdefgh", " OlAbC dEfGh ", "oIabc--defgh"] {
            assert_eq!(read(typed).unwrap().expose_secret(), "01ABCDEFGH", "{typed}");
        }
        for typed in ["", "01ABC-DEFG", "01ABC-DEFGHJ", "01ABC-DEFGU", "123456", "01ABC-DEFGÄ"] {
            assert!(read(typed).is_none(), "{typed}");
        }
    }
}
