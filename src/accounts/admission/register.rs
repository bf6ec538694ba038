//! Registering: somebody says which client they are and proves it. Right or wrong, on file or not, registered already
//! or not: the answer is the same, and what there is to say is mailed to the address on file.

use super::{
    activate::{self, Chosen},
    client_file, confirm, invite, terms, tries,
};
use crate::{
    accounts::{
        credentials, email,
        sign_in::Means,
        store::{self, SignInRecord},
    },
    audit::{self, Actor, Event},
    db::Pool,
    error::{Error, FieldError, Result},
    notify::{Mail, outbox},
};
use chrono::{NaiveDate, TimeDelta};
use diesel::sql_types as sql;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use secrecy::SecretString;
use serde_json::json;

/// Nobody was born before.
const FIRST_YEAR: i32 = 1890;

/// How somebody shows that they are the client.
pub enum Proof {
    SsnLast4(String),
    Mrn(String),
    Invitation(SecretString),
}

impl Proof {
    fn as_str(&self) -> &'static str {
        match self {
            Self::SsnLast4(_) => "ssnLast4",
            Self::Mrn(_) => "mrn",
            Self::Invitation(_) => "invitation",
        }
    }
}

/// What somebody who registers said.
pub struct Application {
    pub email: String,
    pub password: SecretString,
    pub date_of_birth: NaiveDate,
    pub proof: Proof,
    pub terms_version: String,
}

/// Judges what can be judged without knowing anybody, and hashes the password.
///
/// # Errors
/// `invalid`, telling only what was sent.
pub async fn prepare(pool: &Pool, means: Means<'_>, application: &Application) -> Result<String> {
    email::read(&application.email, "/email")?;
    check_date_of_birth(means, application.date_of_birth)?;
    let is_wrong = match &application.proof {
        Proof::SsnLast4(digits) => check_ssn_last4(digits).err(),
        Proof::Mrn(mrn) => check_mrn(mrn).err(),
        Proof::Invitation(_) => None,
    };
    if let Some(wrong) = is_wrong {
        return Err(Error::Invalid(vec![wrong]));
    }
    if application.terms_version != terms::VERSION {
        return Err(Error::field("/acceptTerms", "The terms have changed: read them again, then accept them."));
    }
    let known = credentials::known_of(&mut *pool.get().await?, &[&application.email]).await?;
    credentials::hash_new(application.password.clone(), known, "/password").await
}

/// A day on which somebody can have been born.
pub fn check_date_of_birth(means: Means<'_>, date: NaiveDate) -> Result<()> {
    use chrono::Datelike;
    // Tomorrow here is today elsewhere.
    let tomorrow = means.clock.now().date_naive() + TimeDelta::days(1);
    if date.year() < FIRST_YEAR || date > tomorrow {
        return Err(Error::field("/dateOfBirth", "This is nobody's date of birth: year, month and day, please."));
    }
    Ok(())
}

/// Four digits.
pub fn check_ssn_last4(digits: &str) -> std::result::Result<(), FieldError> {
    let is_right = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let message = "Enter the last four digits of the Social Security number.".to_owned();
    if is_right { Ok(()) } else { Err(FieldError { pointer: "/ssnLast4".into(), message }) }
}

/// Something short.
pub fn check_mrn(mrn: &str) -> std::result::Result<(), FieldError> {
    let length = mrn.trim().chars().count();
    let is_right = (1..=64).contains(&length) && !mrn.chars().any(char::is_control);
    let message = "Enter the medical record number, up to 64 characters.".to_owned();
    if is_right { Ok(()) } else { Err(FieldError { pointer: "/mrn".into(), message }) }
}

/// Registers, or not; tells nobody which.
///
/// # Errors
/// `rateLimited`, for whoever tries too often.
pub async fn register(pool: &Pool, means: Means<'_>, given: &Application, hash: &str, from: &Actor) -> Result<()> {
    let mut conn = pool.get().await?;
    conn.transaction(async |conn| {
        let client = match email::find(conn, &given.email).await? {
            Some(user) if user.is_client() && user.status == "active" => store::lock_user(conn, user.id).await?,
            _ => None,
        };
        let knows = !matches!(given.proof, Proof::Invitation(_));
        let may_try = !knows || tries::count(conn, client.as_ref().map(|client| client.id), from.address).await?;
        let refusal = match &client {
            None => Some("nobody"),
            Some(_) if !may_try => Some("tooManyTries"),
            Some(client) => judge(conn, means, client, given).await?,
        };
        match (client, refusal) {
            (Some(client), None) => go_on(conn, means, &client, given, hash, from).await,
            (client, refusal) => {
                let detail = json!({ "proof": given.proof.as_str(), "reason": refusal });
                let mut event = Event::new(from, "client.proven").refused().with(detail);
                if let Some(client) = &client {
                    event = event.in_practice(client.practice_id).of_client(client.id).on("user", client.id);
                }
                Ok(audit::record(conn, event).await?)
            }
        }
    })
    .await
}

/// Why it is not this client, if so.
async fn judge(
    conn: &mut AsyncPgConnection,
    means: Means<'_>,
    client: &SignInRecord,
    given: &Application,
) -> Result<Option<&'static str>> {
    let file = client_file::find(conn, means.keyring, client.id).await?;
    let Some(file) = file else { return Ok(Some("notOnFile")) };
    let is_born = file.is_born(given.date_of_birth);
    let wrong = |is_right: bool| if is_right { None } else { Some("wrong") };
    match &given.proof {
        Proof::SsnLast4(digits) => Ok(wrong(is_born & file.has_ssn_last4(digits))),
        Proof::Mrn(mrn) => Ok(wrong(is_born & file.has_mrn(mrn))),
        Proof::Invitation(token) => invite::judge_clients(conn, means, client, token, is_born).await,
    }
}

/// Somebody is the client. With an invitation they have shown that the mailbox is theirs, too.
async fn go_on(
    conn: &mut AsyncPgConnection,
    means: Means<'_>,
    client: &SignInRecord,
    given: &Application,
    hash: &str,
    from: &Actor,
) -> Result<()> {
    let actor = Actor { practice: Some(client.practice_id), ..from.clone() };
    let event = credentials::about(&actor, "client.proven", client).with(json!({ "proof": given.proof.as_str() }));
    audit::record(conn, event).await?;
    if client.password_hash.is_some() {
        let mail = Mail::RegisteredAlready { path: "/sign-in".into() };
        return outbox::mail(conn, means.keyring, &client.recipient(), mail).await;
    }
    if let Proof::Invitation(_) = given.proof {
        let chosen = Chosen { password_hash: hash, terms_version: &given.terms_version, proof: "invitation" };
        return activate::activate(conn, means, client, chosen, from).await;
    }
    crate::db::statement(
        "INSERT INTO registrations (client_id, password_hash, terms_version) VALUES ($1, $2, $3)
        ON CONFLICT (client_id) DO UPDATE SET password_hash = $2, terms_version = $3, created_at = now()",
    )
    .bind::<sql::Uuid, _>(client.id)
    .bind::<sql::Text, _>(hash)
    .bind::<sql::Text, _>(&given.terms_version)
    .execute(conn)
    .await?;
    confirm::mail_link(conn, means, client).await
}
