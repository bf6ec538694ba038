//! There and back (OpenID Connect Core, authorization code flow with PKCE). What is brought back is believed only when
//! everything fits: the browser, the state, the issuer, the code's challenge, and a token that the issuer signed, for
//! this hub, with this nonce, and that is not over.

use super::{
    http::Http,
    journey::{Journey, LASTS, Link},
    provider::{Client, Provider},
};
use crate::{accounts::Audience, clock::Clock};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use openidconnect::{
    AuthorizationCode, ClaimsVerificationError, CsrfToken, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    RequestTokenError, TokenResponse,
    core::{CoreAuthenticationFlow, CoreIdToken, CoreIdTokenClaims},
};
use serde::Deserialize;
use utoipa::IntoParams;

/// What comes back in the address.
#[derive(Deserialize, IntoParams)]
pub struct Returned {
    pub code: Option<String>,
    pub state: Option<String>,
    /// Who sent it (RFC 9207).
    pub iss: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
}

/// Somebody, as an issuer knows them.
#[derive(Debug, PartialEq, Eq)]
pub struct Subject {
    pub issuer: String,
    pub subject: String,
}

/// Why what was brought back is not believed, as a code for the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// This browser was not sent there, or for something else, or too long ago.
    NotSent,
    /// The state is another one.
    State,
    /// It comes from another issuer.
    Issuer,
    /// The person or the provider said no.
    Denied,
    /// The provider does not take the code back.
    Code,
    /// The provider's token is not good.
    Token,
    /// The provider did not answer.
    Away,
}

impl Refusal {
    /// As the record names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotSent => "notSent",
            Self::State => "stateMismatch",
            Self::Issuer => "issuerMismatch",
            Self::Denied => "deniedByProvider",
            Self::Code => "codeRefused",
            Self::Token => "tokenRefused",
            Self::Away => "providerAway",
        }
    }
}

/// Where to send a browser, and what it takes along.
///
/// # Errors
/// When the provider is away.
pub async fn begin(
    provider: &Provider,
    http: &Http,
    clock: &Clock,
    callback: String,
    door: Audience,
    link: Option<Link>,
) -> anyhow::Result<(String, Journey)> {
    let client = provider.client(http, callback, clock.now(), false).await?;
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let flow = CoreAuthenticationFlow::AuthorizationCode;
    // Who it is, and nothing else: no name, no e-mail address.
    let request = client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random).set_pkce_challenge(challenge);
    let (url, state, nonce) = request.url();
    let journey = Journey {
        provider: provider.id().to_owned(),
        door: door.as_str().to_owned(),
        state: state.into_secret(),
        nonce: nonce.secret().clone(),
        verifier: verifier.into_secret(),
        link,
        expires_at: clock.now() + LASTS,
    };
    Ok((url.into(), journey))
}

/// Who came back.
///
/// # Errors
/// Why they are not believed.
pub async fn finish(
    provider: &Provider,
    http: &Http,
    clock: &Clock,
    callback: String,
    door: Audience,
    journey: Option<Journey>,
    returned: Returned,
) -> Result<Subject, Refusal> {
    let now = clock.now();
    let journey = journey.filter(|journey| journey.leads_to(provider.id(), door, now)).ok_or(Refusal::NotSent)?;
    let state = returned.state.unwrap_or_default();
    verify_slices_are_equal(state.as_bytes(), journey.state.as_bytes()).map_err(|_| Refusal::State)?;
    if returned.iss.is_some_and(|issuer| issuer != provider.issuer()) {
        return Err(Refusal::Issuer);
    }
    let code = returned.code.filter(|_| returned.error.is_none()).ok_or(Refusal::Denied)?;
    let client = provider.client(http, callback.clone(), now, false).await.map_err(|_| Refusal::Away)?;
    let exchange = client.exchange_code(AuthorizationCode::new(code)).map_err(|_| Refusal::Away)?;
    let exchange = exchange.set_pkce_verifier(PkceCodeVerifier::new(journey.verifier));
    let answer = exchange.request_async(&|request| http.send(request)).await.map_err(|error| match error {
        RequestTokenError::Request(_) => Refusal::Away,
        _ => Refusal::Code,
    })?;
    let token = answer.id_token().ok_or(Refusal::Token)?;
    let nonce = Nonce::new(journey.nonce);
    let claims = match judge(&client, token, &nonce, clock) {
        // Signed with a key that is newer than what is known.
        Err(ClaimsVerificationError::SignatureVerification(_)) => {
            let client = provider.client(http, callback, now, true).await.map_err(|_| Refusal::Away)?;
            judge(&client, token, &nonce, clock)
        }
        other => other,
    };
    let claims = claims.map_err(|_| Refusal::Token)?;
    Ok(Subject { issuer: claims.issuer().to_string(), subject: claims.subject().to_string() })
}

fn judge(
    client: &Client,
    token: &CoreIdToken,
    nonce: &Nonce,
    clock: &Clock,
) -> Result<CoreIdTokenClaims, ClaimsVerificationError> {
    let now = || clock.now();
    let verifier = client.id_token_verifier().set_time_fn(now);
    token.claims(&verifier, nonce).cloned()
}
