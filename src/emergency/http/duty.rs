//! `GET ehr/on-call/now`, `GET ehr/on-call/coverage?days=`.

use crate::{
    accounts::{Permission, Person, Role, people},
    app::Services,
    db::Pool,
    emergency::rota::{Layer, Rota, Span, coverage::Covered, duty::Absence, store},
    error::{Error, Result},
    http::principal::{EhrPrincipal, Passive},
    ids::{PracticeId, UserId},
};
use actix_web::web;
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

const DAYS: i64 = 30;
const MOST_DAYS: i64 = 92;
/// So far ahead it is looked for the next change.
const NEXT_CHANGE: TimeDelta = TimeDelta::days(8);

/// Who is on call at this moment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OnCallNow {
    at: DateTime<Utc>,
    layers: Vec<LayerNow>,
}

/// One layer.
#[derive(Serialize, ToSchema)]
#[schema(as = OnCallLayerNow)]
pub struct LayerNow {
    layer: Layer,
    /// Empty: nobody.
    people: Vec<Person>,
    /// When that changes. Null: not within a week.
    until: Option<DateTime<Utc>>,
}

/// Who is on call over the coming days.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Coverage {
    /// IANA name, of the practice.
    time_zone: String,
    layers: Vec<LayerCoverage>,
}

/// One layer, without gaps between its spans.
#[derive(Serialize, ToSchema)]
pub struct LayerCoverage {
    layer: Layer,
    spans: Vec<CoverageSpan>,
}

/// A time during which the same people are on call.
#[derive(Serialize, ToSchema)]
pub struct CoverageSpan {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    /// Empty: a hole.
    people: Vec<Person>,
    /// Why nobody is. Null: somebody is.
    hole: Option<CoverageHole>,
}

/// Why nobody is on call.
#[derive(Serialize, ToSchema)]
pub struct CoverageHole {
    because: HoleBecause,
    /// Who should be.
    missing: Vec<Person>,
}

/// Why nobody is on call.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum HoleBecause {
    /// The week has no shift then.
    NoShift,
    /// Whoever has the shift is away.
    OnLeave,
    /// Whoever has the shift can no longer sign in.
    CannotSignIn,
}

/// `?days=`.
#[derive(Deserialize, IntoParams)]
pub struct CoverageQuery {
    #[param(minimum = 1, maximum = 92, default = 30)]
    days: Option<i64>,
}

/// Who is on call at this moment.
pub async fn now(
    caller: Passive<EhrPrincipal>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<OnCallNow>> {
    let (caller, now) = (caller.0, services.clock.now());
    caller.require(Permission::WorkEscalations)?;
    let mut conn = pool.get().await?;
    let within = Span { from: now, until: now + NEXT_CHANGE };
    let (rota, names) = read(&mut conn, caller.practice_id, within).await?;
    let layer = |layer| {
        let first = rota.coverage(layer, within).into_iter().next();
        let until = first.as_ref().map(|covered| covered.span.until).filter(|until| *until < within.until);
        let people = first.into_iter().flat_map(|covered| covered.who).map(|user| names.person(user)).collect();
        LayerNow { layer, people, until }
    };
    Ok(web::Json(OnCallNow { at: now, layers: Layer::ALL.into_iter().map(layer).collect() }))
}

/// Who is on call over the coming days, and where nobody is.
pub async fn coverage(
    caller: EhrPrincipal,
    query: web::Query<CoverageQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Coverage>> {
    caller.require(Permission::WorkEscalations)?;
    let days = query.days.unwrap_or(DAYS);
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(Error::field("/days", format!("Between 1 and {MOST_DAYS} days.")));
    }
    let now = services.clock.now();
    let within = Span { from: now, until: now + TimeDelta::days(days) };
    let mut conn = pool.get().await?;
    let (rota, names) = read(&mut conn, caller.practice_id, within).await?;
    let layer = |layer| {
        let spans = rota.coverage(layer, within).into_iter().map(|covered| span(covered, &names)).collect();
        LayerCoverage { layer, spans }
    };
    let layers = Layer::ALL.into_iter().map(layer).collect();
    Ok(web::Json(Coverage { time_zone: rota.zone.name().to_owned(), layers }))
}

fn span(covered: Covered, names: &Names) -> CoverageSpan {
    let people = |users: Vec<UserId>| users.into_iter().map(|user| names.person(user)).collect();
    let Covered { span: Span { from, until }, who, missing } = covered;
    let hole = who.is_empty().then(|| CoverageHole {
        because: match missing.iter().map(|(_, absence)| *absence).min() {
            None => HoleBecause::NoShift,
            Some(Absence::OnLeave) => HoleBecause::OnLeave,
            Some(Absence::CannotSignIn) => HoleBecause::CannotSignIn,
        },
        missing: people(missing.into_iter().map(|(user, _)| user).collect()),
    });
    CoverageSpan { from, until, people: people(who), hole }
}

async fn read(conn: &mut AsyncPgConnection, practice: PracticeId, within: Span) -> Result<(Rota, Names)> {
    let rota = store::read(conn, practice, within).await?;
    let users = rota.shifts.iter().map(|shift| shift.user).chain(rota.covers.iter().map(|cover| cover.user));
    let names = names(conn, practice, users).await?;
    Ok((rota, names))
}

/// People by their ids.
pub(super) struct Names(HashMap<UserId, Person>);

impl Names {
    /// Whoever a rota names was a colleague once.
    pub fn person(&self, user: UserId) -> Person {
        let unknown = || Person { id: user, name: "Somebody who left".to_owned(), role: Role::Staff };
        self.0.get(&user).cloned().unwrap_or_else(unknown)
    }
}

/// The names of these people of the practice.
pub(super) async fn names(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    users: impl IntoIterator<Item = UserId>,
) -> Result<Names> {
    let users: Vec<UserId> = users.into_iter().collect();
    Ok(Names(people::find_people(conn, practice, &users).await?))
}
