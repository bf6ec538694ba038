//! Putting a client on file: the account is there, and nobody can sign in to it before the client registered.

use super::{
    client_file::{self, ClientFile},
    register::{check_date_of_birth, check_mrn, check_ssn_last4},
};
use crate::{
    accounts::{Person, Role, care, email, sign_in::Means},
    audit::{self, Actor, Event},
    db::Pool,
    error::{Error, FieldError, Result},
    ids::{PracticeId, UserId},
};
use chrono::NaiveDate;
use diesel::{
    result::{DatabaseErrorKind, Error as Diesel},
    sql_types as sql,
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use futures_util::future::BoxFuture;

const NAME_CHARACTERS: usize = 200;

/// What the practice knows of a new client.
pub struct Admission {
    pub name: String,
    pub email: String,
    pub date_of_birth: NaiveDate,
    pub ssn_last4: Option<String>,
    pub mrn: Option<String>,
    /// ISO 639-1: in which e-mails are written.
    pub language: Option<String>,
}

/// Somebody who was just put on file.
#[derive(Clone, Copy, Debug)]
pub struct OnFile {
    pub user: UserId,
    pub practice: PracticeId,
}

/// What is done in the transaction that puts a client on file.
pub trait Also: Sync {
    /// The client is there.
    fn client_is_on_file<'a>(&'a self, conn: &'a mut AsyncPgConnection, client: OnFile) -> BoxFuture<'a, Result<()>>;
}

/// A name as it is kept.
///
/// # Errors
/// `invalid`: none, or far too long.
pub fn read_name(typed: &str) -> Result<String> {
    let name = typed.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARACTERS || name.chars().any(char::is_control) {
        return Err(Error::field("/name", "Enter a name of up to 200 characters."));
    }
    Ok(name.to_owned())
}

/// Puts a client on file. A clinician who does cares for them from then on; `also` is done in the same transaction.
///
/// # Errors
/// `invalid`; `conflict` when somebody signs in with this address already.
pub async fn admit(
    pool: &Pool,
    means: Means<'_>,
    admission: Admission,
    actor: &Actor,
    also: &impl Also,
) -> Result<Person> {
    let (Some(by), Some(practice)) = (actor.user, actor.practice) else { return Err(Error::Unauthenticated) };
    let (name, email) = (read_name(&admission.name)?, email::read(&admission.email, "/email")?);
    check_date_of_birth(means, admission.date_of_birth)?;
    let language = read_language(admission.language)?;
    let ssn = admission.ssn_last4.as_deref().map_or(Ok(()), check_ssn_last4);
    let mrn = admission.mrn.as_deref().map_or(Ok(()), check_mrn);
    let wrong: Vec<FieldError> = [ssn, mrn].into_iter().filter_map(std::result::Result::err).collect();
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let Admission { date_of_birth, ssn_last4, mrn, .. } = admission;
    let file = ClientFile { date_of_birth, ssn_last4, mrn: mrn.map(|mrn| mrn.trim().to_owned()) };
    let id = UserId::new();
    let mut conn = pool.get().await?;
    conn.transaction(async |conn| {
        insert(conn, id, practice, &name, &email, &language).await?;
        client_file::store(conn, means.keyring, id, &file).await?;
        if actor.role == Some(Role::Clinician.as_str()) {
            care::insert(conn, id, by, Some(by)).await?;
        }
        audit::record(conn, Event::new(actor, "client.admitted").of_client(id).on("user", id)).await?;
        also.client_is_on_file(conn, OnFile { user: id, practice }).await?;
        Ok(Person { id, name, role: Role::Client })
    })
    .await
}

fn read_language(asked: Option<String>) -> Result<String> {
    match asked.as_deref() {
        None | Some("en") => Ok("en".into()),
        Some("es") => Ok("es".into()),
        Some(_) => Err(Error::field("/language", "Choose en or es.")),
    }
}

async fn insert(
    conn: &mut AsyncPgConnection,
    id: UserId,
    practice: PracticeId,
    name: &str,
    email: &str,
    language: &str,
) -> Result<()> {
    let inserted = crate::db::statement(
        "INSERT INTO users (id, practice_id, role, email, name, time_zone, language)
        SELECT $1, p.id, 'client', $3, $4, p.time_zone, $5 FROM practices p WHERE p.id = $2",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Uuid, _>(practice)
    .bind::<sql::Text, _>(email)
    .bind::<sql::Text, _>(name)
    .bind::<sql::Text, _>(language)
    .execute(conn)
    .await;
    match inserted {
        Err(Diesel::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {
            Err(Error::conflict("This e-mail address is in use. Ask the client for another one."))
        }
        other => other.map(drop).map_err(Error::from),
    }
}
