//! One data key: seals text into bytes and opens it again, only in the place it was sealed for.

use crate::ids::{
    AdjustmentId, AppointmentId, AssessmentId, BreakGlassId, ChargeId, ContactPointId, DataKeyId, DocumentId, EntryId,
    ErasureId, EscalationId, FormAssignmentId, FormSubmissionId, InvoiceId, LegalHoldId, ObjectId, OutboxId, PaymentId,
    PaymentPlanId, RefundId, SignatureId, ThreadId, UserId,
};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use std::sync::{
    PoisonError, RwLock,
    atomic::{AtomicU64, Ordering},
};

/// Random 96-bit nonces stay unique in practice far below 2³² uses of one key (NIST SP 800-38D); a process refuses
/// well before.
const MAX_SEALS: u64 = 1 << 31;

/// A data key as it is stored: sealed by the master key.
#[derive(Clone)]
pub struct WrappedKey {
    /// Which key.
    pub id: DataKeyId,
    /// Nonce and ciphertext; empty where the key was destroyed.
    pub wrapped: Vec<u8>,
}

impl WrappedKey {
    /// Whether only its row is left.
    pub fn is_destroyed(&self) -> bool {
        self.wrapped.is_empty()
    }
}

/// Where a sealed text belongs. It opens nowhere else: the place is authenticated with it.
#[derive(Clone, Copy)]
pub enum Place {
    /// The body of an entry.
    Entry { thread: ThreadId, id: EntryId, sender: Option<UserId> },
    /// The subject of a thread.
    Subject { thread: ThreadId },
    /// A draft of one person in one thread.
    Draft { thread: ThreadId, user: UserId },
    /// What the practice knows a client by.
    ClientFile { client: UserId },
    /// What a client says about themselves.
    Demographics { client: UserId },
    /// What a client is writing into a form.
    FormDraft { assignment: FormAssignmentId },
    /// What a client submitted.
    FormSubmission { id: FormSubmissionId },
    /// What was noted about a submission, for those who work for the practice.
    FormReviewNote { id: FormSubmissionId },
    /// What a client was told about it.
    FormReviewMessage { id: FormSubmissionId },
    /// A row of the outbox.
    Outbox { id: OutboxId },
    /// A telephone number, or a browser's subscription.
    ContactPoint { id: ContactPointId },
    /// What the hub made for itself.
    HubSecret(HubSecret),
    /// Why somebody took emergency access.
    BreakGlass { id: BreakGlassId },
    /// What a client answers to an instrument, and what came of it.
    Assessment { id: AssessmentId },
    /// Why a legal hold lies on a client.
    LegalHold { id: LegalHoldId },
    /// What a document is called.
    DocumentTitle { id: DocumentId },
    /// Who signed a document, and how.
    DocumentSignature { id: SignatureId },
    /// What a file is called, and its digest.
    Object { id: ObjectId },
    /// A piece of a file's content: where it lies, which piece it is, and whether it is the last.
    Chunk { object: ObjectId, location: uuid::Uuid, number: u32, last: bool },
    /// What a client says an appointment is about.
    AppointmentNote { id: AppointmentId },
    /// What a charge is for.
    Charge { id: ChargeId },
    /// Why a charge was taken back.
    ChargeVoid { id: ChargeId },
    /// Why an invoice was taken back.
    InvoiceVoid { id: InvoiceId },
    /// What was noted about a payment.
    PaymentNote { id: PaymentId },
    /// Why money went back.
    Refund { id: RefundId },
    /// Why a practice ended a payment plan.
    PlanEnd { id: PaymentPlanId },
    /// Why what a client owes was corrected.
    Adjustment { id: AdjustmentId },
    /// What was done about an emergency.
    EscalationNote { id: EscalationId },
    /// Why a client was erased.
    Erasure { id: ErasureId },
    /// The private half of a key that signs the audit log.
    AuditKey { id: uuid::Uuid },
    /// What a person's authenticator app shares with the hub.
    TotpSeed { user: UserId },
}

/// A secret that the hub made for itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HubSecret {
    /// Signs push messages.
    Vapid,
    /// The key of digests that only the hub can make.
    Digests,
}

impl HubSecret {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vapid => "vapid",
            Self::Digests => "digests",
        }
    }
}

/// What was stored does not open here: altered, moved from another row, or sealed with another key.
#[derive(Debug, thiserror::Error)]
#[error("a sealed text does not open")]
pub struct Unsealable;

/// The key itself. Prints nothing.
pub struct DataKey {
    id: DataKeyId,
    /// None once it was destroyed: whoever still holds it holds nothing.
    key: RwLock<Option<LessSafeKey>>,
    seals: AtomicU64,
}

impl DataKey {
    /// Takes 32 bytes of key.
    pub(super) fn new(id: DataKeyId, bytes: &[u8; 32]) -> Result<Self, Unsealable> {
        let key = UnboundKey::new(&AES_256_GCM, bytes).map_err(|_| Unsealable)?;
        Ok(Self { id, key: RwLock::new(Some(LessSafeKey::new(key))), seals: AtomicU64::new(0) })
    }

