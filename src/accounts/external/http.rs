//! Asking identity providers. They are not trusted to be quick, brief or honest: what they may send, and for how long,
//! is bounded, and nothing follows a redirect.

use openidconnect::{HttpRequest, HttpResponse, http};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(10);
/// Keys and metadata of the large providers take a tenth of it.
const ANSWER_BYTES: usize = 256 * 1024;

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    #[error("the identity provider was not reached")]
    Away(#[from] reqwest::Error),
    #[error("the identity provider answered more than {ANSWER_BYTES} bytes")]
    TooLarge,
    #[error("the identity provider's answer cannot be read")]
    Unreadable(#[from] http::Error),
}

/// A client for them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Http(reqwest::Client);

impl Http {
    /// Trusts the system's authorities.
    ///
    /// # Errors
    /// When the system has none.
    pub fn new() -> anyhow::Result<Self> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            // A connection lives with the worker that opened it: none is kept for others.
            .pool_max_idle_per_host(0)
            .user_agent("carehub")
            .build()?;
        Ok(Self(client))
    }

    /// Asks.
    ///
    /// # Errors
    /// When there is no answer, or none that could be one.
    pub async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let mut response = self.0.execute(request.try_into()?).await?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > ANSWER_BYTES {
                return Err(HttpError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = http::Response::builder().status(response.status());
        for (name, value) in response.headers() {
            answer = answer.header(name, value);
        }
        Ok(answer.body(body)?)
    }
}
