//! Everybody was called and nobody came. The client is told so, and what to do now; the staff's banner shows it for as
//! long as it is open; the log and the metrics say it. Never silence.

use super::Engine;
use crate::{
    emergency::{model::Escalation, policy::Policy, thread, words::Said},
    error::Result,
};
use diesel_async::{AsyncConnection, AsyncPgConnection};

/// Tells everybody who can be told.
pub async fn reach(
    engine: &Engine,
    conn: &mut AsyncPgConnection,
    escalation: &Escalation,
    policy: &Policy,
) -> Result<()> {
    tracing::error!(escalation = %escalation.id, drill = escalation.drill, "nobody has answered an emergency");
    metrics::counter!("carehub_emergencies_exhausted_total").increment(1);
    let resort = &policy.last_resort;
    let told = conn
        .transaction(async |conn| {
            let words = |language: &str| {
                let own = language.get(..2).and_then(|code| resort.client_is_told.get(&code.to_ascii_lowercase()));
                own.cloned().unwrap_or_else(|| Said::Exhausted { phone: resort.phone.as_deref() }.in_words(language))
            };
            thread::say(conn, &engine.keyring, escalation, words).await
        })
        .await;
    // What cannot be said in the thread still stands on the client's card and in the banner.
    if let Err(error) = told {
        tracing::error!(escalation = %escalation.id, ?error, "the client cannot be told of it in the thread");
    }
    Ok(())
}
