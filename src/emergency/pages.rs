//! Calling people. A page is a row here and, but within the app, rows of the outbox, all in the transaction of the
//! transition that calls. A person or a channel that cannot be called never keeps the others from being called.

use super::{course::Course, links, model::Escalation, reach::Reachable};
use crate::{
    audit::{self, Actor, Event},
    crypto::Keyring,
    db,
    error::Result,
    ids::{EscalationId, OutboxId, PageId, UserId},
    notify::{
        Channel,
        content::Page,
        outbox::{self, Delivery, Recipient},
    },
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Who is called, when and how.
pub struct Call<'a> {
    pub keyring: &'a Keyring,
    pub escalation: &'a Escalation,
    /// As it will be: which step of which round.
    pub course: &'a Course,
    pub now: DateTime<Utc>,
}

impl Call<'_> {
    /// Calls these people by those of their ways that are among the channels, and always within the app; how many are
    /// reached outside of it.
    pub async fn people(
        &self,
        conn: &mut AsyncPgConnection,
        people: &[Reachable],
        channels: &[Channel],
    ) -> Result<usize> {
        let (mut reached, mut met) = (0, BTreeSet::new());
        for person in people.iter().filter(|person| met.insert(person.user)) {
            // In a savepoint each: one who cannot be called takes nobody along.
            let called = conn.transaction(async |conn| self.person(conn, person, channels).await).await;
            match called {
                Ok(true) => reached += 1,
                Ok(false) => self.unreachable(conn, person.user, "noWay").await?,
                Err(error) => {
                    tracing::error!(escalation = %self.escalation.id, user = %person.user, %error, "a person cannot be called");
                    self.unreachable(conn, person.user, "failed").await?;
                }
            }
        }
        Ok(reached)
    }

    /// Whether there was a way outside of the app.
    async fn person(&self, conn: &mut AsyncPgConnection, person: &Reachable, channels: &[Channel]) -> Result<bool> {
        let mut by_channel: BTreeMap<Channel, Vec<&str>> = BTreeMap::from([(Channel::InApp, Vec::new())]);
        let outside_of_app =
            |(channel, _): &&(Channel, String)| *channel != Channel::InApp && channels.contains(channel);
        for (channel, address) in person.ways.iter().filter(outside_of_app) {
            by_channel.entry(*channel).or_default().push(address);
        }
        let mut outside = false;
        for (channel, addresses) in by_channel {
            let paged = self.page(conn, person, channel, &addresses).await?;
            outside |= paged && channel != Channel::InApp;
        }
        Ok(outside)
    }

    /// False: this page was made before.
    async fn page(
        &self,
        conn: &mut AsyncPgConnection,
        person: &Reachable,
        channel: Channel,
        addresses: &[&str],
    ) -> Result<bool> {
        let (id, escalation) = (PageId::new(), self.escalation);
        let made = db::statement(
            "INSERT INTO pages (id, escalation_id, step, round, user_id, channel, state, at)
            VALUES ($1, $2, $3, $4, $5, $6, 'queued', $7) ON CONFLICT DO NOTHING",
        )
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Uuid, _>(escalation.id)
        .bind::<sql::Integer, _>(self.step())
        .bind::<sql::Integer, _>(self.course.round)
        .bind::<sql::Uuid, _>(person.user)
        .bind::<sql::Text, _>(channel.as_str())
        .bind::<sql::Timestamptz, _>(self.now)
        .execute(conn)
        .await?;
        if made == 0 {
            return Ok(false);
        }
        let mut queued = Vec::with_capacity(addresses.len());
        for address in addresses {
            queued.push(self.queue(conn, person, channel, address).await?.0);
        }
        db::statement("UPDATE pages SET outbox_ids = $2 WHERE id = $1")
            .bind::<sql::Uuid, _>(id)
            .bind::<sql::Array<sql::Uuid>, _>(queued)
            .execute(conn)
            .await?;
        self.record(conn, "escalation.paged", person.user, Some(channel), None).await?;
        Ok(true)
    }

    async fn queue(
        &self,
        conn: &mut AsyncPgConnection,
        person: &Reachable,
        channel: Channel,
        address: &str,
    ) -> Result<OutboxId> {
        let escalation = self.escalation;
        let path = links::issue(conn, escalation.id, person.user, self.now).await?;
        let to = Recipient {
            practice: escalation.practice,
            user: Some(person.user),
            channel,
            address: address.to_owned(),
            language: person.language.clone(),
        };
        let delivery = Delivery { urgent: true, ..Delivery::default() };
        outbox::queue(conn, self.keyring, &to, Page { path, drill: escalation.drill }, delivery).await
    }

    async fn unreachable(&self, conn: &mut AsyncPgConnection, user: UserId, why: &'static str) -> Result<()> {
        metrics::counter!("carehub_pages_impossible_total").increment(1);
        self.record(conn, "escalation.personUnreached", user, None, Some(why)).await
    }

    async fn record(
        &self,
        conn: &mut AsyncPgConnection,
        action: &'static str,
        user: UserId,
        channel: Option<Channel>,
        why: Option<&'static str>,
    ) -> Result<()> {
        let hub = Actor::hub();
        let detail =
            json!({"user": user, "channel": channel, "step": self.step(), "round": self.course.round, "why": why});
        audit::record(conn, self.escalation.event(&hub, action).with(detail)).await?;
        Ok(())
    }

    fn step(&self) -> i32 {
        i32::try_from(self.course.step).unwrap_or(i32::MAX)
    }

    /// Pages of this round that were lost: notes it, calls each of these people by the ways that were not tried yet, and
    /// tells whether any page of the step is left that may arrive.
    pub async fn replace_lost(&self, conn: &mut AsyncPgConnection, people: &[Reachable]) -> Result<Lost> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = sql::Uuid)]
            user_id: UserId,
            #[diesel(sql_type = sql::Text)]
            channel: String,
        }
        let rows: Vec<Row> = db::statement(
            "UPDATE pages p SET state = 'undelivered'
            WHERE p.escalation_id = $1 AND p.round = $2 AND p.state = 'queued' AND p.outbox_ids <> '{}' AND NOT EXISTS (
                SELECT FROM outbox o WHERE o.id = ANY (p.outbox_ids) AND o.state NOT IN ('failed', 'bounced'))
            RETURNING p.user_id, p.channel",
        )
        .bind::<sql::Uuid, _>(self.escalation.id)
        .bind::<sql::Integer, _>(self.course.round)
        .load(conn)
        .await?;
        for row in &rows {
            self.record(conn, "escalation.pageLost", row.user_id, Channel::parse(&row.channel), None).await?;
        }
        let lost: BTreeSet<UserId> = rows.iter().map(|row| row.user_id).collect();
        let concerned: Vec<Reachable> = people.iter().filter(|person| lost.contains(&person.user)).cloned().collect();
        let reached = if concerned.is_empty() { 0 } else { self.people(conn, &concerned, &Channel::ALL).await? };
        let left = reached > 0 || has_live_pages(conn, self.escalation.id, self.course).await?;
        Ok(Lost { any: !rows.is_empty(), left })
    }
}

