//! Refusals that the web framework makes without words (404, 405 and the like) become problem documents; a page that
//! needs somebody signed in sends the browser to sign in.

use crate::{error::Error, problem::Problem};
use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    body::{BodySize, EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{StatusCode, header},
    middleware::Next,
};
use tracing_actix_web::RequestId;

/// The middleware.
pub async fn explain(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, actix_web::Error> {
    let response = next.call(request).await?;
    if response.status() == StatusCode::UNAUTHORIZED && is_page(response.request()) {
        let to = sign_in_address(response.request().path());
        let redirect = HttpResponse::SeeOther().insert_header((header::LOCATION, to)).finish();
        return Ok(ServiceResponse::new(response.into_parts().0, redirect).map_into_right_body());
    }
    if response.status() == StatusCode::INTERNAL_SERVER_ERROR {
        return Ok(traced(response).map_into_right_body());
    }
    let wordless = matches!(response.response().body().size(), BodySize::None | BodySize::Sized(0));
    let Some(error) = wordless.then(|| meaning(response.status())).flatten() else {
        return Ok(response.map_into_left_body());
    };
    let (request, refusal) = response.into_parts();
    let mut answer = Problem::from(&error).into_response();
    // Allow, and whatever else was said in headers, stays.
    for (name, value) in refusal.headers().iter().filter(|(name, _)| *name != header::CONTENT_TYPE) {
        answer.headers_mut().append(name.clone(), value.clone());
    }
    Ok(ServiceResponse::new(request, answer).map_into_right_body())
}

/// A fault of ours tells its caller by which id it stands in our log, and nothing else.
fn traced(response: ServiceResponse<impl MessageBody>) -> ServiceResponse {
    let id = response.request().extensions().get::<RequestId>().map(ToString::to_string);
    let problem = Problem::from(&Error::Internal(anyhow::anyhow!("told before")));
    let (request, _) = response.into_parts();
    ServiceResponse::new(request, problem.with_trace(id).into_response())
}

fn is_page(request: &HttpRequest) -> bool {
    request.method().is_safe() && !request.path().starts_with("/api/")
}

/// Back to the page afterwards; what its query held is not worth a place in an address.
fn sign_in_address(path: &str) -> String {
    let next: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
    format!("/sign-in?next={next}")
}

fn meaning(status: StatusCode) -> Option<Error> {
    match status {
        StatusCode::BAD_REQUEST => Some(Error::BadRequest("The request cannot be read.".into())),
        StatusCode::NOT_FOUND => Some(Error::NotFound),
        StatusCode::METHOD_NOT_ALLOWED => Some(Error::MethodNotAllowed),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Some(Error::UnsupportedMediaType),
        _ => None,
    }
}

/// Where no address of the table fits.
pub async fn nowhere(_: HttpRequest) -> Result<HttpResponse, Error> {
    Err(Error::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::{App, http::Method, middleware::from_fn, test, web};

    #[actix_web::test]
    async fn every_refusal_has_words() {
        let app = App::new()
            .service(web::resource("/api/v1/x").route(web::get().to(|| async { "x" })))
            .service(web::resource("/page").route(web::get().to(|| async { Err::<&str, _>(Error::Unauthenticated) })))
            .default_service(web::to(nowhere))
            .wrap(from_fn(explain));
        let app = test::init_service(app).await;
        for (method, path, status, code) in
            [(Method::DELETE, "/api/v1/x", 405, "methodNotAllowed"), (Method::GET, "/api/v1/y", 404, "notFound")]
        {
            let request = test::TestRequest::default().method(method).uri(path).to_request();
            let response = test::call_service(&app, request).await;
            assert_eq!(response.status(), status);
            assert_eq!(response.headers().get(header::CONTENT_TYPE).unwrap(), "application/problem+json");
            if status == 405 {
                assert_eq!(response.headers().get(header::ALLOW).unwrap(), "GET");
            }
            let problem: serde_json::Value = test::read_body_json(response).await;
            assert_eq!(problem["code"], code);
        }
        let response = test::call_service(&app, test::TestRequest::get().uri("/page").to_request()).await;
        assert_eq!(response.status(), 303);
        assert_eq!(response.headers().get(header::LOCATION).unwrap(), "/sign-in?next=%2Fpage");
    }
}
