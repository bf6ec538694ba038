//! `POST ehr/billing/clients/{client}/adjustments`.

use crate::{
    accounts::Permission,
    app::Services,
    billing::{
        Amount,
        adjustments::{self, NewAdjustment},
        http::calls::{self, Noted, Whose},
        ledger::{self, Balance},
    },
    db::Pool,
    error::Result,
    http::{answer::Stored, idempotency::IdempotencyKey, json::Body, principal::EhrPrincipal},
    ids::{AdjustmentId, ChargeId, UserId},
};
use actix_web::web;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// A correction of what a client owes.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewAdjustment)]
pub struct New {
    /// In minor units; less than zero: less is owed.
    #[schema(minimum = -99_999_999, maximum = 99_999_999)]
    amount: i64,
    #[schema(max_length = 500)]
    reason: String,
    /// The charge that it is for.
    charge: Option<ChargeId>,
}

/// Corrects what a client owes; the answer is what they owe then.
pub async fn make(
    caller: EhrPrincipal,
    client: web::Path<UserId>,
    key: IdempotencyKey,
    input: Body<New>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<Balance>> {
    caller.require(Permission::ManageBilling)?;
    let id: AdjustmentId = key.or_new();
    calls::change(pool, caller, Whose::Client(*client), move |conn, access| {
        Box::pin(async move {
            let New { amount, reason, charge } = &input.0;
            let new = NewAdjustment { id, charge: *charge, amount: Amount(*amount), reason, now: services.clock.now() };
            let made = adjustments::make(conn, &services.keyring, &access, &new).await?;
            let noted = Noted::new("adjustment.made").on("adjustment", id).with(json!({"lowers": *amount < 0}));
            Ok((ledger::balance(conn, access.client()).await?, made.then_some(noted)))
        })
    })
    .await
}