/// What was lost.
#[derive(Clone, Copy, Debug)]
pub struct Lost {
    /// Any page at all.
    pub any: bool,
    /// Some page may still arrive.
    pub left: bool,
}

async fn has_live_pages(conn: &mut AsyncPgConnection, id: EscalationId, course: &Course) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Bool)]
        live: bool,
    }
    let row: Row = db::statement(
        "SELECT EXISTS (SELECT FROM pages WHERE escalation_id = $1 AND round = $2 AND step = $3 AND state = 'queued'
            AND channel <> 'inApp') AS live",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Integer, _>(course.round)
    .bind::<sql::Integer, _>(i32::try_from(course.step).unwrap_or(i32::MAX))
    .get_result(conn)
    .await?;
    Ok(row.live)
}

/// Takes back every page that was not sent yet, also to the practice itself. What a provider is being given at this moment arrives.
pub async fn cancel(conn: &mut AsyncPgConnection, escalation: EscalationId) -> Result<usize> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Array<sql::Uuid>)]
        outbox_ids: Vec<OutboxId>,
    }
    let rows: Vec<Row> = db::statement(
        "SELECT outbox_ids FROM pages WHERE escalation_id = $1 AND state = 'queued' ORDER BY id FOR UPDATE",
    )
    .bind::<sql::Uuid, _>(escalation)
    .load(conn)
    .await?;
    let practice: Row = db::statement("SELECT last_resort_ids AS outbox_ids FROM escalations WHERE id = $1")
        .bind::<sql::Uuid, _>(escalation)
        .get_result(conn)
        .await?;
    let pending: Vec<OutboxId> = rows.into_iter().chain([practice]).flat_map(|row| row.outbox_ids).collect();
    let cancelled = outbox::cancel(conn, &pending).await?;
    db::statement(
        "UPDATE pages p SET state = 'cancelled' WHERE p.escalation_id = $1 AND p.state = 'queued' AND NOT EXISTS (
            SELECT FROM outbox o WHERE o.id = ANY (p.outbox_ids) AND o.state <> 'cancelled')",
    )
    .bind::<sql::Uuid, _>(escalation)
    .execute(conn)
    .await?;
    Ok(cancelled)
}

/// Somebody who was called has looked.
pub async fn note_seen(
    conn: &mut AsyncPgConnection,
    escalation: EscalationId,
    user: UserId,
    now: DateTime<Utc>,
) -> QueryResult<bool> {
    let seen =
        db::statement("UPDATE pages SET seen_at = $3 WHERE escalation_id = $1 AND user_id = $2 AND seen_at IS NULL")
            .bind::<sql::Uuid, _>(escalation)
            .bind::<sql::Uuid, _>(user)
            .bind::<sql::Timestamptz, _>(now)
            .execute(conn)
            .await?;
    Ok(seen > 0)
}

impl Escalation {
    /// A row for the audit log of what happened in it.
    pub fn event<'a>(&self, actor: &'a Actor, action: &'static str) -> Event<'a> {
        let event = Event::new(actor, action).in_practice(self.practice).on("escalation", self.id);
        self.client.into_iter().fold(event, Event::of_client)
    }
}