    /// Takes the key out of the memory of everybody who holds it. It seals and opens nothing from then on.
    pub(super) fn destroy(&self) {
        *self.key.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Which key this is.
    pub fn id(&self) -> DataKeyId {
        self.id
    }

    /// Whether it was destroyed.
    pub fn is_destroyed(&self) -> bool {
        self.key.read().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// Nonce, ciphertext and tag of `text`, bound to `place`.
    pub fn seal(&self, place: Place, text: &str) -> Result<Vec<u8>, Unsealable> {
        self.seal_bytes(place, text.as_bytes())
    }

    /// The same for what is no text.
    pub fn seal_bytes(&self, place: Place, bytes: &[u8]) -> Result<Vec<u8>, Unsealable> {
        if self.seals.fetch_add(1, Ordering::Relaxed) >= MAX_SEALS {
            return Err(Unsealable);
        }
        let key = self.key.read().unwrap_or_else(PoisonError::into_inner);
        seal_with(key.as_ref().ok_or(Unsealable)?, &place.aad(), bytes)
    }

    /// The text that was sealed for `place`.
    pub fn open(&self, place: Place, sealed: &[u8]) -> Result<String, Unsealable> {
        String::from_utf8(self.open_bytes(place, sealed)?).map_err(|_| Unsealable)
    }

    /// The same for what is no text.
    pub fn open_bytes(&self, place: Place, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let key = self.key.read().unwrap_or_else(PoisonError::into_inner);
        open_with(key.as_ref().ok_or(Unsealable)?, &place.aad(), sealed)
    }
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DataKey({})", self.id)
    }
}

impl Place {
    fn aad(self) -> Vec<u8> {
        let (column, ids): (&[u8], [uuid::Uuid; 3]) = match self {
            Self::Entry { thread, id, sender } => {
                (b"entries.sealed", [thread.0, id.0, sender.map_or(uuid::Uuid::nil(), |user| user.0)])
            }
            Self::Subject { thread } => (b"threads.subject_sealed", [thread.0, uuid::Uuid::nil(), uuid::Uuid::nil()]),
            Self::AuditKey { id } => (b"audit_keys.sealed", [id, uuid::Uuid::nil(), uuid::Uuid::nil()]),
            Self::ClientFile { client } => (b"client_files.sealed", [client.0, uuid::Uuid::nil(), uuid::Uuid::nil()]),
            Self::Demographics { client } => {
                (b"client_demographics.sealed", [client.0, uuid::Uuid::nil(), uuid::Uuid::nil()])
            }
            Self::FormDraft { assignment } => {
                (b"form_drafts.sealed", [assignment.0, uuid::Uuid::nil(), uuid::Uuid::nil()])
            }
            Self::FormSubmission { id } => (b"form_submissions.sealed", [id.0, uuid::Uuid::nil(), uuid::Uuid::nil()]),
            Self::FormReviewNote { id } => (b"form_reviews.note_sealed", [id.0, uuid::Uuid::nil(), uuid::Uuid::nil()]),
            Self::FormReviewMessage { id } => {
                (b"form_reviews.message_sealed", [id.0, uuid::Uuid::nil(), uuid::Uuid::nil()])
            }
            Self::Outbox { id } => (b"outbox.sealed", [id.0, uuid::Uuid::nil(), uuid::Uuid::nil()]),
            Self::ContactPoint { id } => (b"contact_points.sealed", [id.0, uuid::Uuid::nil(), uuid::Uuid::nil()]),
            Self::HubSecret(HubSecret::Vapid) => (b"hub_secrets.vapid", [uuid::Uuid::nil(); 3]),
            Self::HubSecret(HubSecret::Digests) => (b"hub_secrets.digests", [uuid::Uuid::nil(); 3]),
            Self::BreakGlass { id } => (b"break_glass.reason_sealed", [id.0, uuid::Uuid::nil(), uuid::Uuid::nil()]),
            Self::Assessment { id } => (b"assessments.sealed", [id.0, uuid::Uuid::nil(), uuid::Uuid::nil()]),
            Self::LegalHold { id } => (b"legal_holds.reason_sealed", [id.0, uuid::Uuid::nil(), uuid::Uuid::nil()]),
            Self::DocumentTitle { id } => (b"documents.title_sealed", [id.0, uuid::Uuid::nil(), uuid::Uuid::nil()]),
            Self::DocumentSignature { id } => {
                (b"document_signatures.sealed", [id.0, uuid::Uuid::nil(), uuid::Uuid::nil()])
            }
            Self::Object { id } => (b"objects.sealed", [id.0, uuid::Uuid::nil(), uuid::Uuid::nil()]),
            Self::Chunk { object, location, number, last } => {
                (b"object content", [object.0, location, uuid::Uuid::from_u64_pair(u64::from(number), u64::from(last))])
            }
            Self::AppointmentNote { id } => (b"appointments.note_sealed", [id.0, uuid::Uuid::nil(), uuid::Uuid::nil()]),
            Self::Charge { id } => (b"charges.sealed", [id.0, uuid::Uuid::nil(), uuid::Uuid::nil()]),
            Self::ChargeVoid { id } => (b"charge_voids.reason_sealed", [id.0, uuid::Uuid::nil(), uuid::Uuid::nil()]),
            Self::InvoiceVoid { id } => (b"invoice_voids.reason_sealed", [id.0, uuid::Uuid::nil(), uuid::Uuid::nil()]),
            Self::PaymentNote { id } => (b"payments.note_sealed", [id.0, uuid::Uuid::nil(), uuid::Uuid::nil()]),
            Self::Refund { id } => (b"refunds.reason_sealed", [id.0, uuid::Uuid::nil(), uuid::Uuid::nil()]),
            Self::PlanEnd { id } => (b"payment_plans.reason_sealed", [id.0, uuid::Uuid::nil(), uuid::Uuid::nil()]),
            Self::Adjustment { id } => (b"adjustments.reason_sealed", [id.0, uuid::Uuid::nil(), uuid::Uuid::nil()]),
            Self::EscalationNote { id } => (b"escalations.note_sealed", [id.0, uuid::Uuid::nil(), uuid::Uuid::nil()]),
            Self::Erasure { id } => (b"erasures.reason_sealed", [id.0, uuid::Uuid::nil(), uuid::Uuid::nil()]),
            Self::TotpSeed { user } => (b"totp_authenticators.sealed", [uuid::Uuid::nil(), uuid::Uuid::nil(), user.0]),
            Self::Draft { thread, user } => (b"drafts.sealed", [thread.0, uuid::Uuid::nil(), user.0]),
        };
        let mut aad = Vec::with_capacity(column.len() + 48);
        aad.extend_from_slice(column);
        for id in ids {
            aad.extend_from_slice(id.as_bytes());
        }
        aad
    }
}

pub(super) fn seal_with(key: &LessSafeKey, aad: &[u8], text: &[u8]) -> Result<Vec<u8>, Unsealable> {
    let mut nonce = [0; NONCE_LEN];
    aws_lc_rs::rand::fill(&mut nonce).map_err(|_| Unsealable)?;
    let mut sealed = Vec::with_capacity(NONCE_LEN + text.len() + AES_256_GCM.tag_len());
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(text);
    let tag = key
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut sealed[NONCE_LEN..])
        .map_err(|_| Unsealable)?;
    sealed.extend_from_slice(tag.as_ref());
    Ok(sealed)
}

