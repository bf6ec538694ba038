//! What has to be known of a practice to find the holes of a plan.

use super::hole::Facts;
use crate::{
    accounts::people,
    db,
    emergency::{
        reach,
        rota::{self, Layer, Span, coverage::Covered},
    },
    error::Result,
    ids::{PracticeId, UserId},
    notify::Channel,
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::BTreeSet;

/// So far ahead a plan must have no hole when it is switched on.
pub const LOOK_AHEAD: TimeDelta = TimeDelta::days(30);

/// Reads them, for the time between now and then.
pub async fn read(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    within: Span,
    configured: BTreeSet<Channel>,
) -> Result<Facts> {
    let rota = rota::store::read(conn, practice, within).await?;
    let coverage: Vec<(Layer, Vec<Covered>)> =
        Layer::ALL.into_iter().map(|layer| (layer, rota.coverage(layer, within))).collect();
    let clinicians = reach::clinicians(conn, practice).await?;
    let assignees = assignees(conn, practice).await?;
    let mut users: BTreeSet<UserId> = clinicians.iter().chain(&assignees).copied().collect();
    for covered in coverage.iter().flat_map(|(_, map)| map) {
        users.extend(&covered.who);
        users.extend(covered.missing.iter().map(|(user, _)| *user));
    }
    let users: Vec<UserId> = users.into_iter().collect();
    let reachable = reach::ways(conn, practice, &users).await?;
    let channels = reachable
        .into_iter()
        .map(|person| (person.user, person.ways.into_iter().map(|(channel, _)| channel).collect()))
        .collect();
    let people = people::find_people(conn, practice, &users).await?;
    Ok(Facts { zone: rota.zone, coverage, clinicians, assignees, channels, people, configured })
}

/// The next 30 days.
pub fn ahead(now: DateTime<Utc>) -> Span {
    Span { from: now, until: now + LOOK_AHEAD }
}

async fn assignees(conn: &mut AsyncPgConnection, practice: PracticeId) -> QueryResult<Vec<UserId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: UserId,
    }
    let rows: Vec<Row> = db::statement(
        "SELECT DISTINCT t.assignee_id AS id FROM threads t
        WHERE t.practice_id = $1 AND t.status = 'open' AND t.assignee_id IS NOT NULL",
    )
    .bind::<sql::Uuid, _>(practice)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
