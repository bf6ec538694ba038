//! `GET …/push-key`, `POST/DELETE …/push-subscriptions`: the browsers that the caller is told by.

use crate::{
    app::Services,
    db::Pool,
    error::{Error, Result},
    http::{
        answer::{Created, NoContent},
        detached,
        json::Body,
        principal::Caller,
    },
    ids::ContactPointId,
    notify::{contact::browser, push::Subscription},
};
use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// For `PushManager.subscribe`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PushKey {
    /// An uncompressed point of P-256 in URL-safe base64.
    public_key: String,
}

/// A subscription that is kept.
#[derive(Serialize, ToSchema)]
pub struct Subscribed {
    id: ContactPointId,
}

/// Which one.
#[derive(Deserialize, ToSchema)]
pub struct Endpoint {
    endpoint: String,
}

/// What browsers subscribe with.
pub async fn key<C: Caller>(_: C, services: web::Data<Services>) -> web::Json<PushKey> {
    web::Json(PushKey { public_key: services.pusher.public_key().to_owned() })
}

/// Keeps a subscription.
pub async fn subscribe<C: Caller>(
    caller: C,
    input: Body<Subscription>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Created<Subscribed>> {
    let (actor, subscription) = (caller.actor(), input.0);
    subscription.check(services.pusher.egress())?;
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let id = browser::subscribe(&mut conn, &services.keyring, &services.clock, &actor, &subscription).await?;
        Ok(Created(Subscribed { id }))
    })
    .await
}

/// Forgets one.
pub async fn unsubscribe<C: Caller>(
    caller: C,
    input: Body<Endpoint>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    let actor = caller.actor();
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        match browser::unsubscribe(&mut conn, &services.keyring, &actor, &input.0.endpoint).await? {
            true => Ok(NoContent),
            false => Err(Error::NotFound),
        }
    })
    .await
}
