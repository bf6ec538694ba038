//! `GET ehr/clients/{client}/assessments`, `GET ehr/assessments/{assessment}`: what a client answered, for those who look
//! after them.

use super::view::{AssessmentSummary, Questionnaire, Reader, questionnaire, summary};
use crate::{
    accounts::{Permission, access::find_client_access, profile},
    app::Services,
    assessments::{access::find_access, model::AssessmentState, store},
    audit,
    db::Pool,
    error::{Error, Result},
    http::{
        page::{List, NewestQuery},
        principal::EhrPrincipal,
    },
    ids::{AssessmentId, UserId},
    threads::model::Named,
};
use actix_web::web;
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use utoipa::ToSchema;

const ALL: [AssessmentState; 4] =
    [AssessmentState::Open, AssessmentState::Submitted, AssessmentState::Missed, AssessmentState::Cancelled];

/// A page of a client's assessments, with whose they are.
#[derive(Serialize, ToSchema)]
#[schema(as = AssessmentsOfClient)]
pub struct Listed {
    client: Named,
    items: Vec<AssessmentSummary>,
    next: Option<String>,
}

/// An assessment with whose it is.
#[derive(Serialize, ToSchema)]
#[schema(as = AssessmentOfClient)]
pub struct Shown {
    client: Named,
    assessment: Questionnaire,
}

/// Newest first, whatever became of them.
pub async fn list(
    caller: EhrPrincipal,
    client: web::Path<UserId>,
    page: web::Query<NewestQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Listed>> {
    caller.require(Permission::WorkAssessments)?;
    let (limit, before) = page.read()?;
    let mut conn = pool.get().await?;
    let access = find_client_access(&mut conn, caller.viewer(), *client).await?.ok_or(Error::NotFound)?;
    let found = store::list(&mut conn, &services.keyring, &access, &ALL, before, limit + 1).await?;
    let client = named(&mut conn, access.client()).await?;
    audit::record(&mut conn, access.event(&caller.actor(), "assessmentResults.viewed")).await?;
    let List { items, next } = List::newest(found, limit, |one| one.id.0);
    // What is being answered is nobody's but the client's.
    let items = items.iter().map(|one| summary(one, Reader::Staff, "en")).collect();
    Ok(web::Json(Listed { client, items, next }))
}

/// With the answers, once it was submitted.
pub async fn show(
    caller: EhrPrincipal,
    id: web::Path<AssessmentId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Shown>> {
    caller.require(Permission::WorkAssessments)?;
    let mut conn = pool.get().await?;
    let access = find_access(&mut conn, caller.viewer(), *id).await?.ok_or(Error::NotFound)?;
    let mut found = store::find(&mut conn, &services.keyring, &access).await?;
    let client = named(&mut conn, found.client).await?;
    audit::record(&mut conn, access.event(&caller.actor(), "assessment.viewed")).await?;
    // A draft is read only where it raised an emergency by itself: then whoever takes it has to know why.
    if found.state != AssessmentState::Submitted && found.escalation.is_none() {
        found.kept = None;
    }
    Ok(web::Json(Shown { client, assessment: questionnaire(&found, Reader::Staff, "en", Vec::new()) }))
}

async fn named(conn: &mut AsyncPgConnection, client: UserId) -> Result<Named> {
    let profile = profile::find_profile(conn, client).await?.ok_or(Error::NotFound)?;
    Ok(Named { id: client, name: profile.name })
}
