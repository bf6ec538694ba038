//! `carehub keys`: makes master keys, and replaces master keys and signing keys while hubs run. Prints ids of keys, and a
//! key only where a new one was asked for.

use clap::Subcommand;

use super::{block_on, installation::Installation};
use crate::{
    config::Config,
    crypto::MasterKey,
    db,
    keys::{kms::Kms, rotation},
};
use secrecy::ExposeSecret;

#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Print a new master key: wrapped by the KMS where CAREHUB_KMS_KEY_ID names one, else as it is
    Generate,
    /// Wrap all data keys by the current master key, and sign access tokens with a key derived from it. May be
    /// interrupted and run again; does nothing when nothing is left to do
    Rotate,
    /// Sign access tokens with a new key; those signed before stay good for as long as they would have been
    RotateSigning,
}

pub fn run(config: &Config, command: KeysCommand) -> anyhow::Result<()> {
    if let KeysCommand::Generate = command {
        let key = match &config.kms {
            Some(settings) => block_on(async { Kms::new(settings)?.generate().await })?.into(),
            None => MasterKey::generate()?,
        };
        println!("{}", key.expose_secret());
        return Ok(());
    }
    let installation = Installation::open(config)?;
    let masters = installation.master_keys()?;
    block_on(async {
        let mut conn = db::connect(&installation.database_url).await?;
        match command {
            KeysCommand::Generate => {}
            KeysCommand::Rotate => {
                let rotated = rotation::rotate(&mut conn, &masters).await?;
                match rotated.rewrapped {
                    0 => println!("All data keys are wrapped by the master key {}.", masters.current().id()),
                    many => {
                        println!("{many} data keys were wrapped anew, by the master key {}.", masters.current().id())
                    }
                }
                if rotated.new_signing_key {
                    println!("Access tokens are signed with a new key from ten seconds on.");
                }
            }
            KeysCommand::RotateSigning => {
                rotation::begin_signing_key(&mut conn, &masters).await?;
                println!("Access tokens are signed with a new key from ten seconds on.");
            }
        }
        Ok(())
    })
}
