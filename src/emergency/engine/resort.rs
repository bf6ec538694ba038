//! Everybody was called and nobody came. The practice's own telephone gets a text message; the client is told so, and what
//! to do now; the staff's banner shows it for as long as it is open; the log and the metrics say it. Never silence.

use super::Engine;
use crate::{
    audit::{self, Actor},
    db,
    emergency::{
        links,
        model::Escalation,
        policy::{LastResort, Policy},
        reach, thread,
        words::Said,
    },
    error::Result,
    ids::OutboxId,
    notify::{
        Channel, Content,
        content::Page,
        outbox::{self, Delivery, Recipient},
    },
};
use chrono::{DateTime, Utc};
use diesel::sql_types as sql;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::json;

/// Where staff see what is open.
const EMERGENCIES: &str = "/ehr/escalations";
/// Of the text message, where nobody in particular answers the telephone.
const LANGUAGE: &str = "en";

/// Tells everybody who can be told, each for itself: what cannot be told to one is told to the others all the same.
pub async fn reach(
    engine: &Engine,
    conn: &mut AsyncPgConnection,
    escalation: &Escalation,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<()> {
    tracing::error!(escalation = %escalation.id, drill = escalation.drill, "nobody has answered an emergency");
    metrics::counter!("carehub_emergencies_exhausted_total").increment(1);
    let resort = &policy.last_resort;
    let called = conn.transaction(async |conn| call_practice(engine, conn, escalation, resort, now).await).await;
    if let Err(error) = called {
        tracing::error!(escalation = %escalation.id, ?error, "the practice's telephone cannot be sent a message");
    }
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

/// One text message, in the transaction that exhausts it: whichever hub makes the transition, and whatever is killed.
async fn call_practice(
    engine: &Engine,
    conn: &mut AsyncPgConnection,
    escalation: &Escalation,
    resort: &LastResort,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(phone) = &resort.phone else { return Ok(()) };
    // Whoever left the practice since gets no link.
    let answering: Vec<_> = resort.answered_by.into_iter().collect();
    let person = reach::ways(conn, escalation.practice, &answering).await?.pop();
    let path = match &person {
        Some(person) => links::issue(conn, escalation.id, person.user, now).await?,
        None => EMERGENCIES.to_owned(),
    };
    let to = Recipient {
        practice: escalation.practice,
        user: None,
        channel: Channel::Sms,
        address: phone.clone(),
        language: person.as_ref().map_or(LANGUAGE, |person| &person.language).to_owned(),
    };
    let content = Content::LastResort(Page { path, drill: escalation.drill });
    let delivery = Delivery { urgent: true, ..Delivery::default() };
    let queued = outbox::queue(conn, &engine.keyring, &to, content, delivery).await?;
    note(conn, escalation, queued).await?;
    let detail = json!({"channel": Channel::Sms, "linkFor": person.map(|person| person.user)});
    let hub = Actor::hub();
    audit::record(conn, escalation.event(&hub, "escalation.practiceCalled").with(detail)).await?;
    Ok(())
}

async fn note(conn: &mut AsyncPgConnection, escalation: &Escalation, queued: OutboxId) -> Result<()> {
    db::statement("UPDATE escalations SET last_resort_ids = array_append(last_resort_ids, $2) WHERE id = $1")
        .bind::<sql::Uuid, _>(escalation.id)
        .bind::<sql::Uuid, _>(queued)
        .execute(conn)
        .await?;
    Ok(())
}
