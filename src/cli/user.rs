//! `carehub user`: what an operator does about people from the command line. Passwords never stand in arguments, which
//! every user of the machine can read.

use std::io::{self, Read};

use anyhow::{Context, bail};
use clap::{Args, Subcommand, ValueEnum};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use secrecy::{ExposeSecret, SecretString};

use super::{block_on, installation::Installation};
use crate::{
    accounts::{
        Role,
        password::{self, rules},
        roster::{self, NewUser},
        second_factor::change,
        store,
    },
    audit::Actor,
    config::Config,
    crypto::secret,
    db,
    ids::{PracticeId, UserId},
};

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add somebody; prints a password made for them
    Add(AddArguments),
    /// Give somebody a new password and end their sign-in sessions
    SetPassword {
        #[command(flatten)]
        who: Address,
        #[command(flatten)]
        source: PasswordSource,
    },
    /// Keep somebody out and end their sign-in sessions
    Lock(Address),
    /// Let somebody in again
    Unlock(Address),
    /// Take somebody's authenticator app, backup codes and passkeys away, who lost them
    ResetSecondFactor(Address),
}

/// Whom a command is about.
#[derive(Debug, Args)]
pub struct Address {
    /// The e-mail address they sign in with
    email: String,
}

#[derive(Debug, Args)]
pub struct PasswordSource {
    /// Read the password from standard input instead of making one
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, Args)]
pub struct AddArguments {
    #[command(flatten)]
    who: Address,
    /// Their name, as others see it
    #[arg(long)]
    name: String,
    #[arg(long, value_enum)]
    role: RoleArgument,
    /// The practice, by its name or id; may be left out where there is one
    #[arg(long)]
    practice: Option<String>,
    /// Make a practice of this name and add them to it
    #[arg(long, conflicts_with = "practice")]
    new_practice: Option<String>,
    /// Their time zone, an IANA name; left out: the practice's
    #[arg(long)]
    time_zone: Option<chrono_tz::Tz>,
    #[command(flatten)]
    source: PasswordSource,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleArgument {
    Client,
    Clinician,
    Staff,
    Admin,
}

impl From<RoleArgument> for Role {
    fn from(role: RoleArgument) -> Self {
        match role {
            RoleArgument::Client => Self::Client,
            RoleArgument::Clinician => Self::Clinician,
            RoleArgument::Staff => Self::Staff,
            RoleArgument::Admin => Self::Admin,
        }
    }
}

pub fn run(config: &Config, command: UserCommand) -> anyhow::Result<()> {
    let installation = Installation::open(config)?;
    block_on(async {
        let mut conn = db::connect(&installation.database_url).await?;
        match command {
            UserCommand::Add(arguments) => add(&mut conn, &arguments).await,
            UserCommand::SetPassword { who, source } => set_password(&mut conn, &who, &source).await,
            UserCommand::Lock(who) => {
                let user = find(&mut conn, &who).await?;
                roster::lock(&mut conn, user).await.map_err(failed)?;
                println!("{} is locked out and signed out everywhere.", who.email);
                Ok(())
            }
            UserCommand::Unlock(who) => {
                let user = find(&mut conn, &who).await?;
                roster::unlock(&mut conn, user).await.map_err(failed)?;
                println!("{} may sign in again.", who.email);
                Ok(())
            }
            UserCommand::ResetSecondFactor(who) => reset_second_factor(&mut conn, &who).await,
        }
    })
}

async fn add(conn: &mut AsyncPgConnection, arguments: &AddArguments) -> anyhow::Result<()> {
    let email = arguments.who.email.trim();
    if !email.split_once('@').is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty()) {
        bail!("{email:?} is no e-mail address");
    }
    if arguments.name.trim().is_empty() {
        bail!("--name is empty: others would not see who writes");
    }
    if store::find_for_sign_in(conn, email).await.map_err(failed)?.is_some() {
        bail!("somebody signs in with {email} already");
    }
    let new = arguments.source.read()?;
    let (practice, time_zone) = practice(conn, arguments).await?;
    let time_zone = arguments.time_zone.map_or(time_zone, |zone| zone.name().to_owned());
    let hash = password::hash(new.secret())?;
    let user = NewUser {
        id: UserId::new(),
        practice_id: practice,
        role: Role::from(arguments.role).as_str(),
        email,
        name: arguments.name.trim(),
        password_hash: &hash,
        time_zone: &time_zone,
    };
    roster::insert_user(conn, &user).await.map_err(failed)?;
    println!("{email} was added as {}.", user.role);
    new.tell();
    Ok(())
}

