//! Tickets: somebody showed a first factor and still owes a second one. A ticket opens nothing by itself, is spent
//! once, lasts minutes, and is gone after a few wrong codes. Stored as a digest.

use super::{
    begin::Handover,
    second_factor::Method,
    verified::{self, Proof, Verified},
};
use crate::{
    accounts::{Audience, lifetimes, store::SignInRecord},
    crypto::secret,
    error::Result,
    ids::UserId,
    schema::sign_in_tickets as tickets,
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use secrecy::SecretString;

/// So many wrong codes, and one starts again with the password.
const FAILURES: i32 = 5;

/// What somebody is asked who has to show a second factor.
pub struct Challenge {
    pub ticket: SecretString,
    pub methods: Vec<Method>,
    pub expires_at: DateTime<Utc>,
}

/// A ticket that was presented, and is good.
pub struct Ticket {
    hash: Vec<u8>,
    user: UserId,
    door: Audience,
    proof: Proof,
    handover: Handover,
}

impl Ticket {
    /// Who came in with it.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// At which door.
    pub fn door(&self) -> Audience {
        self.door
    }

    pub(super) fn proof(&self) -> Proof {
        self.proof
    }

    /// What the caller asked to be given.
    pub fn handover(&self) -> Handover {
        self.handover
    }

    /// Why it lets nobody in, if so, as a code for the record.
    pub fn refusal(&self, user: &SignInRecord, now: DateTime<Utc>) -> Option<&'static str> {
        verified::refusal(user, self.door, true, now)
    }
}

/// Writes a ticket for somebody.
pub(super) async fn issue(
    conn: &mut AsyncPgConnection,
    verified: &Verified,
    handover: Handover,
    methods: Vec<Method>,
    now: DateTime<Utc>,
) -> Result<Challenge> {
    // Those of everybody that nobody came back with: no loop is needed for them.
    diesel::delete(tickets::table.filter(tickets::expires_at.lt(diesel::dsl::now))).execute(conn).await?;
    let (ticket, expires_at) = (secret::random()?, now + lifetimes::TICKET);
    diesel::insert_into(tickets::table)
        .values((
            tickets::hash.eq(secret::digest(&ticket)),
            tickets::user_id.eq(verified.user),
            tickets::audience.eq(verified.door.as_str()),
            tickets::proof.eq(verified.proof.as_str()),
            tickets::handover.eq(handover.as_str()),
            tickets::expires_at.eq(expires_at),
        ))
        .execute(conn)
        .await?;
    Ok(Challenge { ticket, methods, expires_at })
}

/// The ticket, where it is good at this door.
pub async fn find(conn: &mut AsyncPgConnection, ticket: &SecretString, door: Audience) -> QueryResult<Option<Ticket>> {
    let hash = secret::digest(ticket);
    let row: Option<(UserId, String, String)> = tickets::table
        .find(&hash)
        .filter(tickets::audience.eq(door.as_str()))
        .filter(tickets::expires_at.gt(diesel::dsl::now))
        .filter(tickets::failures.lt(FAILURES))
        .select((tickets::user_id, tickets::proof, tickets::handover))
        .first(conn)
        .await
        .optional()?;
    Ok(row.and_then(|(user, proof, handover)| {
        Some(Ticket { hash, user, door, proof: Proof::parse(&proof)?, handover: Handover::parse(&handover)? })
    }))
}

/// Counts a wrong code.
pub(super) async fn count_failure(conn: &mut AsyncPgConnection, ticket: &Ticket) -> QueryResult<()> {
    diesel::update(tickets::table.find(&ticket.hash))
        .set(tickets::failures.eq(tickets::failures + 1))
        .execute(conn)
        .await?;
    Ok(())
}

/// Uses the ticket up; false when somebody was quicker.
pub(super) async fn spend(conn: &mut AsyncPgConnection, ticket: &Ticket) -> QueryResult<bool> {
    Ok(diesel::delete(tickets::table.find(&ticket.hash)).execute(conn).await? == 1)
}

/// Takes away all tickets of somebody whose password or factors change.
pub(in crate::accounts) async fn forget_all(conn: &mut AsyncPgConnection, user: UserId) -> QueryResult<()> {
    diesel::delete(tickets::table.filter(tickets::user_id.eq(user))).execute(conn).await?;
    Ok(())
}
