//! Where the ledger and Stripe say different things. Pure: two lists go in, differences come out. Never mends anything:
//! which of the two is right decides a person.

use super::objects::{ATTEMPT, Dispute, Intent, IntentStatus, Refund};
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};
use uuid::Uuid;

/// What Stripe has.
#[derive(Default)]
pub struct Theirs {
    pub intents: Vec<Intent>,
    pub refunds: Vec<Refund>,
    pub disputes: Vec<Dispute>,
}

/// What the hub has.
#[derive(Default)]
pub struct Ours {
    pub payments: Vec<Payment>,
    pub refunds: Vec<Returned>,
    pub chargebacks: Vec<TakenBack>,
    /// Attempts that were not settled for a day.
    pub unsettled: Vec<Uuid>,
}

/// A payment by card in the ledger.
#[derive(Clone, Debug)]
pub struct Payment {
    pub id: Uuid,
    pub intent: String,
    /// What Stripe calls the client; None: nothing.
    pub customer: Option<String>,
    pub amount: i64,
    pub currency: String,
    /// What the ledger's entry says that came in at Stripe.
    pub entered: i64,
}

/// A refund of one in the ledger.
#[derive(Clone, Debug)]
pub struct Returned {
    pub id: Uuid,
    /// None: no call of Stripe made it.
    pub refund: Option<String>,
    pub amount: i64,
    /// It did not arrive, and was turned back.
    pub failed: bool,
}

/// A chargeback in the ledger.
#[derive(Clone, Debug)]
pub struct TakenBack {
    pub dispute: String,
    pub amount: i64,
    pub won: bool,
}

