//! Whether this process lives, and whether it can serve. Tells nothing else.

use super::answer::Plain;
use crate::{app::Services, db::Pool};
use actix_web::{HttpResponse, web};
use diesel_async::RunQueryDsl;
use std::time::Duration;

/// A store that takes longer is away.
const PATIENCE: Duration = Duration::from_secs(2);

/// The process answers.
pub async fn lives() -> Plain {
    Plain(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n"))
}

/// The process can take messages: the store answers and the journal is alive.
pub async fn ready(services: web::Data<Services>, pool: web::Data<Pool>) -> Plain {
    let judged = async {
        let mut conn = pool.get().await.ok()?;
        crate::db::statement("SELECT 1").execute(&mut conn).await.ok()?;
        services.hub.ready().await.then_some(())
    };
    match tokio::time::timeout(PATIENCE, judged).await {
        Ok(Some(())) => lives().await,
        _ => Plain(
            HttpResponse::ServiceUnavailable()
                .insert_header(("retry-after", "2"))
                .content_type("text/plain; charset=utf-8")
                .body("not ready\n"),
        ),
    }
}
