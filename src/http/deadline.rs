//! How long a body may take. Who sends one byte by byte does not keep a place busy for ever. Headers have a time of
//! their own, set where the server is made; so have the frames of sockets.

use super::json;
use actix_web::{
    HttpMessage,
    body::MessageBody,
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::PayloadError,
    http::header,
    middleware::Next,
    web::Bytes,
};
use futures_util::Stream;
use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Sleep, sleep};

/// A body has to be complete after so long.
pub const BODY_TIME: Duration = Duration::from_secs(10);
/// A file has to be: 25 MiB over a slow line.
pub const FILE_TIME: Duration = Duration::from_secs(600);
/// What addresses end with that take files.
const FILES: [&str; 4] = ["/attachments", "/documents", "/versions", "/files"];

/// The middleware.
pub async fn keep(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    // What GET brings along is a socket's, or is not read.
    if !request.method().is_safe() {
        let body = request.take_payload();
        let is_file = FILES.iter().any(|end| request.path().ends_with(end)) && !says_json(&request);
        let time = if is_file { FILE_TIME } else { BODY_TIME };
        request.set_payload(Payload::Stream { payload: Box::pin(Timed { body, end: Box::pin(sleep(time)) }) });
    }
    next.call(request).await
}

fn says_json(request: &ServiceRequest) -> bool {
    request.headers().get(header::CONTENT_TYPE).is_some_and(json::is_json)
}

/// Whether a body could not be read because it was too slow.
pub fn is_too_slow(error: &PayloadError) -> bool {
    matches!(error, PayloadError::Io(error) if error.kind() == io::ErrorKind::TimedOut)
}

struct Timed {
    body: Payload,
    end: Pin<Box<Sleep>>,
}

impl Stream for Timed {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.end.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Some(Err(PayloadError::Io(io::ErrorKind::TimedOut.into()))));
        }
        Pin::new(&mut self.body).poll_next(cx)
    }
}
