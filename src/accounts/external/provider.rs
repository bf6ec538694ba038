//! The providers that are set up, and what each says of itself: where it is asked, and with which keys it signs. Read
//! when it is needed, and again after a while.

use super::http::Http;
use crate::config::{IdentityProvider, Profile};
use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::{
    ClientId, ClientSecret, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, RedirectUrl,
    core::{CoreClient, CoreProviderMetadata},
};
use secrecy::ExposeSecret;
use std::sync::{Mutex, PoisonError};

/// So long it is believed what a provider said of itself.
const BELIEVED: TimeDelta = TimeDelta::minutes(10);

/// A client of a provider that was asked what it offers.
pub type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// All providers.
#[derive(Debug)]
pub struct Providers {
    all: Vec<Provider>,
    http: Http,
}

/// One provider.
#[derive(Debug)]
pub struct Provider {
    settings: IdentityProvider,
    said: Mutex<Option<Said>>,
}

#[derive(Clone, Debug)]
struct Said {
    metadata: CoreProviderMetadata,
    at: DateTime<Utc>,
}

impl Providers {
    /// As configured. Asks none of them yet: the hub starts without them.
    ///
    /// # Errors
    /// When an issuer leads inside, or the system cannot speak TLS.
    pub fn new(settings: &[IdentityProvider], profile: Profile) -> anyhow::Result<Self> {
        let http = Http::new(profile)?;
        for IdentityProvider { id, issuer, .. } in settings {
            http.check(issuer).with_context(|| format!("the issuer of {id} cannot be asked"))?;
        }
        let provider = |settings: &IdentityProvider| Provider { settings: settings.clone(), said: Mutex::new(None) };
        Ok(Self { all: settings.iter().map(provider).collect(), http })
    }

    /// In the order in which they are shown.
    pub fn all(&self) -> &[Provider] {
        &self.all
    }

    /// The one of this name.
    pub fn find(&self, id: &str) -> Option<&Provider> {
        self.all.iter().find(|provider| provider.id() == id)
    }

    /// For asking them.
    pub fn http(&self) -> &Http {
        &self.http
    }
}

impl Provider {
    /// Its name in addresses.
    pub fn id(&self) -> &str {
        &self.settings.id
    }

    /// Its name for people.
    pub fn name(&self) -> String {
        let mut letters = self.settings.id.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
    }

    /// Who speaks for its people.
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// A client that comes back to `callback`; knows what the provider said of itself lately, or now where `afresh`.
    ///
    /// # Errors
    /// When the provider is away, or says that it is somebody else.
    pub async fn client(
        &self,
        http: &Http,
        callback: String,
        now: DateTime<Utc>,
        afresh: bool,
    ) -> anyhow::Result<Client> {
        let metadata = self.metadata(http, now, afresh).await?;
        let (id, secret) = (&self.settings.client_id, self.settings.client_secret.expose_secret());
        let client = CoreClient::from_provider_metadata(
            metadata,
            ClientId::new(id.clone()),
            Some(ClientSecret::new(secret.to_owned())),
        );
        Ok(client.set_redirect_uri(RedirectUrl::new(callback)?))
    }

    async fn metadata(&self, http: &Http, now: DateTime<Utc>, afresh: bool) -> anyhow::Result<CoreProviderMetadata> {
        let known = self.said.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(said) = known.filter(|said| !afresh && now - said.at < BELIEVED) {
            return Ok(said.metadata);
        }
        let issuer = IssuerUrl::new(self.settings.issuer.clone())?;
        let metadata = CoreProviderMetadata::discover_async(issuer, &|request| http.send(request)).await?;
        let said = Said { metadata: metadata.clone(), at: now };
        *self.said.lock().unwrap_or_else(PoisonError::into_inner) = Some(said);
        Ok(metadata)
    }
}
