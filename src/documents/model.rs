//! What people see of documents. Knows no SQL.

use crate::{
    ids::{DocumentId, SignatureId, UserId},
    objects::Described,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The most characters of a title.
pub const TITLE_CHARACTERS: usize = 200;

/// What kind of document it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DocumentCategory)]
pub enum Category {
    #[default]
    General,
    Intake,
    Consent,
    Treatment,
    Letter,
    Result,
    Insurance,
    Billing,
    Other,
}

impl Category {
    const ALL: [Self; 9] = [
        Self::General,
        Self::Intake,
        Self::Consent,
        Self::Treatment,
        Self::Letter,
        Self::Result,
        Self::Insurance,
        Self::Billing,
        Self::Other,
    ];

    /// As stored and as sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::Intake => "intake",
            Self::Consent => "consent",
            Self::Treatment => "treatment",
            Self::Letter => "letter",
            Self::Result => "result",
            Self::Insurance => "insurance",
            Self::Billing => "billing",
            Self::Other => "other",
        }
    }

    /// Reads what `as_str` wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.as_str() == text)
    }
}

/// A document in a list.
#[derive(Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    pub id: DocumentId,
    pub client: UserId,
    pub title: String,
    pub category: Category,
    pub added_by: Named,
    pub added_at: DateTime<Utc>,
    /// Null: the client does not see it.
    pub shared_at: Option<DateTime<Utc>>,
    /// The newest version.
    pub version: i32,
    pub file: Described,
    pub signature: SignatureState,
}

/// A name beside an id.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = DocumentPerson)]
pub struct Named {
    pub id: UserId,
    pub name: String,
}

/// Whether the newest version is signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum SignatureState {
    /// Nobody asked for one.
    None,
    Requested,
    Signed,
}

/// A document with all that belongs to it.
#[derive(Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DocumentDetail {
    #[serde(flatten)]
    pub document: Document,
    /// Newest first.
    pub versions: Vec<Version>,
    pub signatures: Vec<Signature>,
    /// Which version is to be signed; null: none.
    pub to_sign: Option<i32>,
    pub to_sign_since: Option<DateTime<Utc>>,
}

/// One version.
#[derive(Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DocumentVersion)]
pub struct Version {
    pub number: i32,
    pub file: Described,
    pub added_by: Named,
    pub added_at: DateTime<Utc>,
}

/// A signature under one version.
#[derive(Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DocumentSignature)]
pub struct Signature {
    pub id: SignatureId,
    pub version: i32,
    /// As it was typed.
    pub name: String,
    pub intent: String,
    pub signed_at: DateTime<Utc>,
    /// SHA-256 of what was signed and how, in hexadecimal: the audit log has it, too.
    pub hash: String,
    /// Whether what is stored still has this hash, and is about what is stored.
    pub intact: bool,
}
