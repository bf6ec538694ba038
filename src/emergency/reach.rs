//! The people of a step, and by which ways each is reached. Only ways that were proven to be the person's: whoever cannot
//! be reached outside of the hub is told so before it matters, not by a page that never comes.

use super::{
    policy::Target,
    rota::{self, Layer, Span},
};
use crate::{
    accounts::{Permission, people},
    config::{Config, Profile},
    db,
    error::Result,
    ids::{PracticeId, ThreadId, UserId},
    notify::Channel,
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Somebody who can be called.
#[derive(Clone)]
pub struct Reachable {
    pub user: UserId,
    /// ISO 639-1.
    pub language: String,
    /// With the address of each as the outbox takes it: of e-mail the address, of text messages and push the id of the
    /// contact point. The app is a way to everybody who works for the practice, without an address.
    pub ways: Vec<(Channel, String)>,
}

/// The people of a step at an instant; none where nobody is there. Whoever is on leave is called only where everybody is.
/// Where there is no thread, the clinicians of the client's care team are assigned.
pub async fn people(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    target: Target,
    (thread, client): (Option<ThreadId>, Option<UserId>),
    at: DateTime<Utc>,
) -> Result<Vec<Reachable>> {
    let users = match (target.layer(), thread, client) {
        (Some(layer), ..) => on_call(conn, practice, layer, at).await?,
        (None, Some(thread), _) if target == Target::Assigned => assigned(conn, practice, thread, at).await?,
        (None, None, Some(client)) if target == Target::Assigned => care_team(conn, practice, client, at).await?,
        (None, ..) if target == Target::AllClinicians => clinicians(conn, practice).await?,
        (None, ..) => Vec::new(),
    };
    ways(conn, practice, &users).await
}

/// The channels for which this hub has a provider. In development, e-mails are written into a folder; browsers bring
/// their own push service.
pub fn configured(config: &Config) -> BTreeSet<Channel> {
    let mail = config.mail.smtp_url.is_some() || config.profile == Profile::Development;
    let channels = [
        (Channel::InApp, true),
        (Channel::Email, mail),
        (Channel::Sms, config.twilio.account_sid.is_some()),
        (Channel::Push, true),
    ];
    channels.into_iter().filter(|(_, is_set_up)| *is_set_up).map(|(channel, _)| channel).collect()
}

/// Who would take what nobody has taken: those on call, or where nobody is, everybody who works with threads.
pub async fn takers(conn: &mut AsyncPgConnection, practice: PracticeId, at: DateTime<Utc>) -> Result<Vec<UserId>> {
    let on_call = on_call(conn, practice, Layer::OnCall, at).await?;
    if !on_call.is_empty() {
        return Ok(on_call);
    }
    let working = people::find_colleagues(conn, practice).await?.into_iter();
    Ok(working.filter(|person| person.role.grants(Permission::WorkThreads)).map(|person| person.id).collect())
}

async fn on_call(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    layer: Layer,
    at: DateTime<Utc>,
) -> Result<Vec<UserId>> {
    let rota = rota::store::read(conn, practice, Span { from: at, until: at }).await?;
    Ok(rota.on_call(layer, at))
}

async fn assigned(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    thread: ThreadId,
    at: DateTime<Utc>,
) -> QueryResult<Vec<UserId>> {
    load(
        db::statement(
            "SELECT t.assignee_id AS id FROM threads t
            WHERE t.id = $1 AND t.practice_id = $2 AND t.assignee_id IS NOT NULL AND NOT EXISTS (
                SELECT FROM on_call_overrides o WHERE o.practice_id = $2 AND o.user_id = t.assignee_id
                AND o.kind = 'leave' AND o.removed_at IS NULL AND o.starts_at <= $3 AND o.ends_at > $3)",
        )
        .bind::<sql::Uuid, _>(thread)
        .bind::<sql::Uuid, _>(practice)
        .bind::<sql::Timestamptz, _>(at)
        .load(conn)
        .await?,
    )
}

/// The clinicians who look after a client, but for those on leave.
async fn care_team(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    client: UserId,
    at: DateTime<Utc>,
) -> QueryResult<Vec<UserId>> {
    load(
        db::statement(
            "SELECT u.id FROM client_care c JOIN users u ON u.id = c.user_id
            WHERE c.client_id = $1 AND u.practice_id = $2 AND u.role = 'clinician' AND u.status = 'active'
            AND NOT EXISTS (
                SELECT FROM on_call_overrides o WHERE o.practice_id = $2 AND o.user_id = u.id
                AND o.kind = 'leave' AND o.removed_at IS NULL AND o.starts_at <= $3 AND o.ends_at > $3)
            ORDER BY u.id",
        )
        .bind::<sql::Uuid, _>(client)
        .bind::<sql::Uuid, _>(practice)
        .bind::<sql::Timestamptz, _>(at)
        .load(conn)
        .await?,
    )
}

/// Every clinician who can sign in.
pub async fn clinicians(conn: &mut AsyncPgConnection, practice: PracticeId) -> QueryResult<Vec<UserId>> {
    load(
        db::statement(
            "SELECT id FROM users WHERE practice_id = $1 AND role = 'clinician' AND status = 'active' ORDER BY id",
        )
        .bind::<sql::Uuid, _>(practice)
        .load(conn)
        .await?,
    )
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = sql::Uuid)]
    id: UserId,
}

