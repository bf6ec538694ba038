//! How escalations went: how soon somebody was called, how soon somebody had it, which steps nobody answered. Drills are
//! counted apart. Names no client.

use super::model::State;
use crate::{
    db,
    error::Result,
    ids::{EscalationId, PracticeId},
};
use anyhow::Context;
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use utoipa::ToSchema;

/// Escalations that are listed one by one, the newest; all of them are counted.
const LISTED: i64 = 200;

/// Of a span of time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EscalationReport)]
pub struct Report {
    pub emergencies: Figures,
    pub drills: Figures,
    /// The newest first.
    pub items: Vec<Item>,
}

/// Of emergencies, or of drills.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EscalationFigures)]
pub struct Figures {
    pub count: i64,
    /// Somebody took it.
    pub acknowledged: i64,
    /// It came to the last resort.
    pub exhausted: i64,
    /// From raising to the first page that left Carehub. Null: there was none.
    pub first_page: Option<Seconds>,
    /// From raising to the one who took it. Null: there was none.
    pub acknowledgement: Option<Seconds>,
    /// Steps whose people were called and did not answer.
    pub missed_steps: i64,
}

/// Of several times.
#[derive(Debug, Serialize, ToSchema)]
pub struct Seconds {
    pub median: f64,
    pub max: f64,
}

/// One escalation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EscalationReportItem)]
pub struct Item {
    pub id: EscalationId,
    pub drill: bool,
    pub state: State,
    pub raised_at: DateTime<Utc>,
    pub first_page_seconds: Option<f64>,
    pub acknowledgement_seconds: Option<f64>,
    pub missed_steps: i64,
}

/// Escalations of a practice that were raised between two instants, each with its times. What was called within Carehub
/// alone is not counted as a page. Rows of the outbox go after a while: the page's own instant stands in for them then.
macro_rules! timed {
    ($rest:literal) => {
        concat!(
            "WITH timed AS (
                SELECT e.id, e.drill, e.state, e.raised_at, e.acknowledged_at IS NOT NULL AS taken,
                    e.exhausted_at IS NOT NULL AS exhausted,
                    EXTRACT(EPOCH FROM (
                        SELECT min(CASE WHEN o.id IS NULL THEN p.at ELSE o.sent_at END)
                        FROM pages p CROSS JOIN unnest(p.outbox_ids) AS queued(id)
                        LEFT JOIN outbox o ON o.id = queued.id
                        WHERE p.escalation_id = e.id AND p.channel <> 'inApp') - e.raised_at)::float8 AS first_page,
                    EXTRACT(EPOCH FROM e.acknowledged_at - e.raised_at)::float8 AS acknowledgement,
                    GREATEST(0, (SELECT count(DISTINCT (p.round, p.step)) FROM pages p WHERE p.escalation_id = e.id
                            AND p.at <= COALESCE(e.acknowledged_at, 'infinity'))
                        - (e.acknowledged_at IS NOT NULL OR e.state = 'paging')::int) AS missed
                FROM escalations e WHERE e.practice_id = $1 AND e.raised_at >= $2 AND e.raised_at < $3
            ) ",
            $rest
        )
    };
}

/// Reads it.
pub async fn read(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Report> {
    let rows: Vec<FiguresRow> = db::statement(timed!(
        "SELECT drill, count(*) AS count, count(*) FILTER (WHERE taken) AS acknowledged,
            count(*) FILTER (WHERE exhausted) AS exhausted, sum(missed)::bigint AS missed,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY first_page) AS page_median,
            max(first_page) AS page_max,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY acknowledgement) AS acknowledgement_median,
            max(acknowledgement) AS acknowledgement_max
        FROM timed GROUP BY drill"
    ))
    .bind::<sql::Uuid, _>(practice)
    .bind::<sql::Timestamptz, _>(from)
    .bind::<sql::Timestamptz, _>(to)
    .load(conn)
    .await?;
    let items: Vec<ItemRow> = db::statement(timed!(
        "SELECT id, drill, state, raised_at, first_page, acknowledgement, missed FROM timed ORDER BY id DESC LIMIT $4"
    ))
    .bind::<sql::Uuid, _>(practice)
    .bind::<sql::Timestamptz, _>(from)
    .bind::<sql::Timestamptz, _>(to)
    .bind::<sql::BigInt, _>(LISTED)
    .load(conn)
    .await?;
    let mut report = Report { emergencies: Figures::default(), drills: Figures::default(), items: Vec::new() };
    for row in rows {
        let drill = row.drill;
        *(if drill { &mut report.drills } else { &mut report.emergencies }) = row.read();
    }
    report.items = items.into_iter().map(ItemRow::read).collect::<Result<_>>()?;
    Ok(report)
}

#[derive(QueryableByName)]
struct FiguresRow {
    #[diesel(sql_type = sql::Bool)]
    drill: bool,
    #[diesel(sql_type = sql::BigInt)]
    count: i64,
    #[diesel(sql_type = sql::BigInt)]
    acknowledged: i64,
    #[diesel(sql_type = sql::BigInt)]
    exhausted: i64,
    #[diesel(sql_type = sql::BigInt)]
    missed: i64,
    #[diesel(sql_type = sql::Nullable<sql::Double>)]
    page_median: Option<f64>,
    #[diesel(sql_type = sql::Nullable<sql::Double>)]
    page_max: Option<f64>,
    #[diesel(sql_type = sql::Nullable<sql::Double>)]
    acknowledgement_median: Option<f64>,
    #[diesel(sql_type = sql::Nullable<sql::Double>)]
    acknowledgement_max: Option<f64>,
}

impl FiguresRow {
    fn read(self) -> Figures {
        let seconds = |median: Option<f64>, max: Option<f64>| Some(Seconds { median: median?, max: max? });
        Figures {
            count: self.count,
            acknowledged: self.acknowledged,
            exhausted: self.exhausted,
            first_page: seconds(self.page_median, self.page_max),
            acknowledgement: seconds(self.acknowledgement_median, self.acknowledgement_max),
            missed_steps: self.missed,
        }
    }
}

#[derive(QueryableByName)]
struct ItemRow {
    #[diesel(sql_type = sql::Uuid)]
    id: EscalationId,
    #[diesel(sql_type = sql::Bool)]
    drill: bool,
    #[diesel(sql_type = sql::Text)]
    state: String,
    #[diesel(sql_type = sql::Timestamptz)]
    raised_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Nullable<sql::Double>)]
    first_page: Option<f64>,
    #[diesel(sql_type = sql::Nullable<sql::Double>)]
    acknowledgement: Option<f64>,
    #[diesel(sql_type = sql::BigInt)]
    missed: i64,
}

impl ItemRow {
    fn read(self) -> Result<Item> {
        Ok(Item {
            id: self.id,
            drill: self.drill,
            state: State::parse(&self.state).context("a stored escalation's state")?,
            raised_at: self.raised_at,
            first_page_seconds: self.first_page,
            acknowledgement_seconds: self.acknowledgement,
            missed_steps: self.missed,
        })
    }
}
