//! Telling a person that something happened to their account: by e-mail, always and at once, and within Carehub. Never
//! decides when that is due.

use super::{sign_in::Means, store::SignInRecord};
use crate::{
    error::Result,
    notices::{self, Notice},
    notify::{Mail, mail::SecurityNotice, outbox},
};
use diesel_async::AsyncPgConnection;

/// Tells it. Call within the transaction that does it: the address is the one from before.
pub async fn tell(
    conn: &mut AsyncPgConnection,
    means: Means<'_>,
    user: &SignInRecord,
    notice: SecurityNotice,
) -> Result<()> {
    let mail = Mail::Security { notice, at: means.clock.now() };
    outbox::mail(conn, means.keyring, &user.recipient(), mail).await?;
    Ok(notices::tell(conn, &Notice::security(user.id, notice)).await?)
}
