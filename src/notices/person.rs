//! Who is told: their zone and language, what they chose, and by which channels they may be reached now. Read when a notice
//! is planned and again when it leaves, so that a STOP, a consent that was withdrawn or a number that was taken away counts
//! at once. Never decides what is sent.

use super::preferences::{self, Preferences};
use crate::{
    db::statement,
    ids::{ContactPointId, PracticeId, UserId},
    notify::Channel,
};
use chrono_tz::Tz;
use diesel::{QueryResult, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use uuid::Uuid;

/// Somebody who may be told.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: UserId,
    pub practice: PracticeId,
    pub is_staff: bool,
    /// Neither disabled nor erased.
    pub is_active: bool,
    pub language: String,
    pub zone: Tz,
    pub preferences: Preferences,
    pub reach: Reach,
}

/// Where somebody may be reached outside of Carehub.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub struct Reach {
    /// None: a client who did not agree to e-mails, or took it back.
    pub email: Option<String>,
    /// A verified number that did not say STOP.
    pub sms: Option<ContactPointId>,
    /// Each browser that subscribed.
    pub push: Vec<ContactPointId>,
}

impl Reach {
    /// Whether this channel leads anywhere.
    pub fn by(&self, channel: Channel) -> bool {
        !self.addresses(channel).is_empty()
    }

    /// The addresses of this channel, as the outbox takes them.
    pub fn addresses(&self, channel: Channel) -> Vec<String> {
        match channel {
            Channel::InApp => Vec::new(),
            Channel::Email => self.email.iter().cloned().collect(),
            Channel::Sms => self.sms.iter().map(ToString::to_string).collect(),
            Channel::Push => self.push.iter().map(ToString::to_string).collect(),
        }
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    id: UserId,
    #[diesel(sql_type = sql::Uuid)]
    practice_id: PracticeId,
    #[diesel(sql_type = sql::Bool)]
    is_staff: bool,
    #[diesel(sql_type = sql::Bool)]
    is_active: bool,
    #[diesel(sql_type = sql::Text)]
    language: String,
    #[diesel(sql_type = sql::Text)]
    time_zone: String,
    #[diesel(sql_type = sql::Nullable<sql::Jsonb>)]
    document: Option<serde_json::Value>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    email: Option<String>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    sms: Option<ContactPointId>,
    #[diesel(sql_type = sql::Array<sql::Uuid>)]
    push: Vec<ContactPointId>,
}

/// These people.
pub async fn load(conn: &mut AsyncPgConnection, users: &[UserId]) -> QueryResult<HashMap<UserId, Person>> {
    let ids: Vec<Uuid> = users.iter().map(|user| user.0).collect();
    let rows: Vec<Row> = statement(
        "SELECT u.id, u.practice_id, u.role <> 'client' AS is_staff, u.status = 'active' AS is_active, u.language,
            u.time_zone, p.document,
            CASE WHEN u.role <> 'client' OR (SELECT granted FROM consents c
                WHERE c.client_id = u.id AND c.kind = 'emailNotices' ORDER BY c.id DESC LIMIT 1)
                THEN u.email END AS email,
            (SELECT c.id FROM contact_points c WHERE c.user_id = u.id AND c.channel = 'sms'
                AND c.verified_at IS NOT NULL AND c.opted_out_at IS NULL LIMIT 1) AS sms,
            ARRAY(SELECT c.id FROM contact_points c WHERE c.user_id = u.id AND c.channel = 'push'
                AND c.verified_at IS NOT NULL AND c.opted_out_at IS NULL ORDER BY c.id LIMIT 20) AS push
        FROM users u LEFT JOIN notification_preferences p ON p.user_id = u.id WHERE u.id = ANY ($1)",
    )
    .bind::<sql::Array<sql::Uuid>, _>(ids)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, Person::from(row))).collect())
}

/// This person, where there is one.
pub async fn find(conn: &mut AsyncPgConnection, user: UserId) -> QueryResult<Option<Person>> {
    Ok(load(conn, &[user]).await?.remove(&user))
}

impl From<Row> for Person {
    fn from(row: Row) -> Self {
        let Row { id, practice_id, is_staff, is_active, language, time_zone, document, email, sms, push } = row;
        Self {
            id,
            practice: practice_id,
            is_staff,
            is_active,
            language,
            zone: time_zone.parse().unwrap_or(chrono_tz::UTC),
            preferences: preferences::read(document),
            reach: Reach { email, sms, push },
        }
    }
}
