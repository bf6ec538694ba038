//! Work that goes on when its caller goes away. A browser that closes its connection drops the handler's future; a
//! transaction inside it would be cut off halfway, and what follows a commit would never happen.

use crate::error::{Error, Result};
use std::future::Future;

/// Runs `work` to its end in a task of its own, and waits for it.
pub async fn to_the_end<T: 'static>(work: impl Future<Output = Result<T>> + 'static) -> Result<T> {
    match actix_web::rt::spawn(work).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Error::Internal(anyhow::anyhow!("a detached task did not come to its end"))),
    }
}
