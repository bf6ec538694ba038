//! `GET auth/me`. Pages ask it on their own: it is no activity of the person.

use crate::{
    accounts::{
        Role,
        authenticate::Recognised,
        profile::{self, Practice},
    },
    db::Pool,
    error::{Error, Result},
    ids::{SignInId, UserId},
};
use actix_web::web;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// The caller, and how long they stay signed in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Me {
    id: UserId,
    name: String,
    role: Role,
    email: String,
    time_zone: String,
    practice: Practice,
    session: Session,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Session {
    id: SignInId,
    expires_at: DateTime<Utc>,
    idle_expires_at: Option<DateTime<Utc>>,
}

/// Either door's.
pub async fn me(caller: Recognised, pool: web::Data<Pool>) -> Result<web::Json<Me>> {
    let profile = profile::find_profile(&mut *pool.get().await?, caller.identity.user).await?;
    let profile = profile.ok_or(Error::Unauthenticated)?;
    Ok(web::Json(Me {
        id: profile.id,
        name: profile.name,
        role: profile.role,
        email: profile.email,
        time_zone: profile.time_zone,
        practice: profile.practice,
        session: Session {
            id: caller.identity.sign_in,
            expires_at: caller.session_expires_at,
            idle_expires_at: caller.idle_expires_at,
        },
    }))
}
