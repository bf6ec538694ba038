//! `GET {door}/auth/oidc`: the providers, and to which of them the caller's account is linked.

use crate::{
    accounts::external::identity,
    app::Services,
    db::Pool,
    error::Result,
    http::{page::List, principal::MaybePrincipal},
};
use actix_web::web;
use serde::Serialize;
use utoipa::ToSchema;

/// One of them.
#[derive(Serialize, ToSchema)]
pub struct IdentityProvider {
    id: String,
    name: String,
    /// The caller's account is linked; false for whoever is not signed in.
    linked: bool,
}

/// All that are set up.
pub async fn list(
    caller: MaybePrincipal,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<IdentityProvider>>> {
    let linked = match caller.0 {
        Some(caller) => identity::issuers(&mut *pool.get().await?, caller.user_id).await?,
        None => Vec::new(),
    };
    let all = services.identity_providers.all().iter().map(|provider| IdentityProvider {
        id: provider.id().to_owned(),
        name: provider.name(),
        linked: linked.iter().any(|issuer| issuer == provider.issuer()),
    });
    Ok(web::Json(List::whole(all.collect())))
}
