//! What is read of Stripe's objects. Nothing here is believed for what it says of us: whom an intent belongs to and how
//! much it is for is compared with what was written down before it was asked for.

use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Deserializer};
use std::collections::HashMap;

/// Metadata under which an object names the attempt, the refund or the client that it was made for: an id of ours, which
/// says nothing to anybody else.
pub const ATTEMPT: &str = "attempt";
pub const REFUND: &str = "refund";
pub const CLIENT: &str = "client";

/// A payment.
#[derive(Clone, Debug, Deserialize)]
pub struct Intent {
    pub id: String,
    pub status: IntentStatus,
    pub amount: i64,
    pub currency: String,
    #[serde(default)]
    pub client_secret: Option<String>,
    #[serde(default, deserialize_with = "id_of")]
    pub customer: Option<String>,
    #[serde(default)]
    pub metadata: HashMap<String, String>,
    #[serde(default)]
    pub last_payment_error: Option<PaymentError>,
    /// Seconds since 1970.
    pub created: i64,
}

/// How far it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntentStatus {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    Processing,
    RequiresCapture,
    Canceled,
    Succeeded,
    #[serde(other)]
    Other,
}

/// Why it was not paid.
#[derive(Clone, Debug, Deserialize)]
pub struct PaymentError {
    pub code: Option<String>,
    pub decline_code: Option<String>,
}

/// A customer: a client, by their id alone.
#[derive(Clone, Debug, Deserialize)]
pub struct Customer {
    pub id: String,
}

/// A card that is to be kept.
#[derive(Clone, Debug, Deserialize)]
pub struct Setup {
    pub client_secret: String,
}

/// A card, as far as a receipt shows it.
#[derive(Clone, Debug, Deserialize)]
pub struct SavedCard {
    pub id: String,
    #[serde(default, deserialize_with = "id_of")]
    pub customer: Option<String>,
    pub card: Option<Card>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Card {
    pub brand: String,
    pub last4: String,
    pub exp_month: u8,
    pub exp_year: u16,
}

/// Money that went back.
#[derive(Clone, Debug, Deserialize)]
pub struct Refund {
    pub id: String,
    pub amount: i64,
    pub currency: String,
    /// `pending`, `requires_action`, `succeeded`, `failed` or `canceled`.
    pub status: Option<String>,
    #[serde(default, deserialize_with = "id_of")]
    pub payment_intent: Option<String>,
    #[serde(default, deserialize_with = "metadata")]
    pub metadata: HashMap<String, String>,
    pub created: i64,
}

/// A charge: of interest only for the payment that it belongs to.
#[derive(Clone, Debug, Deserialize)]
pub struct Charge {
    #[serde(default, deserialize_with = "id_of")]
    pub payment_intent: Option<String>,
}

/// A payment that its payer disputes with the bank.
#[derive(Clone, Debug, Deserialize)]
pub struct Dispute {
    pub id: String,
    pub amount: i64,
    pub currency: String,
    pub status: String,
    #[serde(default, deserialize_with = "id_of")]
    pub payment_intent: Option<String>,
    /// Such as `fraudulent`.
    #[serde(default)]
    pub reason: Option<String>,
    #[serde(default)]
    pub evidence_details: Option<Evidence>,
    pub created: i64,
}

/// What its payee may say to it.
#[derive(Clone, Debug, Deserialize)]
pub struct Evidence {
    /// Until when, in seconds since 1970; 0 where the bank hears nothing.
    #[serde(default)]
    pub due_by: Option<i64>,
}

/// A page of a list.
#[derive(Debug, Deserialize)]
pub struct Page<T> {
    pub data: Vec<T>,
    #[serde(default)]
    pub has_more: bool,
}

/// An event, as far as it is believed: what it is about. The object itself is fetched.
#[derive(Debug, Deserialize)]
pub struct Told {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub data: About,
}

#[derive(Debug, Deserialize)]
pub struct About {
    pub object: Named,
}

#[derive(Debug, Deserialize)]
pub struct Named {
    #[serde(default)]
    pub id: String,
}

impl Dispute {
    /// Whether the bank took the money back for now. An inquiry (`warning_…`) takes nothing yet.
    pub fn holds_the_money(&self) -> bool {
        matches!(self.status.as_str(), "needs_response" | "under_review" | "lost")
    }

