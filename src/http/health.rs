//! Whether this process lives, and whether it can serve; for operators, why not, and the metrics. Nobody else is told
//! more than yes or no.

use super::{answer::Plain, operator};
use crate::{
    app::Services,
    db::Pool,
    error::{Error, Result},
    telemetry,
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use diesel_async::RunQueryDsl;
use std::time::Duration;

/// A store that takes longer is away.
const PATIENCE: Duration = Duration::from_secs(2);
const TEXT: &str = "text/plain; charset=utf-8";
/// Prometheus' own.
const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The process answers.
pub async fn lives() -> Plain {
    Plain(HttpResponse::Ok().content_type(TEXT).body("ok\n"))
}

/// The process can take messages: the store answers and the journal is alive.
pub async fn ready(request: HttpRequest, services: web::Data<Services>, pool: web::Data<Pool>) -> Plain {
    let store = async {
        let mut conn = pool.get().await.ok()?;
        crate::db::statement("SELECT 1").execute(&mut conn).await.ok()
    };
    let in_time = |works: std::result::Result<bool, _>| works.unwrap_or(false);
    let store = in_time(tokio::time::timeout(PATIENCE, async { store.await.is_some() }).await);
    let journal = in_time(tokio::time::timeout(PATIENCE, services.hub.ready()).await);
    let status = if store && journal { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let mut text = if status == StatusCode::OK { "ok\n" } else { "not ready\n" }.to_owned();
    if operator::is_operator(&request, &services.config.edge) {
        for (part, works) in [("store", store), ("journal", journal)] {
            text.push_str(&format!("{part}: {}\n", if works { "ok" } else { "away" }));
        }
        // Not a reason to take no messages: another node carries emergencies on.
        for name in services.board.silent() {
            text.push_str(&format!("{name}: silent\n"));
        }
    }
    let mut response = HttpResponse::build(status);
    if status != StatusCode::OK {
        response.insert_header(("retry-after", "2"));
    }
    Plain(response.content_type(TEXT).body(text))
}

/// What was counted since the start.
pub async fn metrics(request: HttpRequest, services: web::Data<Services>) -> Result<Plain> {
    if !operator::is_operator(&request, &services.config.edge) {
        return Err(Error::NotFound);
    }
    Ok(Plain(HttpResponse::Ok().content_type(METRICS).body(telemetry::metrics())))
}
