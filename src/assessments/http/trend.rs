//! `GET portal/assessments/trends?instrument=`, `GET ehr/clients/{client}/assessments/trends?instrument=`: the scores of
//! one instrument over time, with the bands that they lie in.

use crate::{
    accounts::{
        Permission,
        access::{Viewer, find_client_access},
    },
    app::Services,
    assessments::{
        instruments::{Instrument, Scoring},
        trend::{self, Point},
    },
    audit::{self, Actor},
    db::Pool,
    error::{Error, Result},
    http::principal::{EhrPrincipal, PortalPrincipal},
    ids::{AssessmentId, UserId},
};
use actix_web::web;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// `?instrument=`.
#[derive(Deserialize, IntoParams)]
pub struct Which {
    /// Such as `phq-9`.
    instrument: Option<String>,
}

/// Scores over time.
#[derive(Serialize, ToSchema)]
#[schema(as = AssessmentTrend)]
pub struct Trend {
    instrument: &'static str,
    name: &'static str,
    /// The highest score there is.
    most: u16,
    /// From the lowest to the highest, without gaps.
    bands: Vec<Band>,
    /// Oldest first; the newest 200.
    points: Vec<TrendPoint>,
}

/// What scores from one to another mean.
#[derive(Serialize, ToSchema)]
#[schema(as = AssessmentBand)]
pub struct Band {
    code: &'static str,
    name: &'static str,
    from: u16,
    to: u16,
}

/// One score.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssessmentTrendPoint)]
pub struct TrendPoint {
    assessment: AssessmentId,
    at: DateTime<Utc>,
    score: u16,
    band: &'static str,
    /// An answer meant danger; never said to clients.
    danger: bool,
}

/// One's own.
pub async fn own(
    caller: PortalPrincipal,
    which: web::Query<Which>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Trend>> {
    let (viewer, actor, language) = (caller.viewer(), caller.actor(), caller.identity().language.clone());
    let (instrument, mut points) = find(&pool, &services, viewer, &actor, caller.user_id, &which).await?;
    if matches!(instrument.scoring, Scoring::Highest { .. }) {
        // The level of a risk is for those who can do something about it.
        points.clear();
    }
    points.iter_mut().for_each(|point| point.is_danger = false);
    Ok(web::Json(shown(instrument, points, &language)))
}

/// Of a client whom one looks after.
pub async fn of_client(
    caller: EhrPrincipal,
    client: web::Path<UserId>,
    which: web::Query<Which>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Trend>> {
    caller.require(Permission::WorkAssessments)?;
    let (viewer, actor) = (caller.viewer(), caller.actor());
    let (instrument, points) = find(&pool, &services, viewer, &actor, *client, &which).await?;
    Ok(web::Json(shown(instrument, points, "en")))
}

async fn find(
    pool: &Pool,
    services: &Services,
    viewer: Viewer,
    actor: &Actor,
    client: UserId,
    which: &Which,
) -> Result<(&'static Instrument, Vec<Point>)> {
    let mut conn = pool.get().await?;
    let access = find_client_access(&mut conn, viewer, client).await?.ok_or(Error::NotFound)?;
    let instrument = which.instrument.as_deref().unwrap_or_default();
    let found = trend::find(&mut conn, &services.keyring, &access, instrument).await?;
    audit::record(&mut conn, access.event(actor, "assessmentResults.viewed")).await?;
    Ok(found)
}

fn shown(instrument: &'static Instrument, points: Vec<Point>, language: &str) -> Trend {
    let bands = instrument.bands();
    let ends = bands.iter().skip(1).map(|next| next.from - 1).chain([instrument.most()]);
    let band = |(band, to): (&crate::assessments::instruments::Band, u16)| Band {
        code: band.code,
        name: band.name(language),
        from: band.from,
        to,
    };
    let point = |point: Point| TrendPoint {
        assessment: point.assessment,
        at: point.at,
        score: point.score,
        band: instrument.band(point.score).code,
        danger: point.is_danger,
    };
    Trend {
        instrument: instrument.id,
        name: instrument.name,
        most: instrument.most(),
        bands: bands.iter().zip(ends).map(band).collect(),
        points: points.into_iter().map(point).collect(),
    }
}