    /// Whether it was decided for the practice, after the money was taken.
    pub fn is_won(&self) -> bool {
        self.status == "won"
    }

    /// Why, as a code; None where it is none.
    pub fn reason(&self) -> Option<&str> {
        let is_code =
            |code: &&str| (1..=60).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        self.reason.as_deref().filter(is_code)
    }

    /// Until when Stripe takes evidence.
    pub fn due_at(&self) -> Option<DateTime<Utc>> {
        let due_by = self.evidence_details.as_ref()?.due_by.filter(|seconds| *seconds > 0)?;
        DateTime::from_timestamp(due_by, 0).filter(|at| at.year() <= 9999)
    }
}

/// Whether a text can be an id of Stripe's of this kind. Ids go into addresses and into the store.
pub fn is_id(text: &str, prefix: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= 255 && text.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty() && rest.bytes().all(is_letter))
}

/// An object stands for itself or is named by its id.
fn id_of<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Id(String),
        Object { id: String },
    }
    Ok(Option::<Either>::deserialize(deserializer)?.map(|either| match either {
        Either::Id(id) | Either::Object { id } => id,
    }))
}

/// There may be none.
fn metadata<'de, D: Deserializer<'de>>(deserializer: D) -> Result<HashMap<String, String>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_letters_and_digits_after_its_prefix() {
        assert!(is_id("pi_3Abc_secret", "pi_"));
        for other in ["pi_", "ch_1", "pi_../customers", "pi_1?expand=x", "pi_1\n", "pi_é"] {
            assert!(!is_id(other, "pi_"), "{other}");
        }
        assert!(!is_id(&format!("pi_{}", "1".repeat(300)), "pi_"));
    }

    #[test]
    fn of_a_dispute_a_code_and_a_day_are_believed_and_nothing_else() {
        let dispute = |reason: &str, due_by: &str| -> Dispute {
            let text = format!(
                r#"{{"id": "dp_1", "amount": 1, "currency": "usd", "status": "lost", "created": 1, "reason": {reason},
                "evidence_details": {{"due_by": {due_by}, "past_due": false}}}}"#
            );
            serde_json::from_str(&text).unwrap()
        };
        let known = dispute(r#""product_not_received""#, "1764288000");
        assert_eq!(known.reason(), Some("product_not_received"));
        assert_eq!(known.due_at().map(|at| at.to_rfc3339()).as_deref(), Some("2025-11-28T00:00:00+00:00"));
        for (reason, due_by) in
            [("null", "null"), (r#""""#, "0"), (r#""Ann Field""#, "-1"), (r#""a1""#, "9999999999999")]
        {
            let odd = dispute(reason, due_by);
            assert_eq!((odd.reason(), odd.due_at()), (None, None), "{reason} {due_by}");
        }
        let bare = r#"{"id": "dp_1", "amount": 1, "currency": "usd", "status": "lost", "created": 1}"#;
        assert!(serde_json::from_str::<Dispute>(bare).unwrap().due_at().is_none());
    }

    #[test]
    fn a_status_that_is_not_known_yet_is_no_success() {
        let text = r#"{"id": "pi_1", "status": "glorious", "amount": 1, "currency": "usd", "created": 1,
            "customer": {"id": "cus_1", "name": "x"}, "added": []}"#;
        let intent: Intent = serde_json::from_str(text).unwrap();
        assert_eq!(intent.status, IntentStatus::Other);
        assert_eq!(intent.customer.as_deref(), Some("cus_1"));
    }
}
