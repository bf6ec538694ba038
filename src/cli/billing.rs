//! `carehub billing reconcile`: the ledger compared with Stripe. Changes nothing; which side is right decides a person.

use super::{block_on, installation::Installation, notice};
use crate::{
    audit::{Actor, Event, record},
    billing::stripe::{
        Stripe,
        client::Trouble,
        differences,
        reconcile::{narrow, ours, theirs},
    },
    config::Config,
    db,
};
use anyhow::{Context, bail};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use clap::{Args, Subcommand};
use diesel_async::AsyncPgConnection;
use serde_json::json;

/// Looked back over, where nobody says how far.
const DAYS: i64 = 90;

#[derive(Debug, Subcommand)]
pub enum BillingCommand {
    /// Compare the ledger with Stripe, and print every difference; ends with 1 when there is one
    Reconcile(ReconcileArguments),
}

#[derive(Debug, Args)]
pub struct ReconcileArguments {
    /// From this day on (UTC), such as 2026-11-01; left out: the last 90 days
    #[arg(long, value_name = "DAY")]
    since: Option<chrono::NaiveDate>,
}

pub fn run(config: &Config, command: BillingCommand) -> anyhow::Result<()> {
    let BillingCommand::Reconcile(arguments) = command;
    let settings =
        config.stripe.as_ref().context("CAREHUB_STRIPE_SECRET_KEY is not set: there is nothing to compare with")?;
    let stripe = Stripe::new(settings, config.profile)?;
    let installation = Installation::open(config)?;
    let found = block_on(async {
        let mut conn = db::connect(&installation.database_url).await?;
        let now = db::time::now(&mut conn).await?;
        let since =
            arguments.since.map_or_else(|| now - TimeDelta::days(DAYS), |day| day.and_time(NaiveTime::MIN).and_utc());
        compare(&mut conn, &stripe, since, now).await
    })?;
    for difference in &found {
        println!("{difference}");
    }
    match found.len() {
        0 => {
            println!("The ledger and Stripe say the same.");
            Ok(())
        }
        many => bail!("{many} differences between the ledger and Stripe, amounts in minor units"),
    }
}

async fn compare(
    conn: &mut AsyncPgConnection,
    stripe: &Stripe,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> anyhow::Result<Vec<differences::Difference>> {
    notice(&format!("Comparing everything since {}.", since.format("%Y-%m-%d %H:%M UTC")));
    // Before Stripe is asked, which takes a while: what is recorded meanwhile is not looked for there.
    let in_ledger = ours(conn, since, now).await.map_err(|error| anyhow::anyhow!("{}", db::describe(&error)))?;
    let mut at_stripe = theirs(stripe, since).await.map_err(|trouble| match trouble {
        Trouble::Unsure(why) => anyhow::anyhow!("Stripe could not be asked ({why}): try again"),
        Trouble::Declined { code, .. } | Trouble::Refused { code, .. } => anyhow::anyhow!("Stripe refused ({code})"),
    })?;
    narrow(&mut at_stripe, &in_ledger, since, now);
    let found = differences::find(&at_stripe, &in_ledger);
    let actor = Actor::hub();
    let event = Event::new(&actor, "billing.reconciled").with(json!({"differences": found.len()}));
    record(conn, event).await.map_err(|error| anyhow::anyhow!("{}", db::describe(&error)))?;
    Ok(found)
}
