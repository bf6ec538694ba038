//! `escalation` frames: what those who are connected are told of an emergency, and who they are.

use super::model::State;
use crate::{
    db,
    ids::{EscalationId, PracticeId, ThreadId, UserId},
    threads::model::Named,
};
use chrono::{DateTime, Utc};
use diesel::{QueryResult, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;

/// The end of one is told by nodes that look within this.
const REMEMBERED_SECONDS: i32 = 300;
const MOST: i64 = 2_000;

/// `escalation`, as PROTOCOL has it. There is no word in it for the last resort: `exhausted` says so.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Frame {
    pub id: EscalationId,
    pub thread: Option<ThreadId>,
    pub state: State,
    pub step: i32,
    pub raised_at: DateTime<Utc>,
    pub acknowledged_by: Option<Named>,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub exhausted: bool,
    pub drill: bool,
}

/// An escalation, and whom to tell of it.
#[derive(QueryableByName)]
pub struct Row {
    #[diesel(sql_type = sql::Uuid)]
    pub id: EscalationId,
    #[diesel(sql_type = sql::Uuid)]
    pub practice: PracticeId,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    pub thread: Option<ThreadId>,
    #[diesel(sql_type = sql::Text)]
    state: String,
    #[diesel(sql_type = sql::Integer)]
    step: i32,
    #[diesel(sql_type = sql::Timestamptz)]
    raised_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    acknowledged_by: Option<UserId>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    acknowledged_name: Option<String>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    acknowledged_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Bool)]
    drill: bool,
    #[diesel(sql_type = sql::BigInt)]
    pub version: i64,
    #[diesel(sql_type = sql::Array<sql::Uuid>)]
    /// Who takes part in the thread; where there is none, the client.
    pub people: Vec<UserId>,
}

impl Row {
    /// What they are told.
    pub fn frame(&self) -> Option<Frame> {
        let state = State::parse(&self.state)?;
        let holder = self.acknowledged_by.zip(self.acknowledged_name.clone());
        Some(Frame {
            id: self.id,
            thread: self.thread,
            state: if state == State::Exhausted { State::Paging } else { state },
            step: self.step,
            raised_at: self.raised_at,
            acknowledged_by: holder.map(|(id, name)| Named { id, name }),
            acknowledged_at: self.acknowledged_at,
            exhausted: state == State::Exhausted,
            drill: self.drill,
        })
    }
}

/// The columns of [`Row`], of escalations that fit.
macro_rules! rows {
    ($fits:literal) => {
        concat!(
            "SELECT e.id, e.practice_id AS practice, e.thread_id AS thread, e.state, e.step, e.raised_at, e.acknowledged_by,
                u.name AS acknowledged_name, e.acknowledged_at, e.drill, e.version,
                ARRAY(SELECT user_id FROM participants p WHERE p.thread_id = e.thread_id AND p.left_at IS NULL
                    UNION ALL SELECT e.client_id WHERE e.thread_id IS NULL AND e.client_id IS NOT NULL) AS people
            FROM escalations e LEFT JOIN users u ON u.id = e.acknowledged_by WHERE ",
            $fits
        )
    };
}

/// One, as it is told.
pub async fn frame_of(conn: &mut AsyncPgConnection, id: EscalationId) -> QueryResult<Option<Frame>> {
    let rows: Vec<Row> = db::statement(rows!("e.id = $1")).bind::<sql::Uuid, _>(id).load(conn).await?;
    Ok(rows.into_iter().next().and_then(|row| row.frame()))
}

/// All that are open, and those that ended a moment ago.
pub async fn find_all(conn: &mut AsyncPgConnection) -> QueryResult<Vec<Row>> {
    db::statement(rows!(
        "e.state <> 'resolved' OR e.resolved_at > now() - make_interval(secs => $1) ORDER BY e.id DESC LIMIT $2"
    ))
    .bind::<sql::Double, _>(f64::from(REMEMBERED_SECONDS))
    .bind::<sql::BigInt, _>(MOST)
    .load(conn)
    .await
}
