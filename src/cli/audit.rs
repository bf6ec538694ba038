//! `carehub audit verify` and `carehub audit export`: the audit log, proven and handed out. Verifying changes nothing.

use std::{io::Write, path::PathBuf};

use anyhow::{Context, bail};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};

use super::{block_on, installation::Installation, notice};
use crate::{
    audit::{
        Actor, Event,
        chain::{
            checkpoint,
            signer::Trusted,
            verify::{Report, verify},
        },
        record,
        search::{Filter, Place, search},
    },
    config::Config,
    crypto::Keyring,
    db,
    ids::UserId,
};

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Look whether anything was changed, removed, slipped in or cut off; ends with 1 when so, and names the first
    Verify(VerifyArguments),
    /// Write the log as JSON lines to standard output, the oldest first
    Export(ExportArguments),
}

#[derive(Debug, Args)]
pub struct VerifyArguments {
    /// A folder of checkpoints; left out: CAREHUB_AUDIT_CHECKPOINTS, or the demo's own. May be given several times
    #[arg(long, value_name = "FOLDER")]
    checkpoints: Vec<PathBuf>,
    /// Believe this public key (base64) alone, and do without the master key. May be given several times
    #[arg(long, value_name = "KEY")]
    public_key: Vec<String>,
    /// The store was restored from an older backup, and what was lost with that is no fault
    #[arg(long)]
    accept_restore: bool,
}

#[derive(Debug, Args)]
pub struct ExportArguments {
    /// Of this client's record alone, by id
    #[arg(long, value_name = "ID")]
    client: Option<uuid::Uuid>,
    /// From this instant on, such as 2026-11-01T00:00:00Z
    #[arg(long, value_name = "INSTANT")]
    from: Option<DateTime<Utc>>,
    /// Before this instant
    #[arg(long, value_name = "INSTANT")]
    to: Option<DateTime<Utc>>,
}

pub fn run(config: &Config, command: AuditCommand) -> anyhow::Result<()> {
    let installation = Installation::open(config)?;
    match command {
        AuditCommand::Verify(arguments) => verify_all(config, &installation, arguments),
        AuditCommand::Export(arguments) => export(&installation, &arguments),
    }
}

fn verify_all(config: &Config, installation: &Installation, arguments: VerifyArguments) -> anyhow::Result<()> {
    let VerifyArguments { checkpoints: mut folders, public_key, accept_restore } = arguments;
    if folders.is_empty() {
        folders.extend(installation.audit_checkpoints(config));
    }
    let mut checkpoints = Vec::new();
    for folder in &folders {
        let (found, unreadable) = checkpoint::read(folder)?;
        if let Some(line) = unreadable.first() {
            bail!("FAULT: {line} is no checkpoint: the file was altered");
        }
        checkpoints.extend(found);
    }
    let given = public_key.iter().map(|key| BASE64_STANDARD.decode(key)).collect::<Result<Vec<_>, _>>();
    let given = given.context("--public-key is not base64")?;
    let keyring = if given.is_empty() { Some(Keyring::new(installation.master_keys()?)) } else { None };
    let (report, keys) = block_on(async {
        let mut conn = db::connect(&installation.database_url).await?;
        let trusted = match &keyring {
            Some(keyring) => Trusted::ours(&mut conn, keyring).await.map_err(failed)?,
            None => Trusted::only(given),
        };
        let report = verify(&mut conn, &trusted, checkpoints).await.map_err(failed)?;
        Ok((report, trusted.public_keys()))
    })?;
    tell(&report, &keys);
    if folders.is_empty() {
        notice(
            "warning: no checkpoints were looked at, so a cut tail would not be seen. Name their folder with --checkpoints \
             or CAREHUB_AUDIT_CHECKPOINTS",
        );
    }
    match (&report.fault, report.lost_by_restore) {
        (Some(fault), _) => bail!("FAULT: {fault}"),
        (None, Some((first, last))) if !accept_restore => bail!(
            "FAULT: checkpoints tell of blocks {first} to {last}, which an older backup did not have when the store was \
             restored. Where that is so and known, say --accept-restore"
        ),
        _ => {
            println!("The audit log is whole.");
            Ok(())
        }
    }
}

fn tell(report: &Report, keys: &[String]) {
    let Report { blocks, events, entries, unsealed, checkpoints, .. } = report;
    println!(
        "{blocks} blocks hold over {events} audit events and {entries} entries; {checkpoints} checkpoints were compared."
    );
    println!("{unsealed} rows are not sealed yet.");
    for key in keys {
        println!("signed by {key}");
    }
    if let Some((first, last)) = report.lost_by_restore {
        println!("Blocks {first} to {last} went with a restore from an older backup.");
    }
}

/// Rows of one read.
const AT_ONCE: i64 = 1_000;

fn export(installation: &Installation, arguments: &ExportArguments) -> anyhow::Result<()> {
    let ExportArguments { client, from, to } = *arguments;
    block_on(async {
        let mut conn = db::connect(&installation.database_url).await?;
        let actor = Actor::hub();
        let mut told = Event::new(&actor, "audit.exported");
        if let Some(client) = client {
            told = told.of_client(UserId(client));
        }
        record(&mut conn, told).await.map_err(failed)?;
        let filter = Filter { client: client.map(UserId), from, to, ..Filter::default() };
        let (mut out, mut place) = (std::io::stdout().lock(), Place::Oldest);
        loop {
            let rows = search(&mut conn, &filter, place, AT_ONCE).await.map_err(failed)?;
            for row in &rows {
                writeln!(out, "{}", serde_json::to_string(row)?).context("writing the export")?;
            }
            match rows.last() {
                Some(last) => place = Place::After(last.id),
                None => return Ok(()),
            }
        }
    })
}

fn failed(error: diesel::result::Error) -> anyhow::Error {
    anyhow::anyhow!("the database refused: {}", db::describe(&error))
}