/// A difference. Ids and amounts alone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Difference {
    /// Stripe took money that the ledger does not have.
    PaymentNotInLedger {
        intent: String,
        amount: i64,
    },
    /// The ledger has money that Stripe does not know of.
    PaymentNotAtStripe {
        payment: Uuid,
        intent: String,
        amount: i64,
    },
    /// Stripe did not take what the ledger has.
    PaymentNotTaken {
        payment: Uuid,
        intent: String,
        amount: i64,
    },
    PaymentAmount {
        payment: Uuid,
        intent: String,
        ledger: i64,
        stripe: i64,
    },
    PaymentCurrency {
        payment: Uuid,
        intent: String,
        ledger: String,
        stripe: String,
    },
    /// Somebody else's card paid.
    PaymentClient {
        payment: Uuid,
        intent: String,
    },
    /// The payment's row and the ledger's entry say different things.
    PaymentEntry {
        payment: Uuid,
        row: i64,
        entry: i64,
    },
    /// One attempt was taken more than once.
    TakenTwice {
        attempt: String,
        intents: Vec<String>,
    },
    RefundNotInLedger {
        refund: String,
        amount: i64,
    },
    RefundNotAtStripe {
        id: Uuid,
        refund: Option<String>,
        amount: i64,
    },
    /// It failed at Stripe after it was entered.
    RefundNotMade {
        id: Uuid,
        refund: String,
        amount: i64,
    },
    RefundAmount {
        id: Uuid,
        refund: String,
        ledger: i64,
        stripe: i64,
    },
    DisputeNotInLedger {
        dispute: String,
        amount: i64,
    },
    DisputeNotAtStripe {
        dispute: String,
        amount: i64,
    },
    DisputeAmount {
        dispute: String,
        ledger: i64,
        stripe: i64,
    },
    /// The bank decided otherwise than the ledger has it.
    DisputeOutcome {
        dispute: String,
    },
    /// It is not known for a day.
    AttemptUnsettled {
        attempt: Uuid,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PaymentNotInLedger { intent, amount } => {
                write!(f, "payment not in the ledger: {intent} of {amount} was taken at Stripe")
            }
            Self::PaymentNotAtStripe { payment, intent, amount } => {
                write!(f, "payment not at Stripe: {payment} ({intent}) of {amount} is in the ledger")
            }
            Self::PaymentNotTaken { payment, intent, amount } => {
                write!(
                    f,
                    "payment not taken: {payment} of {amount} is in the ledger, {intent} did not succeed at Stripe"
                )
            }
            Self::PaymentAmount { payment, intent, ledger, stripe } => {
                write!(
                    f,
                    "payment of another amount: {payment} is {ledger} in the ledger, {intent} is {stripe} at Stripe"
                )
            }
            Self::PaymentCurrency { payment, intent, ledger, stripe } => {
                write!(f, "payment in another currency: {payment} is in {ledger}, {intent} in {stripe} at Stripe")
            }
            Self::PaymentClient { payment, intent } => {
                write!(f, "payment of another customer: {payment} and {intent} are not of the same client")
            }
            Self::PaymentEntry { payment, row, entry } => {
                write!(f, "payment entered otherwise: {payment} is {row}, its entry in the ledger {entry}")
            }
            Self::TakenTwice { attempt, intents } => {
                write!(f, "payment taken more than once: attempt {attempt} as {}", intents.join(", "))
            }
            Self::RefundNotInLedger { refund, amount } => {
                write!(f, "refund not in the ledger: {refund} of {amount} was made at Stripe")
            }
            Self::RefundNotAtStripe { id, refund, amount } => {
                write!(
                    f,
                    "refund not at Stripe: {id} ({}) of {amount} is in the ledger",
                    refund.as_deref().unwrap_or("-")
                )
            }
            Self::RefundNotMade { id, refund, amount } => {
                write!(f, "refund not made: {id} of {amount} is in the ledger, {refund} failed at Stripe")
            }
            Self::RefundAmount { id, refund, ledger, stripe } => {
                write!(f, "refund of another amount: {id} is {ledger} in the ledger, {refund} is {stripe} at Stripe")
            }
            Self::DisputeNotInLedger { dispute, amount } => {
                write!(f, "dispute not in the ledger: {dispute} took {amount}")
            }
            Self::DisputeNotAtStripe { dispute, amount } => {
                write!(f, "dispute not at Stripe: {dispute} of {amount} is in the ledger")
            }
            Self::DisputeAmount { dispute, ledger, stripe } => {
                write!(f, "dispute of another amount: {dispute} is {ledger} in the ledger, {stripe} at Stripe")
            }
            Self::DisputeOutcome { dispute } => {
                write!(f, "dispute decided otherwise: {dispute} stands otherwise at Stripe than in the ledger")
            }
            Self::AttemptUnsettled { attempt } => write!(f, "payment not known for a day: attempt {attempt}"),
        }
    }
}

/// All of them, in a fixed order.
pub fn find(theirs: &Theirs, ours: &Ours) -> Vec<Difference> {
    let mut found = Vec::new();
    payments(theirs, ours, &mut found);
    refunds(theirs, ours, &mut found);
    disputes(theirs, ours, &mut found);
    found.extend(ours.unsettled.iter().map(|&attempt| Difference::AttemptUnsettled { attempt }));
    found.sort();
    found
}

