//! `POST ehr/forms/{form}/assignments`, `GET ehr/clients/{client}/forms`, `DELETE ehr/form-assignments/{assignment}`.

use crate::{
    accounts::{Permission, Person, people},
    app::Services,
    db::Pool,
    error::{Error, Result},
    forms::assignments::{self, Giving, Summary},
    http::{
        answer::{NoContent, Stored},
        detached,
        idempotency::IdempotencyKey,
        json::Body,
        page::{List, NewestQuery},
        principal::EhrPrincipal,
        when,
    },
    ids::{EntryId, FormAssignmentId, FormId, UserId},
};
use actix_web::web;
use chrono::NaiveDate;
use diesel_async::AsyncConnection;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// To whom a form is given.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewFormAssignment {
    id: Option<EntryId>,
    client: UserId,
    /// The last day; null: any time.
    #[serde(default, deserialize_with = "when::maybe")]
    due_on: Option<NaiveDate>,
}

/// What was given.
#[derive(Serialize, ToSchema)]
pub struct FormGiven {
    id: FormAssignmentId,
}

/// Gives it to a client.
pub async fn assign(
    caller: EhrPrincipal,
    form: web::Path<FormId>,
    key: IdempotencyKey,
    input: Body<NewFormAssignment>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<FormGiven>> {
    caller.require(Permission::WorkForms)?;
    let NewFormAssignment { id, client, due_on } = input.0;
    let giving = Giving { id: FormAssignmentId(key.or_given(id).0), form: *form, client, due_on };
    detached::to_the_end(async move {
        let (actor, now) = (caller.actor(), services.clock.now());
        let mut conn = pool.get().await?;
        let (id, repeated) =
            conn.transaction(async |conn| assignments::give(conn, caller.viewer(), &actor, giving, now).await).await?;
        Ok(Stored { repeated, content: FormGiven { id } })
    })
    .await
}

/// A page of what a client was given, with whose it is.
#[derive(Serialize, ToSchema)]
pub struct FormsOfClient {
    client: Person,
    items: Vec<Summary>,
    next: Option<String>,
}

/// What a client was given.
pub async fn of_client(
    caller: EhrPrincipal,
    client: web::Path<UserId>,
    page: web::Query<NewestQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<FormsOfClient>> {
    caller.require(Permission::WorkForms)?;
    let List { items, next } = super::list(&caller, (*client, false), &page, &pool, &services).await?.into_inner();
    let client = people::find_person(&mut *pool.get().await?, caller.practice_id, *client).await?;
    Ok(web::Json(FormsOfClient { client: client.ok_or(Error::NotFound)?, items, next }))
}

/// Takes it back.
pub async fn withdraw(
    caller: EhrPrincipal,
    assignment: web::Path<FormAssignmentId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    caller.require(Permission::WorkForms)?;
    super::change(&caller, *assignment, (pool, services), |conn, by| {
        Box::pin(async move { assignments::withdraw(conn, &by.assigned, &by.actor, by.now).await })
    })
    .await?;
    Ok(NoContent)
}
