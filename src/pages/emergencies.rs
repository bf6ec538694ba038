//! The practice's pages about emergencies: the list, one of them, the rota, the policy, crisis phrases. Frames around
//! calls: whose emergency it is stands on a page only once the call has said that its caller may know it.

use super::{
    assets,
    shell::{Away, Shell, framed, page},
};
use crate::{accounts::Audience, http::principal::MaybePrincipal};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use askama::Template;
use uuid::Uuid;

framed! {
    /// `GET /ehr/escalations`
    list: Escalations("emergencies/list.html"), Ehr, "emergencies.js";
    /// `GET /ehr/on-call`
    on_call: OnCall("emergencies/on_call.html"), Ehr, "on-call.js";
    /// `GET /ehr/admin/escalation-policy`
    policy: Policy("emergencies/policy.html"), Ehr, "escalation-policy.js", ManageEscalation;
    /// `GET /ehr/admin/crisis-phrases`
    phrases: Phrases("emergencies/phrases.html"), Ehr, "emergency-admin.js", ManageEscalation;
    /// `GET /ehr/admin/undelivered`
    undelivered: Undelivered("admin/undelivered.html"), Ehr, "emergency-admin.js", ResendMessages;
}

#[derive(Template)]
#[template(path = "emergencies/one.html")]
struct Escalation {
    assets: &'static str,
    shell: Shell,
    escalation: Uuid,
}

/// `GET /ehr/escalations/{escalation}`
pub async fn one(request: HttpRequest, who: MaybePrincipal, escalation: web::Path<Uuid>) -> Result<HttpResponse, Away> {
    let shell = Shell::enter(Audience::Ehr, who, &request)?.running("emergencies.js");
    let escalation = escalation.into_inner();
    Ok(page(StatusCode::OK, &Escalation { assets: assets::base(), shell, escalation }))
}

/// `GET /escalations/{escalation}`: the short address, as notices carry it.
pub async fn short(escalation: web::Path<Uuid>) -> HttpResponse {
    use actix_web::ResponseError;
    Away::to(format!("/ehr/escalations/{escalation}")).error_response()
}
