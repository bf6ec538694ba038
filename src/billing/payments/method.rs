//! How somebody paid. Pure.

use crate::{
    billing::ledger::Account,
    error::{Error, Result},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How somebody paid.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = PaymentMethod)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Method {
    /// Through Stripe.
    Card {
        brand: Option<String>,
        last4: Option<String>,
    },
    Cash,
    Cheque,
    Transfer,
    Other,
}

impl Method {
    /// As stored.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Card { .. } => "card",
            Self::Cash => "cash",
            Self::Cheque => "cheque",
            Self::Transfer => "transfer",
            Self::Other => "other",
        }
    }

    pub(in crate::billing) fn read(kind: &str, brand: Option<String>, last4: Option<String>) -> Result<Self> {
        Ok(match kind {
            "card" => Self::Card { brand, last4 },
            "cash" => Self::Cash,
            "cheque" => Self::Cheque,
            "transfer" => Self::Transfer,
            "other" => Self::Other,
            _ => return Err(Error::Internal(anyhow::anyhow!("a stored method of payment is unknown"))),
        })
    }

    /// Where its money is.
    pub fn account(&self) -> Account {
        match self {
            Self::Card { .. } => Account::Stripe,
            _ => Account::Cash,
        }
    }
}
