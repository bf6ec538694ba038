//! `GET|POST ehr/forms`, `GET|PUT ehr/forms/{form}`, `POST ehr/forms/{form}/publish|retire`,
//! `PUT ehr/forms/{form}/new-clients`.

use crate::{
    accounts::Permission,
    app::Services,
    audit::Actor,
    db::Pool,
    error::Result,
    forms::{
        definition::{Definition, FormKind},
        library::{self, Builder, Form, Summary},
    },
    http::{
        answer::Stored,
        detached,
        idempotency::IdempotencyKey,
        json::{Body, FORM_BYTES},
        page::{List, NewestQuery},
        principal::EhrPrincipal,
    },
    ids::{EntryId, FormId},
};
use actix_web::web;
use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// Which forms.
#[derive(Deserialize, IntoParams)]
pub struct Wanted {
    /// Those that are retired, in place of all others.
    #[serde(default)]
    retired: bool,
}

/// A new form.
#[derive(Deserialize, ToSchema)]
pub struct NewForm {
    id: Option<EntryId>,
    kind: FormKind,
    definition: Definition,
}

/// What is built, in place of what has this revision.
#[derive(Deserialize, ToSchema)]
pub struct ChangedForm {
    revision: i64,
    kind: FormKind,
    definition: Definition,
}

/// What was seen.
#[derive(Deserialize, ToSchema)]
pub struct FormRevision {
    revision: i64,
}

/// Whether every new client is given it.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ForNewClients {
    on: bool,
    /// How many days they have; null: any time.
    #[schema(minimum = 0, maximum = 365)]
    due_days: Option<i32>,
}

fn builder<'a>(caller: &EhrPrincipal, actor: &'a Actor, now: DateTime<Utc>) -> Builder<'a> {
    Builder { actor, practice: caller.practice_id, user: caller.user_id, now }
}

/// The practice's.
pub async fn list(
    caller: EhrPrincipal,
    wanted: web::Query<Wanted>,
    page: web::Query<NewestQuery>,
    pool: web::Data<Pool>,
) -> Result<web::Json<List<Summary>>> {
    caller.require(Permission::WorkForms)?;
    let (limit, before) = page.read()?;
    let found = library::list(&mut *pool.get().await?, caller.practice_id, wanted.retired, limit, before).await?;
    Ok(web::Json(List::newest(found, limit, |form| form.id.0)))
}

/// With what it asks.
pub async fn show(caller: EhrPrincipal, form: web::Path<FormId>, pool: web::Data<Pool>) -> Result<web::Json<Form>> {
    caller.require(Permission::WorkForms)?;
    Ok(web::Json(library::find(&mut *pool.get().await?, caller.practice_id, *form).await?))
}

/// Begins one.
pub async fn create(
    caller: EhrPrincipal,
    key: IdempotencyKey,
    input: Body<NewForm, FORM_BYTES>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<Form>> {
    caller.require(Permission::WorkForms)?;
    let NewForm { id, kind, definition } = input.0;
    let id = FormId(key.or_given(id).0);
    detached::to_the_end(async move {
        let (actor, mut conn) = (caller.actor(), pool.get().await?);
        let by = builder(&caller, &actor, services.clock.now());
        let (content, repeated) =
            conn.transaction(async |conn| library::create(conn, by, id, kind, &definition).await).await?;
        Ok(Stored { repeated, content })
    })
    .await
}

/// Something that is done to a form.
enum Deed {
    Change(Box<ChangedForm>),
    Publish(FormRevision),
    Retire,
    GiveToNewClients(ForNewClients),
}

/// Keeps what was built.
pub async fn change(
    caller: EhrPrincipal,
    form: web::Path<FormId>,
    input: Body<ChangedForm, FORM_BYTES>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Form>> {
    act(caller, *form, Deed::Change(Box::new(input.0)), pool, services).await
}

/// Gives it its next version.
pub async fn publish(
    caller: EhrPrincipal,
    form: web::Path<FormId>,
    input: Body<FormRevision>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Form>> {
    act(caller, *form, Deed::Publish(input.0), pool, services).await
}

/// Takes it out of use.
pub async fn retire(
    caller: EhrPrincipal,
    form: web::Path<FormId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Form>> {
    act(caller, *form, Deed::Retire, pool, services).await
}

/// Says whether every new client is given it.
pub async fn for_new_clients(
    caller: EhrPrincipal,
    form: web::Path<FormId>,
    input: Body<ForNewClients>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Form>> {
    act(caller, *form, Deed::GiveToNewClients(input.0), pool, services).await
}

/// Does it, in a transaction that comes to its end.
async fn act(
    caller: EhrPrincipal,
    form: FormId,
    deed: Deed,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Form>> {
    caller.require(Permission::WorkForms)?;
    detached::to_the_end(async move {
        let (actor, mut conn) = (caller.actor(), pool.get().await?);
        let by = builder(&caller, &actor, services.clock.now());
        conn.transaction(async |conn| match &deed {
            Deed::Change(changed) => {
                library::change(conn, by, form, changed.revision, changed.kind, &changed.definition).await
            }
            Deed::Publish(seen) => library::publish(conn, by, form, seen.revision).await,
            Deed::Retire => library::retire(conn, by, form).await,
            Deed::GiveToNewClients(given) => {
                library::give_to_new_clients(conn, by, form, given.on, given.due_days).await
            }
        })
        .await
        .map(web::Json)
    })
    .await
}
