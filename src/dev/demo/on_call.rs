//! Who is on call in the demo practice, and whom it calls in an emergency: a rota without holes, and a policy that is on.

use super::people::Who;
use crate::{
    audit::Actor,
    db,
    emergency::{
        policy::{LastResort, Plan, change},
        rota::{Layer, Shift, change::Change, store},
    },
    error::Result,
    ids::{PracticeId, UserId},
    notify::Channel,
};
use chrono::{DateTime, NaiveTime, Utc, Weekday};
use diesel::sql_types as sql;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::BTreeSet;

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

/// Writes both. Within the transaction that writes the practice, or after it.
pub(super) async fn write(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    user: impl Fn(Who) -> UserId,
    now: DateTime<Utc>,
) -> Result<()> {
    db::statement("INSERT INTO on_call_rotas (practice_id, revision, changed_at) VALUES ($1, 1, $2)")
        .bind::<sql::Uuid, _>(practice)
        .bind::<sql::Timestamptz, _>(now)
        .execute(conn)
        .await?;
    let shift = |layer, weekday, who| Shift { layer, user: user(who), weekday, starts: CHANGE, ends: CHANGE };
    let shifts: Vec<Shift> = WEEK
        .into_iter()
        .flat_map(|(day, first, second)| [shift(Layer::OnCall, day, first), shift(Layer::Backup, day, second)])
        .collect();
    store::write_week(conn, practice, &shifts).await?;
    let by = Change { actor: &Actor::hub(), practice, now };
    change::switch_on(conn, by, &plan(), 0, BTreeSet::from([Channel::InApp, Channel::Email])).await?;
    Ok(())
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
