//! `POST {door}/auth/mfa/enrol`, `POST …/enrol/confirm`: for whoever may not come in without a second factor and has
//! none yet. Their ticket opens these two calls; the session begins with the first good code.

use super::totp::{BackupCodes, Enrolment, begin_for, plain, wrong_code};
use crate::{
    accounts::{
        http::{door::At, signed_in},
        second_factor::{backup_codes::Sheet, change},
        sign_in::{self, Method, second_factor::find_methods, ticket},
    },
    app::Services,
    audit::Actor,
    db::Pool,
    error::{Error, Result},
    http::{detached, json::Body, source::Source},
};
use actix_web::{CustomizeResponder, web};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

/// What signing in was answered with.
#[derive(Deserialize, ToSchema)]
#[schema(as = SignInTicket)]
pub struct Ticket {
    ticket: String,
}

/// The same, and a code of the app.
#[derive(Deserialize, ToSchema)]
#[schema(as = EnrolmentConfirmation)]
pub struct Confirmation {
    ticket: String,
    code: String,
}

/// Shows a seed.
pub async fn begin<D: At>(
    input: Body<Ticket>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Enrolment>> {
    let ticket = SecretString::from(input.0.ticket);
    detached::to_the_end(async move {
        let ticket = find::<D>(&mut *pool.get().await?, &ticket).await?;
        begin_for(&pool, &services, ticket.user()).await.map(web::Json)
    })
    .await
}

/// Puts it into use, and lets them in.
pub async fn confirm<D: At>(
    input: Body<Confirmation>,
    source: Source,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<CustomizeResponder<web::Json<signed_in::Welcome>>> {
    let Confirmation { ticket, code } = input.0;
    let (ticket, code) = (SecretString::from(ticket), plain(&code));
    let from = source.nobody();
    detached::to_the_end(async move {
        let sheet = Sheet::make().await?;
        let means = services.means();
        let mut conn = pool.get().await?;
        let signed_in = conn.transaction(async |conn| {
            let ticket = find::<D>(conn, &ticket).await?;
            let user = change::lock(conn, ticket.user()).await?;
            let by = Actor { user: Some(user.id), practice: Some(user.practice_id), ..from.clone() };
            if !change::confirm_app(conn, means, &user, &code, &sheet, &by).await? {
                return Err(wrong_code());
            }
            sign_in::finish(conn, means, ticket, Method::Totp, &from).await
        });
        let signed_in = signed_in.await?.ok_or(Error::InvalidCode)?;
        Ok(signed_in::welcome_with(&services.config, signed_in, BackupCodes::from(&sheet)))
    })
    .await
}

/// A ticket of somebody who has nothing yet. It must not stand in for a factor that they have.
async fn find<D: At>(conn: &mut AsyncPgConnection, ticket: &SecretString) -> Result<ticket::Ticket> {
    let ticket = ticket::find(conn, ticket, D::DOOR).await?.ok_or(Error::TicketExpired)?;
    if find_methods(conn, ticket.user()).await?.is_empty() { Ok(ticket) } else { Err(Error::TicketExpired) }
}
