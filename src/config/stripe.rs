//! Settings of payments by card. Checked here; used by `billing::stripe`.

use super::{Profile, Source, keys};
use anyhow::{Context, bail};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// Secrets that are good at once: the one in use, and the one that follows it.
const WEBHOOK_SECRETS: usize = 2;

/// An account at Stripe.
#[derive(Clone, Debug)]
pub struct StripeSettings {
    pub secret_key: SecretString,
    /// For browsers; no secret.
    pub publishable_key: String,
    /// Any of them signs.
    pub webhook_secrets: Vec<SecretString>,
    /// None: Stripe's own.
    pub api_url: Option<Url>,
    /// The script that takes cards.
    pub js_url: Url,
}

impl StripeSettings {
    pub(super) fn read(source: &Source, profile: Profile) -> anyhow::Result<Option<Self>> {
        let Some(secret_key) = source.text(&keys::STRIPE_SECRET_KEY).map(SecretString::from) else { return Ok(None) };
        let missing = |key: &keys::Key| format!("{} is not set: {}", key.name, key.meaning);
        let key = &keys::STRIPE_PUBLISHABLE_KEY;
        let publishable_key = source.text(key).with_context(|| missing(key))?;
        check_keys(secret_key.expose_secret(), &publishable_key)?;
        let webhook_secrets = source.secrets(&keys::STRIPE_WEBHOOK_SECRETS);
        if webhook_secrets.is_empty() {
            bail!("{}", missing(&keys::STRIPE_WEBHOOK_SECRETS));
        }
        if webhook_secrets.len() > WEBHOOK_SECRETS {
            bail!("{} holds more than the secret in use and the next one", keys::STRIPE_WEBHOOK_SECRETS.name);
        }
        let js_url: Url = source.parsed(&keys::STRIPE_JS_URL)?;
        let is_local = js_url.scheme() == "http" && profile == Profile::Development;
        if js_url.host_str().is_none() || !(js_url.scheme() == "https" || is_local) {
            bail!("{} has to begin with https://", keys::STRIPE_JS_URL.name);
        }
        let api_url = source.optional(&keys::STRIPE_API_URL)?;
        Ok(Some(Self { secret_key, publishable_key, webhook_secrets, api_url, js_url }))
    }
}

/// Each key in its place, and both for real money or both for none: a card given to the one cannot be charged by the
/// other.
fn check_keys(secret: &str, publishable: &str) -> anyhow::Result<()> {
    if !(secret.starts_with("sk_") || secret.starts_with("rk_")) {
        bail!("{} begins with sk_ or rk_", keys::STRIPE_SECRET_KEY.name);
    }
    if !publishable.starts_with("pk_") {
        bail!("{} begins with pk_", keys::STRIPE_PUBLISHABLE_KEY.name);
    }
    if secret[3..].starts_with("live_") != publishable[3..].starts_with("live_") {
        bail!(
            "{} and {} belong together: one is for real money, the other for tests",
            keys::STRIPE_SECRET_KEY.name,
            keys::STRIPE_PUBLISHABLE_KEY.name
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_in_the_wrong_place_or_of_two_worlds_are_refused() {
        assert!(check_keys("sk_live_1", "pk_live_1").is_ok());
        assert!(check_keys("rk_test_1", "pk_test_1").is_ok());
        for (secret, publishable) in
            [("pk_live_1", "sk_live_1"), ("sk_live_1", "pk_test_1"), ("sk_test_1", "pk_live_1")]
        {
            assert!(check_keys(secret, publishable).is_err(), "{secret} {publishable}");
        }
    }
}
