//! `GET portal/assessments/emergency`: where the emergency stands that the client's answers raised.

use crate::{
    accounts::access::find_client_access,
    db::Pool,
    emergency::truth::{self, ForClient},
    error::{Error, Result},
    http::principal::{Passive, PortalPrincipal},
};
use actix_web::web;
use serde::Serialize;
use utoipa::ToSchema;

/// The last emergency that was raised by answers.
#[derive(Serialize, ToSchema)]
#[schema(as = EmergencyOfAnswers)]
pub struct Answer {
    /// Null: there was none.
    emergency: Option<ForClient>,
}

/// Pages ask again and again while one is open: that is no activity.
pub async fn show(caller: Passive<PortalPrincipal>, pool: web::Data<Pool>) -> Result<web::Json<Answer>> {
    let caller = caller.0;
    let mut conn = pool.get().await?;
    let access = find_client_access(&mut conn, caller.viewer(), caller.user_id).await?.ok_or(Error::NotFound)?;
    Ok(web::Json(Answer { emergency: truth::without_thread(&mut conn, &access).await? }))
}