fn load(rows: Vec<IdRow>) -> QueryResult<Vec<UserId>> {
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// These people, but for those who cannot sign in, each with their ways. Addresses of e-mail are proven when an account
/// is made and whenever they change.
pub async fn ways(conn: &mut AsyncPgConnection, practice: PracticeId, users: &[UserId]) -> Result<Vec<Reachable>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: UserId,
        #[diesel(sql_type = sql::Text)]
        email: String,
        #[diesel(sql_type = sql::Text)]
        language: String,
    }
    let rows: Vec<Row> = db::statement(
        "SELECT id, email, language FROM users
        WHERE id = ANY ($1) AND practice_id = $2 AND role <> 'client' AND status = 'active' ORDER BY id",
    )
    .bind::<sql::Array<sql::Uuid>, _>(users.iter().map(|user| user.0).collect::<Vec<_>>())
    .bind::<sql::Uuid, _>(practice)
    .load(conn)
    .await?;
    let mut points = contact_points(conn, users).await?;
    let reachable = |row: Row| {
        let mut ways = vec![(Channel::InApp, String::new()), (Channel::Email, row.email)];
        ways.extend(points.remove(&row.id).unwrap_or_default());
        Reachable { user: row.id, language: row.language, ways }
    };
    Ok(rows.into_iter().map(reachable).collect())
}

/// Telephone numbers and browsers that were verified and not opted out of, as the outbox takes them: by their ids.
async fn contact_points(
    conn: &mut AsyncPgConnection,
    users: &[UserId],
) -> QueryResult<HashMap<UserId, Vec<(Channel, String)>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        user_id: UserId,
        #[diesel(sql_type = sql::Text)]
        channel: String,
        #[diesel(sql_type = sql::Uuid)]
        id: Uuid,
    }
    let rows: Vec<Row> = db::statement(
        "SELECT user_id, channel, id FROM contact_points
        WHERE user_id = ANY ($1) AND verified_at IS NOT NULL AND opted_out_at IS NULL ORDER BY channel DESC, id",
    )
    .bind::<sql::Array<sql::Uuid>, _>(users.iter().map(|user| user.0).collect::<Vec<_>>())
    .load(conn)
    .await?;
    let mut points: HashMap<UserId, Vec<(Channel, String)>> = HashMap::new();
    for row in rows {
        if let Some(channel) = Channel::parse(&row.channel) {
            points.entry(row.user_id).or_default().push((channel, row.id.to_string()));
        }
    }
    Ok(points)
}
