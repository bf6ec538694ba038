//! `POST ehr/threads/{thread}/claim|assign|hand-over|close|reopen`: each answers with the thread as it is now.

use crate::{
    app::Services,
    db::Pool,
    error::Result,
    http::{
        detached,
        json::{Body, MaybeBody},
        principal::EhrPrincipal,
    },
    ids::{ThreadId, UserId},
    threads::{
        assignment,
        change::Changed,
        closing,
        model::{Summary, Text, check_body},
    },
};
use actix_web::web;
use serde::Deserialize;
use utoipa::ToSchema;

/// To whom; null gives it back to the pool.
#[derive(Deserialize, ToSchema)]
pub struct Assign {
    #[serde(deserialize_with = "Option::deserialize")]
    assignee: Option<UserId>,
}

/// To whom, and a note for them.
#[derive(Deserialize, ToSchema)]
pub struct HandOver {
    to: UserId,
    note: Option<Text>,
}

/// A note for colleagues.
#[derive(Deserialize, Default, ToSchema)]
pub struct Close {
    note: Option<Text>,
}

type Answer = Result<web::Json<Summary>>;

pub async fn claim(
    caller: EhrPrincipal,
    thread: web::Path<ThreadId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Answer {
    let (viewer, actor, thread) = (caller.viewer(), caller.actor(), *thread);
    settle(services.clone(), async move {
        assignment::claim(&mut *pool.get().await?, &services.keyring, viewer, &actor, thread).await
    })
    .await
}

pub async fn assign(
    caller: EhrPrincipal,
    thread: web::Path<ThreadId>,
    input: Body<Assign>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Answer {
    let (viewer, actor, thread, assignee) = (caller.viewer(), caller.actor(), *thread, input.0.assignee);
    settle(services.clone(), async move {
        assignment::assign(&mut *pool.get().await?, &services.keyring, viewer, &actor, thread, assignee).await
    })
    .await
}

pub async fn hand_over(
    caller: EhrPrincipal,
    thread: web::Path<ThreadId>,
    input: Body<HandOver>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Answer {
    let (viewer, actor, thread, to) = (caller.viewer(), caller.actor(), *thread, input.0.to);
    let note = written(input.0.note)?;
    settle(services.clone(), async move {
        let mut conn = pool.get().await?;
        assignment::hand_over(&mut conn, &services.keyring, viewer, &actor, thread, to, note.as_ref()).await
    })
    .await
}

pub async fn close(
    caller: EhrPrincipal,
    thread: web::Path<ThreadId>,
    input: MaybeBody<Close>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Answer {
    let (viewer, actor, thread) = (caller.viewer(), caller.actor(), *thread);
    let note = written(input.0.note)?;
    settle(services.clone(), async move {
        closing::close(&mut *pool.get().await?, &services.keyring, viewer, &actor, thread, note.as_ref()).await
    })
    .await
}

pub async fn reopen(
    caller: EhrPrincipal,
    thread: web::Path<ThreadId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Answer {
    let (viewer, actor, thread) = (caller.viewer(), caller.actor(), *thread);
    settle(services.clone(), async move {
        closing::reopen(&mut *pool.get().await?, &services.keyring, viewer, &actor, thread).await
    })
    .await
}

/// A change once begun is made, and once made is told, whether or not its caller still waits.
async fn settle(services: web::Data<Services>, change: impl Future<Output = Result<Changed>> + 'static) -> Answer {
    let settled = detached::to_the_end(async move {
        let settled = change.await?;
        if settled.changed {
            services.hub.thread_changed(settled.thread.id).await;
        }
        Ok(settled)
    });
    Ok(web::Json(settled.await?.thread))
}

/// An empty note is none.
fn written(note: Option<Text>) -> Result<Option<Text>> {
    match note.filter(|note| !note.0.trim().is_empty()) {
        Some(note) => {
            check_body(&note.0)?;
            Ok(Some(note))
        }
        None => Ok(None),
    }
}
