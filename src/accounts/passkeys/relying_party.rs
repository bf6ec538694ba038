//! For which address passkeys are made and asked for. Browsers hand a passkey to no other host, and sign the origin of
//! the page: that is what makes them useless to a page that only looks like ours.

use crate::error::{Error, Result};
use anyhow::Context;
use std::ops::Deref;
use webauthn_rs::prelude::{Url, Webauthn, WebauthnBuilder};

const NO_NAME: &str = "Passkeys need a host name. Open Carehub at the address that CAREHUB_PUBLIC_URL names, or on \
    this machine at http://localhost.";

/// The hub, as authenticators know it.
pub struct RelyingParty(Webauthn);

impl RelyingParty {
    /// With this origin of its pages.
    ///
    /// # Errors
    /// `conflict` when the origin is a bare address: browsers make passkeys for names only.
    pub fn at(origin: &str) -> Result<Self> {
        let origin = Url::parse(origin).context("the hub's own origin")?;
        let host = origin.domain().ok_or_else(|| Error::conflict(NO_NAME))?;
        let builder = WebauthnBuilder::new(host, &origin).map_err(|_| Error::conflict(NO_NAME))?;
        Ok(Self(builder.rp_name("Carehub").build().context("the relying party")?))
    }
}

impl Deref for RelyingParty {
    type Target = Webauthn;
    fn deref(&self) -> &Webauthn {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_passkeys_and_an_address_has_none() {
        assert!(RelyingParty::at("https://portal.example.org").is_ok());
        assert!(RelyingParty::at("http://localhost:8080").is_ok());
        assert!(matches!(RelyingParty::at("http://127.0.0.1:8080"), Err(Error::Conflict { .. })));
    }
}
