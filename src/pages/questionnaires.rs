//! The pages about assessments: what a client answers, and what those read who look after them. Frames around calls: no
//! question, answer or name stands on a page before the call has said that its caller may know it. Their addresses name no
//! instrument.

use super::{
    assets,
    shell::{Away, Shell, framed, page},
};
use crate::{
    accounts::{Audience, Permission},
    http::principal::MaybePrincipal,
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use askama::Template;
use uuid::Uuid;

framed! {
    /// `GET /portal/questionnaires`
    list: Questionnaires("questionnaires/list.html"), Portal, "questionnaires.js";
    /// `GET /ehr/assessments`
    overdue: Overdue("questionnaires/overdue.html"), Ehr, "assessments.js", WorkAssessments;
}

#[derive(Template)]
#[template(path = "questionnaires/answer.html")]
struct Answer {
    assets: &'static str,
    shell: Shell,
    assessment: Uuid,
}

#[derive(Template)]
#[template(path = "questionnaires/of_client.html")]
struct OfClient {
    assets: &'static str,
    shell: Shell,
    client: Uuid,
}

#[derive(Template)]
#[template(path = "questionnaires/result.html")]
struct Outcome {
    assets: &'static str,
    shell: Shell,
    assessment: Uuid,
}

/// `GET /portal/questionnaires/{assessment}`
pub async fn answer(request: HttpRequest, who: MaybePrincipal, id: web::Path<Uuid>) -> Result<HttpResponse, Away> {
    let shell = Shell::enter(Audience::Portal, who, &request)?.running("questionnaires.js");
    Ok(page(StatusCode::OK, &Answer { assets: assets::base(), shell, assessment: id.into_inner() }))
}

/// `GET /ehr/clients/{client}/assessments`
pub async fn of_client(request: HttpRequest, who: MaybePrincipal, id: web::Path<Uuid>) -> Result<HttpResponse, Away> {
    let shell = of_staff(request, who)?;
    Ok(page(StatusCode::OK, &OfClient { assets: assets::base(), shell, client: id.into_inner() }))
}

/// `GET /ehr/assessments/{assessment}`
pub async fn result(request: HttpRequest, who: MaybePrincipal, id: web::Path<Uuid>) -> Result<HttpResponse, Away> {
    let shell = of_staff(request, who)?;
    Ok(page(StatusCode::OK, &Outcome { assets: assets::base(), shell, assessment: id.into_inner() }))
}

fn of_staff(request: HttpRequest, who: MaybePrincipal) -> Result<Shell, Away> {
    let shell = Shell::enter(Audience::Ehr, who, &request)?.running("assessments.js");
    shell.require(Permission::WorkAssessments)
}
