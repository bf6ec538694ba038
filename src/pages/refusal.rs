//! Whatever is refused to a browser that wants to show it, in words instead of JSON: the same sentence, status and
//! headers. Decides nothing, and says nothing that the refusal does not.

use super::{assets, shell::page};
use actix_web::{
    body::{EitherBody, MessageBody, to_bytes},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{self, HeaderMap},
    },
    middleware::Next,
};
use askama::Template;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "refusal.html")]
struct Refusal {
    assets: &'static str,
    heading: &'static str,
    said: Said,
}

/// What of a problem document is for people.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Said {
    detail: String,
    trace_id: Option<String>,
}

/// The middleware.
pub async fn in_words(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, actix_web::Error> {
    let shows_it = is_among(request.headers(), header::ACCEPT, "text/html");
    let response = next.call(request).await?;
    if !shows_it || !is_among(response.headers(), header::CONTENT_TYPE, "application/problem+json") {
        return Ok(response.map_into_left_body());
    }
    let (request, refused) = response.into_parts();
    let (refused, document) = refused.into_parts();
    let document = to_bytes(document).await.unwrap_or_default();
    let said = serde_json::from_slice(&document).unwrap_or_default();
    let heading = match refused.status() {
        StatusCode::NOT_FOUND => "There is nothing here",
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => "A moment, please",
        _ => "This did not work",
    };
    let mut shown = page(refused.status(), &Refusal { assets: assets::base(), heading, said });
    for (name, value) in refused.headers().iter().filter(|(name, _)| *name != header::CONTENT_TYPE) {
        shown.headers_mut().append(name.clone(), value.clone());
    }
    Ok(ServiceResponse::new(request, shown).map_into_right_body())
}

fn is_among(headers: &HeaderMap, name: header::HeaderName, media_type: &str) -> bool {
    headers.get(name).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains(media_type))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{refusals, trace::RequestSpan};
    use actix_web::{App, HttpMessage, middleware::from_fn, test, web};

    #[actix_web::test]
    async fn a_page_that_panics_is_a_neutral_page_with_its_number_in_the_log_and_the_next_one_is_served() {
        async fn fails(path: web::Path<String>) -> &'static str {
            assert!(path.as_str() != "panic", "a secret of somebody");
            "fine"
        }
        let app = App::new()
            .route("/portal/{what}", super::super::shown(fails))
            .wrap(from_fn(refusals::explain))
            .wrap(from_fn(in_words))
            .wrap(tracing_actix_web::TracingLogger::<RequestSpan>::new());
        let app = test::init_service(app).await;
        let ask = |path: &str| {
            test::TestRequest::get().uri(path).insert_header((header::ACCEPT, "text/html,*/*;q=0.8")).to_request()
        };
        let failed = test::call_service(&app, ask("/portal/panic")).await;
        assert_eq!(failed.status(), 500);
        assert!(is_among(failed.headers(), header::CONTENT_TYPE, "text/html"));
        let number = failed.request().extensions().get::<tracing_actix_web::RequestId>().unwrap().to_string();
        let shown = String::from_utf8(test::read_body(failed).await.to_vec()).unwrap();
        assert!(shown.contains("Something went wrong on our side.") && shown.contains(&number), "{shown}");
        assert!(!shown.contains("secret") && !shown.contains("panic") && !shown.contains('{'), "{shown}");
        assert_eq!(test::read_body(test::call_service(&app, ask("/portal/other")).await).await, "fine");
        // A program is answered as before.
        let program = test::TestRequest::get().uri("/portal/panic").to_request();
        let failed = test::call_service(&app, program).await;
        assert!(is_among(failed.headers(), header::CONTENT_TYPE, "application/problem+json"));
    }
}
