//! `carehub seed`: people and threads for load generators. Refused on a production configuration.

use std::{path::PathBuf, time::Instant};

use anyhow::bail;
use clap::Args;

use super::{block_on, installation::Installation};
use crate::{
    clock::Clock,
    config::{Config, Profile},
    db,
    dev::seed,
};

/// More than one machine has connections for.
const MOST: u32 = 1_000_000;

/// What to make.
#[derive(Debug, Args)]
pub struct SeedArguments {
    #[command(flatten)]
    crowd: CrowdArguments,
    /// Where to write the access tokens: a JSON line for each thread, readable by you alone
    #[arg(long, value_name = "FILE")]
    tokens: PathBuf,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct CrowdArguments {
    /// So many pairs of a client and a clinician, each with a thread
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST)))]
    pairs: Option<u32>,
    /// One thread with so many participants
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=i64::from(MOST)))]
    group: Option<u32>,
}

pub fn run(config: &Config, arguments: &SeedArguments) -> anyhow::Result<()> {
    if config.profile == Profile::Production {
        bail!("CAREHUB_PROFILE is production: invented people have no place in a practice's data");
    }
    let installation = Installation::open(config)?;
    let masters = installation.master_keys()?;
    let master = masters.current();
    let started = Instant::now();
    let path = &arguments.tokens;
    block_on(async {
        let mut conn = db::connect(&installation.database_url).await?;
        let clock = Clock::system();
        match (arguments.crowd.pairs, arguments.crowd.group) {
            (Some(pairs), _) => seed::seed_pairs(&mut conn, master, &clock, pairs as usize, path).await,
            (None, Some(group)) => seed::seed_group(&mut conn, master, &clock, group as usize, path).await,
            (None, None) => bail!("say --pairs N or --group N"),
        }
    })?;
    println!(
        "Done in {:.1} s; the tokens in {} are good for 12 hours.",
        started.elapsed().as_secs_f64(),
        path.display()
    );
    Ok(())
}
