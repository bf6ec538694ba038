//! `POST /hooks/twilio/status`, `POST /hooks/twilio/inbound`: what Twilio reports of messages, and what people answer to
//! them. Nothing is read before the signature was checked against the public address; whoever sent a form that is not
//! Twilio's is refused, and learns nothing.

use crate::{
    app::Services,
    db::Pool,
    error::{Error, Result},
    http::{detached, origin},
    ids::OutboxId,
    notify::{
        contact::{consent, consent::Word, number},
        sms::{answer, report, report::Report, signature},
    },
};
use actix_web::{HttpRequest, HttpResponse, http::header, web};
use serde::Deserialize;

const SIGNATURE: &str = "x-twilio-signature";

type Form = Vec<(String, String)>;

/// Which row a report is about.
#[derive(Deserialize)]
struct About {
    outbox: OutboxId,
}

/// What became of a message.
pub async fn status(
    request: HttpRequest,
    body: web::Bytes,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<HttpResponse> {
    let form = read(&services, &request, &body)?;
    let about = web::Query::<About>::from_query(request.query_string()).map_err(|_| Error::NotFound)?;
    // Statuses that are not known yet are no reason to be sent them again and again.
    let Some(report) = Report::read(&form) else { return Ok(HttpResponse::NoContent().finish()) };
    let to = field(&form, "To").map(str::to_owned);
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        if report.says_opted_out()
            && let Some(to) = to.and_then(|to| number::read(&to, "").ok())
        {
            consent::set(&mut conn, &services.keyring, &to, true, "provider").await?;
        }
        report::note(&mut conn, about.outbox, &report).await?;
        Ok(HttpResponse::NoContent().finish())
    })
    .await
}

/// What somebody answered.
pub async fn inbound(
    request: HttpRequest,
    body: web::Bytes,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<HttpResponse> {
    let form = read(&services, &request, &body)?;
    let text = field(&form, "Body").unwrap_or_default();
    // Whoever wrote may not be known; the word is answered in the language that it belongs to.
    let (word, reply) = answer::reply(text, field(&form, "OptOutType"));
    let from = field(&form, "From").and_then(|from| number::read(from, "").ok());
    let document = HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/xml; charset=utf-8"))
        .body(answer::document(reply.as_deref()));
    let opted_out = match word {
        Some(Word::Stop) => true,
        Some(Word::Start) => false,
        Some(Word::Help) | None => return Ok(document),
    };
    let Some(from) = from else { return Ok(document) };
    detached::to_the_end(async move {
        let because = if opted_out { "stop" } else { "start" };
        consent::set(&mut *pool.get().await?, &services.keyring, &from, opted_out, because).await?;
        Ok(())
    })
    .await?;
    Ok(document)
}

/// The form, if it is Twilio's, about our account.
fn read(services: &Services, request: &HttpRequest, body: &[u8]) -> Result<Form> {
    let twilio = services.twilio.as_ref().ok_or(Error::NotFound)?;
    let refused = Error::Forbidden("This is not signed as it should be.");
    let form: Form = url::form_urlencoded::parse(body).into_owned().collect();
    let signature = request.headers().get(SIGNATURE).and_then(|value| value.to_str().ok());
    let address = origin::own(&services.config, request.headers()).map(|own| format!("{own}{}", request.uri()));
    let (Some(signature), Some(address)) = (signature, address) else { return Err(refused) };
    if !signature::is_genuine(twilio.auth_token(), &address, &form, signature) {
        tracing::warn!(path = request.path(), "a report that Twilio did not sign was refused");
        return Err(refused);
    }
    match field(&form, "AccountSid").is_some_and(|account| twilio.is_ours(account)) {
        true => Ok(form),
        false => Err(refused),
    }
}

fn field<'a>(form: &'a Form, name: &str) -> Option<&'a str> {
    form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}
