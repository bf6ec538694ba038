//! `carehub migrate`: brings the schema up to date, and says what it ran.

use super::installation::Installation;
use crate::{config::Config, db};

pub fn run(config: &Config) -> anyhow::Result<()> {
    let installation = Installation::open(config)?;
    let run = db::migrate(&installation.database_url)?;
    for name in &run {
        println!("ran {name}");
    }
    if run.is_empty() {
        println!("The schema is up to date.");
    }
    Ok(())
}
