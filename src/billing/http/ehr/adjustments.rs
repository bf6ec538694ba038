//! `POST ehr/billing/clients/{client}/adjustments`.

use crate::{
    accounts::Permission,
    app::Services,
    audit,
    billing::{
        Amount, access,
        adjustments::{self, NewAdjustment},
        ledger::{self, Balance},
    },
    db::Pool,
    error::Result,
    http::{answer::Stored, detached, idempotency::IdempotencyKey, json::Body, principal::EhrPrincipal},
    ids::{AdjustmentId, ChargeId, UserId},
};
use actix_web::web;
use diesel_async::AsyncConnection;
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
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            let access = access::of_client(conn, caller.viewer(), *client).await?;
            let New { amount, reason, charge } = &input.0;
            let new = NewAdjustment { id, charge: *charge, amount: Amount(*amount), reason, now: services.clock.now() };
            let made = adjustments::make(conn, &services.keyring, &access, &new).await?;
            if made {
                let actor = caller.actor();
                let event = access.event(&actor, "adjustment.made").on("adjustment", id);
                audit::record(conn, event.with(json!({"lowers": *amount < 0}))).await?;
            }
            Ok(Stored { repeated: !made, content: ledger::balance(conn, access.client()).await? })
        })
        .await
    })
    .await
}
