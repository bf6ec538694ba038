//! What clients call: what they see of billing, and how they pay in parts and without being there. A client reads their own
//! account alone; all figures of one answer are of one moment.
//!
//! - [`balance`], [`charges`], [`statements`], [`payments`], [`superbill`]: what they see
//! - [`autopay`], [`plans`]: what is taken without them

pub mod autopay;
pub mod balance;
pub mod charges;
pub mod payments;
pub mod plans;
pub mod statements;
pub mod superbill;

use crate::{
    error::{Error, Result},
    http::answer::Pdf,
};

/// Sets a paper, on a thread of its own. Its name says nothing about anybody.
async fn set(name: String, pdf: impl FnOnce() -> anyhow::Result<Vec<u8>> + Send + 'static) -> Result<Pdf> {
    let set = tokio::task::spawn_blocking(pdf).await;
    let content = set.map_err(|_| Error::Internal(anyhow::anyhow!("setting a paper did not come to its end")))??;
    Ok(Pdf { name, content })
}
