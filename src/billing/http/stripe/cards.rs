//! `GET/POST portal/payments/methods`, `DELETE …/{card}`, `PUT …/{card}/default`: the cards that Stripe keeps for a client.
//! No number of a card comes here: the browser gives it to Stripe.

use super::{find_means, means, own};
use crate::{
    app::Services,
    audit,
    billing::stripe::methods::{self, Method, Permission},
    db::Pool,
    error::{Error, Result},
    http::{
        answer::{Created, NoContent},
        detached,
        page::List,
        principal::PortalPrincipal,
    },
};
use actix_web::web;

/// One's own.
pub async fn list(
    caller: PortalPrincipal,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<Method>>> {
    let access = own(&caller, &pool).await?;
    let items = match &services.stripe {
        Some(stripe) => methods::list(stripe, &pool, &access).await?,
        None => Vec::new(),
    };
    let actor = caller.actor();
    audit::record(&mut *pool.get().await?, access.event(&actor, "paymentMethods.listed")).await?;
    Ok(web::Json(List { items, next: None }))
}

/// Lets the browser give Stripe another one.
pub async fn setup(
    caller: PortalPrincipal,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Created<Permission>> {
    let means = means(&services, &pool)?;
    let access = own(&caller, &pool).await?;
    detached::to_the_end(async move {
        let now = means.clock.now();
        methods::setup(&means.stripe, &means.pool, &access, &caller.actor(), now).await.map(Created)
    })
    .await
}

/// Lets Stripe forget one.
pub async fn remove(
    caller: PortalPrincipal,
    card: web::Path<String>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    let means = find_means(&services, &pool).ok_or(Error::NotFound)?;
    let access = own(&caller, &pool).await?;
    detached::to_the_end(async move {
        methods::remove(&means.stripe, &means.pool, &access, &caller.actor(), &card).await?;
        Ok(NoContent)
    })
    .await
}

/// Charges this one where nobody chooses.
pub async fn choose(
    caller: PortalPrincipal,
    card: web::Path<String>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    let means = find_means(&services, &pool).ok_or(Error::NotFound)?;
    let access = own(&caller, &pool).await?;
    detached::to_the_end(async move {
        methods::set_default(&means.stripe, &means.pool, &access, &caller.actor(), &card).await?;
        Ok(NoContent)
    })
    .await
}
