//! `GET portal/assessments/{assessment}`, `POST …/start`, `PUT|PATCH …/answers`, `POST …/submit`: answering.

use super::view::{Questionnaire, Reader, questionnaire};
use crate::{
    app::Services,
    assessments::{
        access::{AssessmentAccess, find_access},
        answers::Answers,
        draft::Answering,
        model::Assessment,
        store,
    },
    audit,
    db::Pool,
    error::{Error, Result},
    http::{answer::Stored, detached, json::Body, principal::PortalPrincipal},
    ids::AssessmentId,
};
use actix_web::web;
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Answers so far. What the server owns, such as a score, is refused.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AssessmentDraft)]
pub struct Saving {
    /// Values by the number of the item.
    #[schema(value_type = std::collections::BTreeMap<String, u8>)]
    answers: Answers,
    /// Of the answers that these started from; without it these count, whatever is there.
    revision: Option<i64>,
}

/// All answers. What the server owns, such as a score, is refused.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AssessmentSubmission)]
pub struct Submitting {
    /// Values by the number of the item.
    #[schema(value_type = std::collections::BTreeMap<String, u8>)]
    answers: Answers,
}

/// What was kept.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssessmentDraftKept)]
pub struct Kept {
    revision: i64,
    #[schema(value_type = std::collections::BTreeMap<String, u8>)]
    answers: Answers,
    /// An answer means danger: the client is shown where help is, and the practice is called unless it is changed soon.
    danger: bool,
}

/// What was submitted.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssessmentSubmitted)]
pub struct Submitted {
    assessment: Questionnaire,
    /// The crisis resources in words, where an answer means danger: the practice is being called.
    crisis_notice: Option<String>,
}

/// One of one's own.
pub async fn show(
    caller: PortalPrincipal,
    id: web::Path<AssessmentId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Questionnaire>> {
    let mut conn = pool.get().await?;
    let access = own(&mut conn, &caller, *id).await?;
    let found = store::find(&mut conn, &services.keyring, &access).await?;
    audit::record(&mut conn, access.event(&caller.actor(), "assessment.viewed")).await?;
    Ok(web::Json(shown(&caller, &services, &found)))
}

/// Begins to answer, or goes on.
pub async fn start(
    caller: PortalPrincipal,
    id: web::Path<AssessmentId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Questionnaire>> {
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let access = own(&mut conn, &caller, *id).await?;
        let actor = caller.actor();
        let answering = Answering {
            keyring: &services.keyring,
            actor: &actor,
            language: &caller.identity().language,
            now: services.clock.now(),
        };
        let found = answering.start(&mut conn, &access).await?;
        Ok(web::Json(shown(&caller, &services, &found)))
    })
    .await
}

/// Keeps the answers so far.
pub async fn save(
    caller: PortalPrincipal,
    id: web::Path<AssessmentId>,
    input: Body<Saving>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Kept>> {
    let Saving { answers, revision } = input.0;
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let access = own(&mut conn, &caller, *id).await?;
        let actor = caller.actor();
        let answering = Answering {
            keyring: &services.keyring,
            actor: &actor,
            language: &caller.identity().language,
            now: services.clock.now(),
        };
        let found = answering.save(&mut conn, &access, answers, revision).await?;
        let answers = found.kept.map(|kept| kept.answers).unwrap_or_default();
        let danger = !answers.dangers(found.instrument).is_empty();
        Ok(web::Json(Kept { revision: found.revision, answers, danger }))
    })
    .await
}

/// Submits them.
pub async fn submit(
    caller: PortalPrincipal,
    id: web::Path<AssessmentId>,
    input: Body<Submitting>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<Submitted>> {
    let answers = input.0.answers;
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let access = own(&mut conn, &caller, *id).await?;
        let actor = caller.actor();
        let language = caller.identity().language.clone();
        let answering =
            Answering { keyring: &services.keyring, actor: &actor, language: &language, now: services.clock.now() };
        let submitted = answering.submit(&mut conn, &services.clock, &access, answers).await?;
        drop(conn);
        if submitted.is_danger {
            services.bell.ring();
        }
        let crisis_notice = submitted.is_danger.then(|| services.recogniser.resources(caller.practice_id, &language));
        let assessment = shown(&caller, &services, &submitted.assessment);
        Ok(Stored { repeated: submitted.is_repeated, content: Submitted { assessment, crisis_notice } })
    })
    .await
}

async fn own(conn: &mut AsyncPgConnection, caller: &PortalPrincipal, id: AssessmentId) -> Result<AssessmentAccess> {
    find_access(conn, caller.viewer(), id).await?.ok_or(Error::NotFound)
}

fn shown(caller: &PortalPrincipal, services: &Services, found: &Assessment) -> Questionnaire {
    let language = &caller.identity().language;
    let crisis = services.crisis.resources(caller.practice_id, language);
    questionnaire(found, Reader::Client, language, crisis)
}