async fn practice(conn: &mut AsyncPgConnection, arguments: &AddArguments) -> anyhow::Result<(PracticeId, String)> {
    if let Some(name) = &arguments.new_practice {
        let zone = arguments.time_zone.context("a new practice needs --time-zone, such as America/Chicago")?.name();
        let id = PracticeId::new();
        roster::insert_practice(conn, id, name.trim(), zone).await.map_err(failed)?;
        return Ok((id, zone.to_owned()));
    }
    let practices = roster::list_practices(conn).await.map_err(failed)?;
    let wanted = |practice: &roster::Practice| match &arguments.practice {
        Some(wanted) => practice.name == *wanted || practice.id.to_string() == *wanted,
        None => true,
    };
    let mut fitting = practices.into_iter().filter(wanted);
    match (fitting.next(), fitting.next()) {
        (Some(practice), None) => Ok((practice.id, practice.time_zone)),
        (Some(_), Some(_)) => bail!("there are several such practices: say which with --practice and its id"),
        (None, _) if arguments.practice.is_some() => bail!("there is no such practice"),
        (None, _) => bail!("there is no practice yet: make one with --new-practice NAME --time-zone ZONE"),
    }
}

async fn set_password(conn: &mut AsyncPgConnection, who: &Address, source: &PasswordSource) -> anyhow::Result<()> {
    let user = find(conn, who).await?;
    let new = source.read()?;
    let hash = password::hash(new.secret())?;
    roster::set_password(conn, user, &hash).await.map_err(failed)?;
    println!("{} has a new password and is signed out everywhere.", who.email);
    new.tell();
    Ok(())
}

/// The way back in for the only administrator, whom nobody else of the practice can help.
async fn reset_second_factor(conn: &mut AsyncPgConnection, who: &Address) -> anyhow::Result<()> {
    let user = find(conn, who).await?;
    let reset = conn.transaction(async |conn| {
        let user = change::lock(conn, user).await?;
        change::clear(conn, &user, &Actor::hub()).await
    });
    reset.await.map_err(|error| anyhow::anyhow!("the second factor was not reset: {error:?}"))?;
    println!("{} signs in with the password alone, and is signed out everywhere.", who.email);
    Ok(())
}

async fn find(conn: &mut AsyncPgConnection, who: &Address) -> anyhow::Result<UserId> {
    let found = store::find_for_sign_in(conn, who.email.trim()).await.map_err(failed)?;
    found.map(|record| record.id).with_context(|| format!("nobody signs in with {}", who.email))
}

fn failed(error: diesel::result::Error) -> anyhow::Error {
    anyhow::anyhow!("the database refused: {}", db::describe(&error))
}

/// A password for somebody: made for them and to be told, or chosen by the operator.
enum NewPassword {
    Made(SecretString),
    Given(SecretString),
}

impl NewPassword {
    fn secret(&self) -> &SecretString {
        let (Self::Made(secret) | Self::Given(secret)) = self;
        secret
    }

    fn tell(&self) {
        if let Self::Made(password) = self {
            println!("Their password: {}", password.expose_secret());
        }
    }
}

impl PasswordSource {
    fn read(&self) -> anyhow::Result<NewPassword> {
        if !self.password_stdin {
            return Ok(NewPassword::Made(secret::random()?));
        }
        let mut text = String::new();
        io::stdin().take(4 * rules::LONGEST as u64 + 2).read_to_string(&mut text).context("reading the password")?;
        // The line's end is the terminal's, not the password's; everything else is.
        let text = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
        let password = SecretString::from(text);
        rules::check(&password, &[])?;
        Ok(NewPassword::Given(password))
    }
}
