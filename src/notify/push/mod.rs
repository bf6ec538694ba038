//! Web push (RFC 8030): messages to browsers that subscribed, through the push services of their makers. A message only
//! wakes the browser: it says in neutral words that there is something, encrypted for this browser alone (RFC 8291), and
//! is signed so that the push service knows whose it is (VAPID, RFC 8292).
//!
//! - [`subscription`]: what a browser gives us
//! - [`vapid`]: the key that signs
//! - [`send`]: giving a message to a push service

pub mod send;
pub mod subscription;
pub mod vapid;

pub use send::Pusher;
pub use subscription::Subscription;
pub use vapid::Vapid;

use crate::{
    config::Config,
    crypto::Keyring,
    db,
    egress::{Egress, Reach},
};
use anyhow::Context;
use std::{sync::Arc, time::Duration};

/// A push service answers within this.
const PATIENCE: Duration = Duration::from_secs(10);
/// Whom push services may write to, where nobody was named.
const NOBODY: &str = "https://localhost";

/// As configured.
///
/// # Errors
/// When a setting is of no use, or the store is away.
pub async fn start(config: &Config, keyring: &Keyring) -> anyhow::Result<Pusher> {
    let vapid = match &config.push.private_key {
        Some(key) => Vapid::from_private(key).context("CAREHUB_VAPID_PRIVATE_KEY")?,
        None => {
            let url = config.database_url.as_ref().context("DATABASE_URL is not set")?;
            let found = Vapid::find_or_make(&mut db::connect(url).await?, keyring).await;
            found.map_err(|error| anyhow::anyhow!("the key that signs push messages: {error:?}"))?
        }
    };
    let reach = if config.push.loopback { Reach::PublicAndLoopback } else { Reach::Public };
    Ok(Pusher::new(Egress::new(reach, PATIENCE)?, Arc::new(vapid), &contact(config)))
}

fn contact(config: &Config) -> String {
    let sender = config.mail.from.as_deref().and_then(|from| from.parse::<lettre::message::Mailbox>().ok());
    let named = config.push.contact.clone().or_else(|| Some(format!("mailto:{}", sender?.email)));
    let page = || config.public_url.as_ref().filter(|url| url.scheme() == "https").map(ToString::to_string);
    named.or_else(page).unwrap_or_else(|| NOBODY.to_owned())
}