fn payments(theirs: &Theirs, ours: &Ours, found: &mut Vec<Difference>) {
    let at_stripe: HashMap<&str, &Intent> = theirs.intents.iter().map(|intent| (intent.id.as_str(), intent)).collect();
    let entered: HashMap<&str, &Payment> =
        ours.payments.iter().map(|payment| (payment.intent.as_str(), payment)).collect();
    for payment in &ours.payments {
        let (id, intent) = (payment.id, payment.intent.clone());
        if payment.entered != payment.amount {
            found.push(Difference::PaymentEntry { payment: id, row: payment.amount, entry: payment.entered });
        }
        let Some(there) = at_stripe.get(intent.as_str()) else {
            found.push(Difference::PaymentNotAtStripe { payment: id, intent, amount: payment.amount });
            continue;
        };
        if there.status != IntentStatus::Succeeded {
            found.push(Difference::PaymentNotTaken { payment: id, intent, amount: payment.amount });
            continue;
        }
        if there.amount != payment.amount {
            let (ledger, stripe) = (payment.amount, there.amount);
            found.push(Difference::PaymentAmount { payment: id, intent: intent.clone(), ledger, stripe });
        }
        let currency = there.currency.to_ascii_uppercase();
        if currency != payment.currency {
            let (ledger, stripe) = (payment.currency.clone(), currency);
            found.push(Difference::PaymentCurrency { payment: id, intent: intent.clone(), ledger, stripe });
        }
        if payment.customer.is_some() && there.customer != payment.customer {
            found.push(Difference::PaymentClient { payment: id, intent });
        }
    }
    let mut by_attempt: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for intent in theirs.intents.iter().filter(|intent| intent.status == IntentStatus::Succeeded) {
        if !entered.contains_key(intent.id.as_str()) {
            let (intent, amount) = (intent.id.clone(), intent.amount);
            found.push(Difference::PaymentNotInLedger { intent, amount });
        }
        if let Some(attempt) = intent.metadata.get(ATTEMPT) {
            by_attempt.entry(attempt).or_default().push(intent.id.clone());
        }
    }
    for (attempt, mut intents) in by_attempt.into_iter().filter(|(_, intents)| intents.len() > 1) {
        intents.sort();
        found.push(Difference::TakenTwice { attempt: attempt.to_owned(), intents });
    }
}

fn refunds(theirs: &Theirs, ours: &Ours, found: &mut Vec<Difference>) {
    let at_stripe: HashMap<&str, &Refund> = theirs.refunds.iter().map(|refund| (refund.id.as_str(), refund)).collect();
    for returned in &ours.refunds {
        let (id, amount) = (returned.id, returned.amount);
        let there = returned.refund.as_deref().and_then(|refund| at_stripe.get(refund));
        let Some(there) = there else {
            found.push(Difference::RefundNotAtStripe { id, refund: returned.refund.clone(), amount });
            continue;
        };
        let refund = there.id.clone();
        let is_made = there.status.as_deref() == Some("succeeded");
        if returned.failed {
            if is_made {
                found.push(Difference::RefundNotInLedger { refund, amount: there.amount });
            }
        } else if !is_made {
            found.push(Difference::RefundNotMade { id, refund, amount });
        } else if there.amount != amount {
            found.push(Difference::RefundAmount { id, refund, ledger: amount, stripe: there.amount });
        }
    }
    let entered = |refund: &Refund| ours.refunds.iter().any(|ours| ours.refund.as_ref() == Some(&refund.id));
    let missing =
        theirs.refunds.iter().filter(|refund| refund.status.as_deref() == Some("succeeded") && !entered(refund));
    found.extend(
        missing.map(|refund| Difference::RefundNotInLedger { refund: refund.id.clone(), amount: refund.amount }),
    );
}

fn disputes(theirs: &Theirs, ours: &Ours, found: &mut Vec<Difference>) {
    let at_stripe: HashMap<&str, &Dispute> =
        theirs.disputes.iter().map(|dispute| (dispute.id.as_str(), dispute)).collect();
    for taken in &ours.chargebacks {
        let dispute = taken.dispute.clone();
        let Some(there) = at_stripe.get(dispute.as_str()) else {
            found.push(Difference::DisputeNotAtStripe { dispute, amount: taken.amount });
            continue;
        };
        if there.amount != taken.amount {
            let (ledger, stripe) = (taken.amount, there.amount);
            found.push(Difference::DisputeAmount { dispute: dispute.clone(), ledger, stripe });
        }
        if there.is_won() != taken.won || !(there.is_won() || there.holds_the_money()) {
            found.push(Difference::DisputeOutcome { dispute });
        }
    }
    let entered = |dispute: &Dispute| ours.chargebacks.iter().any(|ours| ours.dispute == dispute.id);
    let missing = theirs.disputes.iter().filter(|dispute| dispute.holds_the_money() && !entered(dispute));
    found.extend(
        missing.map(|dispute| Difference::DisputeNotInLedger { dispute: dispute.id.clone(), amount: dispute.amount }),
    );
}
