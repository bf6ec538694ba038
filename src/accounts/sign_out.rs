//! Ending a session. Its tokens and its cookie are worth nothing from then on.

use super::store;
use crate::{db::Pool, error::Result, ids::SignInId};

/// Ends the session that its user signs out of.
pub async fn sign_out(pool: &Pool, sign_in: SignInId) -> Result<()> {
    store::end_session(&mut *pool.get().await?, sign_in, "signedOut").await?;
    Ok(())
}
