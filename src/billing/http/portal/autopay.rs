//! `GET|PUT portal/payments/autopay`: whether one's invoices are taken from a saved method on the day they are due.

use crate::{
    app::Services,
    billing::{
        access,
        autopay::{self, Choice},
        http::calls::{self, Noted, Whose},
        papers::{head, receipt},
        planned::store,
        print::Letterhead,
    },
    db::Pool,
    error::{Error, Result},
    http::{detached, json::Body, principal::PortalPrincipal},
};
use actix_web::web;
use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether autopay is on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Autopay)]
pub struct Shown {
    on: bool,
    /// The saved method, by its id at Stripe.
    method: Option<String>,
    /// As it was shown when it was chosen.
    method_name: Option<String>,
    /// When it was turned on or off last.
    since: Option<DateTime<Utc>>,
    consent: Consent,
    /// A payment failed, and is not made good yet.
    failing: bool,
}

/// What is agreed to, in the client's language.
#[derive(Serialize, ToSchema)]
#[schema(as = AutopayConsent)]
pub struct Consent {
    /// What turning it on agrees to.
    asked: String,
    /// What was agreed to, word for word.
    given: Option<String>,
}

/// Whether autopay is to be on.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AutopayChoice)]
pub struct Wish {
    on: bool,
    /// Of the saved methods; where it is to be on.
    #[schema(max_length = 200)]
    method: Option<String>,
    /// `consent.asked`, word for word; where it is to be on.
    #[schema(max_length = 2000)]
    consent: Option<String>,
}

/// As it stands.
pub async fn show(
    caller: PortalPrincipal,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Shown>> {
    let now = services.clock.now();
    let shown = calls::read(&pool, &caller, Whose::Client(caller.user_id), move |conn, access| {
        Box::pin(async move {
            let head = head::find(conn, &access, now).await?;
            let choice = autopay::find(conn, access.client()).await?;
            let failing = store::is_failing(conn, access.client()).await?;
            Ok((shown(choice, &head, failing), Noted::new("autopay.viewed")))
        })
    });
    Ok(web::Json(shown.await?))
}

fn shown(choice: Option<Choice>, head: &Letterhead, failing: bool) -> Shown {
    let asked = autopay::consent(head.tongue, &head.practice);
    match choice {
        None => Shown {
            on: false,
            method: None,
            method_name: None,
            since: None,
            consent: Consent { asked, given: None },
            failing,
        },
        Some(choice) => Shown {
            on: choice.is_on,
            method: choice.method,
            method_name: choice.method_name,
            since: Some(choice.chosen_at),
            consent: Consent { asked, given: choice.consent },
            failing,
        },
    }
}

/// Turns it on or off.
pub async fn choose(
    caller: PortalPrincipal,
    input: Body<Wish>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Shown>> {
    let wish = input.0;
    detached::to_the_end(async move {
        let (actor, now) = (caller.actor(), services.clock.now());
        let access = access::of_client(&mut *pool.get().await?, caller.viewer(), caller.user_id).await?;
        let card = if wish.on {
            let id = wish.method.as_deref().ok_or_else(|| Error::field("/method", "Choose a payment method."))?;
            Some(super::chosen(&services, &pool, &access, id).await?)
        } else {
            None
        };
        let mut conn = pool.get().await?;
        let shown = conn.transaction(async |conn| {
            let head = head::find(conn, &access, now).await?;
            let on = match &card {
                None => None,
                Some(card) => {
                    let asked = autopay::consent(head.tongue, &head.practice);
                    if wish.consent.as_deref() != Some(asked.as_str()) {
                        return Err(Error::field(
                            "/consent",
                            "Send back what is agreed to, word for word as it is asked.",
                        ));
                    }
                    let name = receipt::card(Some(&card.brand), Some(&card.last4), head.tongue);
                    Some(autopay::On { method: card.id.clone(), method_name: name, consent: asked })
                }
            };
            autopay::choose(conn, &access, &actor, on, now).await?;
            let choice = autopay::find(conn, access.client()).await?;
            let failing = store::is_failing(conn, access.client()).await?;
            Ok(shown(choice, &head, failing))
        });
        Ok(web::Json(shown.await?))
    })
    .await
}
