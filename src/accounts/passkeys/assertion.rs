//! Using a passkey: a challenge that anybody may ask for, and the answer that tells who it was.

use super::{
    RelyingParty,
    ceremony::{self, Kind},
    store,
};
use crate::{
    error::Result,
    ids::{CeremonyId, UserId},
};
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use webauthn_rs::prelude::{DiscoverableAuthentication, PublicKeyCredential, RequestChallengeResponse};
use webauthn_rs_proto::AllowCredentials;

/// What the browser is to ask an authenticator. With a person who is known already, for a passkey of theirs.
pub async fn begin(
    conn: &mut AsyncPgConnection,
    party: &RelyingParty,
    user: Option<UserId>,
    now: DateTime<Utc>,
) -> Result<(CeremonyId, RequestChallengeResponse)> {
    let (mut question, state) = party.start_discoverable_authentication().map_err(anyhow::Error::from)?;
    // Whether the question waits in a field or opens a dialog is for the page to say.
    question.mediation = None;
    if let Some(user) = user {
        let known = store::credential_ids(conn, user).await?.into_iter();
        let allowed = known.map(|id| AllowCredentials { type_: "public-key".into(), id, transports: None });
        question.public_key.allow_credentials = allowed.collect();
    }
    let id = ceremony::begin(conn, Kind::SignIn, user, &state, now).await?;
    Ok((id, question))
}

/// Whose passkey answered. None: the answer does not fit the challenge, or the passkey is nobody's. The challenge is
/// used up by any answer, so commit it whatever this returns.
pub async fn finish(
    conn: &mut AsyncPgConnection,
    party: &RelyingParty,
    user: Option<UserId>,
    ceremony: CeremonyId,
    answer: &PublicKeyCredential,
    now: DateTime<Utc>,
) -> Result<Option<UserId>> {
    let state: Option<DiscoverableAuthentication> = ceremony::take(conn, ceremony, Kind::SignIn, user, now).await?;
    let Some(state) = state else { return Ok(None) };
    let Some(mut passkey) = store::lock(conn, answer.get_credential_id()).await? else { return Ok(None) };
    // Whoever was not named before has to be named by the authenticator.
    let named = answer.get_user_unique_id().and_then(|handle| uuid::Uuid::from_slice(handle).ok()).map(UserId);
    if named.or(user) != Some(passkey.user) || user.is_some_and(|user| user != passkey.user) {
        return Ok(None);
    }
    let Ok(proof) = party.finish_discoverable_authentication_v2(answer, state, &passkey.credential) else {
        return Ok(None);
    };
    passkey.credential.update_credential(&proof);
    store::note_use(conn, &passkey).await?;
    Ok(Some(passkey.user))
}
