//! A handler that panics is a fault of ours like any other: its caller gets a 500, and everybody else notices nothing.
//! The panic itself was written down where it happened.

use crate::error::{Error, Result};
use actix_web::{Either, Handler, HttpResponse};
use futures_util::{FutureExt, future::LocalBoxFuture};
use std::panic::AssertUnwindSafe;

/// A handler whose panics end at itself.
#[derive(Clone)]
pub struct Caught<H>(pub H);

impl<H: Handler<Args>, Args: 'static> Handler<Args> for Caught<H> {
    type Output = Either<H::Output, Result<HttpResponse>>;
    type Future = LocalBoxFuture<'static, Self::Output>;

    fn call(&self, args: Args) -> Self::Future {
        let handler = self.0.clone();
        // What it held is dropped with it: a connection in a transaction is not used again.
        let work = AssertUnwindSafe(async move { handler.call(args).await }).catch_unwind();
        Box::pin(async move {
            match work.await {
                Ok(output) => Either::Left(output),
                Err(_) => Either::Right(Err(Error::Internal(anyhow::anyhow!("a handler panicked")))),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::refusals;
    use actix_web::{App, middleware::from_fn, test, web};

    #[actix_web::test]
    async fn a_panic_is_answered_with_500_and_nothing_of_it_and_the_next_call_is_served() {
        async fn fails(path: web::Path<String>) -> &'static str {
            assert!(path.as_str() != "panic", "a secret of somebody");
            "fine"
        }
        let app = App::new()
            .route("/api/v1/{what}", web::get().to(Caught(fails)))
            .wrap(from_fn(refusals::explain))
            .wrap(tracing_actix_web::TracingLogger::<crate::http::trace::RequestSpan>::new());
        let app = test::init_service(app).await;
        let response = test::call_service(&app, test::TestRequest::get().uri("/api/v1/panic").to_request()).await;
        assert_eq!(response.status(), 500);
        let problem: serde_json::Value = test::read_body_json(response).await;
        let keys: Vec<&String> = problem.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["code", "detail", "status", "title", "traceId", "type"]);
        assert!(!problem.to_string().contains("secret"), "{problem}");
        let response = test::call_service(&app, test::TestRequest::get().uri("/api/v1/other").to_request()).await;
        assert_eq!(response.status(), 200);
    }
}
