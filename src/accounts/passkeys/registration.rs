//! Making a passkey: a challenge for the browser, and its answer checked and kept.

use super::{
    RelyingParty,
    ceremony::{self, Kind},
    store,
};
use crate::{
    accounts::store::SignInRecord,
    error::{Error, Result},
    ids::{CeremonyId, PasskeyId},
};
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use webauthn_rs::prelude::{CreationChallengeResponse, PasskeyRegistration, RegisterPublicKeyCredential};
use webauthn_rs_proto::ResidentKeyRequirement;

/// The most passkeys of one person.
pub const MOST: usize = 20;

const REFUSED: &str = "This passkey could not be added. Begin again, on this page and within five minutes.";
const TOO_MANY: &str = "There are as many passkeys as an account may have. Remove one that is not used any more.";
const KNOWN: &str = "This passkey is in use already.";

/// What the browser is to ask an authenticator.
pub async fn begin(
    conn: &mut AsyncPgConnection,
    party: &RelyingParty,
    user: &SignInRecord,
    now: DateTime<Utc>,
) -> Result<(CeremonyId, CreationChallengeResponse)> {
    let known = store::credential_ids(conn, user.id).await?;
    if known.len() >= MOST {
        return Err(Error::conflict(TOO_MANY));
    }
    let (mut question, state) = party
        .start_passkey_registration(user.id.0, &user.email, &user.name, Some(known))
        .map_err(anyhow::Error::from)?;
    // One that the authenticator can find by itself: signing in asks for no e-mail address.
    if let Some(selection) = &mut question.public_key.authenticator_selection {
        selection.resident_key = Some(ResidentKeyRequirement::Required);
        selection.require_resident_key = true;
    }
    let id = ceremony::begin(conn, Kind::Registration, Some(user.id), &state, now).await?;
    Ok((id, question))
}

/// Keeps the passkey that was made. The challenge is used up by any answer, so commit it whatever this returns.
///
/// # Errors
/// `invalid` when the answer does not fit the challenge; `conflict` when there are too many.
pub async fn finish(
    conn: &mut AsyncPgConnection,
    party: &RelyingParty,
    user: &SignInRecord,
    ceremony: CeremonyId,
    name: &str,
    answer: &RegisterPublicKeyCredential,
    now: DateTime<Utc>,
) -> Result<Result<PasskeyId>> {
    let state: Option<PasskeyRegistration> =
        ceremony::take(conn, ceremony, Kind::Registration, Some(user.id), now).await?;
    let Some(credential) = state.and_then(|state| party.finish_passkey_registration(answer, &state).ok()) else {
        return Ok(Err(Error::field("/credential", REFUSED)));
    };
    if store::credential_ids(conn, user.id).await?.len() >= MOST {
        return Ok(Err(Error::conflict(TOO_MANY)));
    }
    let id = PasskeyId::new();
    let is_new = store::insert(conn, id, user.id, name, &credential).await?;
    Ok(if is_new { Ok(id) } else { Err(Error::conflict(KNOWN)) })
}
