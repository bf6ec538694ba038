//! Forms, on both sides: building and giving them, filling them in, and looking at what was submitted. A page is a frame;
//! what it shows is asked for by its elements.

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
    /// `GET /portal/forms`
    mine: Mine("forms/mine.html"), Portal, "forms.js";
    /// `GET /portal/forms/{assignment}`
    fill_in: FillIn("forms/fill_in.html"), Portal, "forms.js";
    /// `GET /portal/forms/submissions/{submission}`
    submitted: Submitted("forms/submission.html"), Portal, "forms.js";
    /// `GET /ehr/forms`
    library: Library("forms/library.html"), Ehr, "ehr-forms.js", WorkForms;
    /// `GET /ehr/forms/{form}`
    build: Build("forms/build.html"), Ehr, "ehr-forms.js", WorkForms;
    /// `GET /ehr/submissions`
    submissions: Submissions("forms/submissions.html"), Ehr, "ehr-forms.js", WorkForms;
    /// `GET /ehr/submissions/{submission}`
    submission: Submission("forms/submission.html"), Ehr, "ehr-forms.js", WorkForms;
}

#[derive(Template)]
#[template(path = "forms/of_client.html")]
struct OfClient {
    assets: &'static str,
    shell: Shell,
    client: Uuid,
}

/// `GET /ehr/clients/{client}/forms`
pub async fn of_client(request: HttpRequest, who: MaybePrincipal, id: web::Path<Uuid>) -> Result<HttpResponse, Away> {
    let shell = Shell::enter(Audience::Ehr, who, &request)?.running("ehr-forms.js").require(Permission::WorkForms)?;
    Ok(page(StatusCode::OK, &OfClient { assets: assets::base(), shell, client: id.into_inner() }))
}