pub(super) fn open_with(key: &LessSafeKey, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
    let (nonce, text) = sealed.split_at_checked(NONCE_LEN).ok_or(Unsealable)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unsealable)?;
    let mut text = text.to_vec();
    let length = key.open_in_place(nonce, Aad::from(aad), &mut text).map_err(|_| Unsealable)?.len();
    text.truncate(length);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// A million where the build is optimised; a tenth of it proves as much in a debug build.
    const SEALS: usize = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };

    #[test]
    fn no_nonce_comes_twice() {
        let key = DataKey::new(DataKeyId::new(), &[7; 32]).unwrap();
        let place = Place::Subject { thread: ThreadId::new() };
        let mut nonces = HashSet::with_capacity(SEALS);
        for _ in 0..SEALS {
            let sealed = key.seal(place, "").unwrap();
            let nonce: [u8; NONCE_LEN] = sealed[..NONCE_LEN].try_into().unwrap();
            assert!(nonces.insert(nonce));
        }
    }

    #[test]
    fn a_key_that_sealed_as_much_as_it_may_seals_no_more() {
        let key = DataKey::new(DataKeyId::new(), &[7; 32]).unwrap();
        key.seals.store(MAX_SEALS - 1, Ordering::Relaxed);
        let place = Place::Subject { thread: ThreadId::new() };
        let last = key.seal(place, "the last").unwrap();
        assert!(key.seal(place, "one more").is_err());
        assert_eq!(key.open(place, &last).unwrap(), "the last");
    }

    #[test]
    fn a_text_opens_in_its_own_place_alone() {
        let key = DataKey::new(DataKeyId::new(), &[7; 32]).unwrap();
        let (thread, other, id, user) = (ThreadId::new(), ThreadId::new(), EntryId::new(), UserId::new());
        let place = Place::Entry { thread, id, sender: Some(user) };
        let sealed = key.seal(place, "words").unwrap();
        assert_eq!(key.open(place, &sealed).unwrap(), "words");
        for elsewhere in [
            Place::Entry { thread: other, id, sender: Some(user) },
            Place::Entry { thread, id: EntryId::new(), sender: Some(user) },
            Place::Entry { thread, id, sender: Some(UserId::new()) },
            Place::Entry { thread, id, sender: None },
            Place::Subject { thread },
            Place::Draft { thread, user },
        ] {
            assert!(key.open(elsewhere, &sealed).is_err());
        }
        let stranger = DataKey::new(DataKeyId::new(), &[8; 32]).unwrap();
        assert!(stranger.open(place, &sealed).is_err());
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(key.open(place, &altered).is_err(), "byte {at}");
        }
        assert!(key.open(place, &sealed[..5]).is_err());
    }
}
