//! Who is on call in the demo practice, and whom it calls in an emergency: a rota without holes, and a policy that is on.
//! Written where they are missing, also into a folder that an earlier version made; what somebody changed stays.

use super::people::{PEOPLE, Who};
use crate::{
    audit::Actor,
    db,
    emergency::{
        policy::{self, LastResort, Plan, change},
        rota::{Layer, Shift, change::Change, store},
    },
    error::{Error, Result},
    ids::{PracticeId, UserId},
    notify::Channel,
};
use chrono::{DateTime, NaiveTime, Utc, Weekday};
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use std::collections::{BTreeSet, HashMap};

/// Shifts change at eight in the morning.
const CHANGE: NaiveTime = match NaiveTime::from_hms_opt(8, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};
/// Reserved for fiction.
const PHONE: &str = "+13125550142";

/// Who begins on which day, and who is behind them.
const WEEK: [(Weekday, Who, Who); 7] = [
    (Weekday::Mon, Who::Maya, Who::Joanna),
    (Weekday::Tue, Who::Maya, Who::Joanna),
    (Weekday::Wed, Who::Maya, Who::Joanna),
    (Weekday::Thu, Who::Tomas, Who::Maya),
    (Weekday::Fri, Who::Tomas, Who::Maya),
    (Weekday::Sat, Who::Joanna, Who::Tomas),
    (Weekday::Sun, Who::Joanna, Who::Tomas),
];

/// Writes both where there is no rota. Leaves a practice alone whose people are not those of the demo any more, or would
/// not all be reached.
pub(super) async fn ensure(conn: &mut AsyncPgConnection, practice: PracticeId, now: DateTime<Utc>) -> Result<()> {
    let people = people(conn, practice).await?;
    let find = |who: Who| people.get(PEOPLE[who as usize].email).copied();
    let week: Option<Vec<_>> =
        WEEK.into_iter().map(|(day, first, second)| Some((day, find(first)?, find(second)?))).collect();
    let Some(week) = week else { return Ok(()) };
    let shift = |layer, weekday, user| Shift { layer, user, weekday, starts: CHANGE, ends: CHANGE };
    let shifts: Vec<Shift> = week
        .into_iter()
        .flat_map(|(day, first, second)| [shift(Layer::OnCall, day, first), shift(Layer::Backup, day, second)])
        .collect();
    match conn.transaction(async |conn| write(conn, practice, &shifts, now).await).await {
        Err(Error::Conflict { .. }) => {
            tracing::warn!("the demo's rota would reach nobody at some time: none is written");
            Ok(())
        }
        done => done,
    }
}

async fn write(conn: &mut AsyncPgConnection, practice: PracticeId, shifts: &[Shift], now: DateTime<Utc>) -> Result<()> {
    let added = db::statement(
        "INSERT INTO on_call_rotas (practice_id, revision, changed_at) VALUES ($1, 1, $2) ON CONFLICT DO NOTHING",
    )
    .bind::<sql::Uuid, _>(practice)
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await?;
    if added == 0 {
        return Ok(());
    }
    store::write_week(conn, practice, shifts).await?;
    let by = Change { actor: &Actor::hub(), practice, now };
    if policy::active(conn, practice).await?.version == 0 {
        change::switch_on(conn, by, &plan(), 0, BTreeSet::from([Channel::InApp, Channel::Email])).await?;
    }
    Ok(())
}

/// Those who work there, by their addresses.
async fn people(conn: &mut AsyncPgConnection, practice: PracticeId) -> Result<HashMap<String, UserId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: UserId,
        #[diesel(sql_type = sql::Text)]
        email: String,
    }
    let rows: Vec<Row> =
        db::statement("SELECT id, email FROM users WHERE practice_id = $1 AND role <> 'client' AND status = 'active'")
            .bind::<sql::Uuid, _>(practice)
            .load(conn)
            .await?;
    Ok(rows.into_iter().map(|row| (row.email, row.id)).collect())
}

/// The built-in one by what the demo has: e-mails in a folder.
fn plan() -> Plan {
    let mut plan = Plan::built_in();
    for step in &mut plan.steps {
        step.channels = vec![Channel::InApp, Channel::Email];
    }
    plan.last_resort = LastResort { phone: Some(PHONE.to_owned()), ..LastResort::default() };
    plan
}
