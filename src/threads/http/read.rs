//! `POST|PUT portal/messages/{thread}/read`, `POST|PUT ehr/threads/{thread}/read`: what the caller has read.

use super::post::mark;
use crate::{
    app::Services,
    db::Pool,
    error::{Error, Result},
    http::{answer::NoContent, json::Body, principal::Caller},
    ids::ThreadId,
    threads::model::Marks,
};
use actix_web::web;
use serde::Deserialize;
use utoipa::ToSchema;

/// Up to where.
#[derive(Deserialize, ToSchema)]
pub struct Seen {
    #[schema(minimum = 0)]
    seq: i64,
}

/// Marks only grow; past the newest entry they stop there.
pub async fn read<C: Caller>(
    caller: C,
    thread: web::Path<ThreadId>,
    input: Body<Seen>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    let seq = input.0.seq;
    if seq < 0 {
        return Err(Error::field("/seq", "seq counts from 1."));
    }
    mark(&caller, *thread, Marks { delivered: seq, read: seq }, &pool, &services).await
}
