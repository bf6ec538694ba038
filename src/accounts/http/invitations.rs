//! `POST ehr/clients`, `POST ehr/clients/{client}/invitation`, `GET/POST admin/invitations`,
//! `DELETE admin/invitations/{invitation}`, `POST ehr/auth/accept-invitation`.

use crate::{
    accounts::{
        Permission, Person, Role,
        admission::{
            accept,
            admit::{self, Admission},
            invite::{self, Invitation},
        },
        email,
    },
    app::Services,
    db::Pool,
    error::Result,
    forms::welcome::Welcome,
    http::{
        answer::{Created, NoContent},
        detached,
        json::Body,
        page::List,
        principal::{AdminPrincipal, EhrPrincipal},
        source::Source,
    },
    ids::{InvitationId, UserId},
};
use actix_web::web;
use chrono::{DateTime, NaiveDate, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A new client. Without `ssnLast4` and `mrn` they register with an invitation alone.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewClient {
    name: String,
    email: String,
    date_of_birth: NaiveDate,
    ssn_last4: Option<String>,
    mrn: Option<String>,
    /// Of e-mails: `en` or `es`.
    language: Option<String>,
}

/// A new colleague.
#[derive(Deserialize, ToSchema)]
pub struct NewInvitation {
    email: String,
    role: Role,
}

/// An invitation as the practice sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = Invitation)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
    id: InvitationId,
    email: String,
    role: Option<Role>,
    /// The client who is invited.
    client: Option<UserId>,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    accepted_at: Option<DateTime<Utc>>,
}

/// Who accepts.
#[derive(Deserialize, ToSchema)]
pub struct Acceptance {
    token: String,
    name: String,
    password: String,
}

impl From<Invitation> for Shown {
    fn from(invitation: Invitation) -> Self {
        Self {
            id: invitation.id,
            role: Role::parse(&invitation.role),
            email: invitation.email,
            client: invitation.client_id,
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
            accepted_at: invitation.accepted_at,
        }
    }
}

/// Puts a client on file.
pub async fn admit(
    caller: EhrPrincipal,
    input: Body<NewClient>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Created<Person>> {
    caller.require(Permission::AdmitClients)?;
    let NewClient { name, email, date_of_birth, ssn_last4, mrn, language } = input.0;
    let admission = Admission { name, email, date_of_birth, ssn_last4, mrn, language };
    let actor = caller.actor();
    detached::to_the_end(async move {
        let welcome = Welcome { actor: &actor, now: services.clock.now() };
        admit::admit(&pool, services.means(), admission, &actor, &welcome).await.map(Created)
    })
    .await
}

/// Invites a client.
pub async fn invite_client(
    caller: EhrPrincipal,
    client: web::Path<UserId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Created<Shown>> {
    caller.require(Permission::AdmitClients)?;
    let (actor, client) = (caller.actor(), *client);
    detached::to_the_end(async move {
        let invitation = invite::invite_client(&pool, services.means(), client, &actor).await?;
        Ok(Created(invitation.into()))
    })
    .await
}

/// Invites a colleague.
pub async fn invite(
    caller: AdminPrincipal,
    input: Body<NewInvitation>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Created<Shown>> {
    caller.require(Permission::ManageUsers)?;
    let (actor, email, role) = (caller.actor(), email::read(&input.0.email, "/email")?, input.0.role);
    detached::to_the_end(async move {
        let invitation = invite::invite_colleague(&pool, services.means(), email, role, &actor).await?;
        Ok(Created(invitation.into()))
    })
    .await
}

/// All that stand or were accepted.
pub async fn list(caller: AdminPrincipal, pool: web::Data<Pool>) -> Result<web::Json<List<Shown>>> {
    caller.require(Permission::ManageUsers)?;
    let invitations = invite::list(&mut *pool.get().await?, caller.practice_id).await?;
    Ok(web::Json(List::whole(invitations.into_iter().map(Shown::from).collect())))
}

/// Takes one back.
pub async fn revoke(
    caller: AdminPrincipal,
    invitation: web::Path<InvitationId>,
    pool: web::Data<Pool>,
) -> Result<NoContent> {
    caller.require(Permission::ManageUsers)?;
    let (actor, invitation) = (caller.actor(), *invitation);
    detached::to_the_end(async move { invite::revoke(&pool, invitation, &actor).await }).await?;
    Ok(NoContent)
}

/// Makes a colleague's account.
pub async fn accept(
    source: Source,
    input: Body<Acceptance>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    let Acceptance { token, name, password } = input.0;
    let (token, password) = (SecretString::from(token), SecretString::from(password));
    detached::to_the_end(async move {
        accept::accept(&pool, services.means(), &token, &name, password, &source.nobody()).await
    })
    .await?;
    Ok(NoContent)
}
