//! What the demo practice charged: a fee schedule, an invoice that is overdue and one that was paid, a payment by hand, a
//! correction, an old debt, a payment plan that runs and one that the practice ended. What took place last week waits to be
//! charged. Cards and autopay are kept at Stripe: without its keys the demo has neither, and takes no part of the plan.

use super::people::Who;
use crate::{
    accounts::{Role, access::Viewer},
    audit::Actor,
    billing::{
        Amount,
        access::{self, ClientBilling, StaffBilling},
        adjustments::{self, NewAdjustment},
        charges::{self, Kind, NewCharge},
        clinicians::{self, Known},
        invoices, ledger,
        papers::head,
        payments::{self, Method, NewPayment},
        plans::{
            self,
            schedule::Rhythm,
            store::{self, Agreed, Wish},
        },
        settings::{self, Fee, Settings},
        words::ChargeWords,
    },
    crypto::Keyring,
    error::Result,
    ids::{AdjustmentId, ChargeId, InvoiceId, PaymentId, PaymentPlanId, PracticeId, UserId},
};
use chrono::{DateTime, Days, TimeDelta, Utc};
use diesel_async::AsyncPgConnection;

/// Code, what it is, in cents, for appointments of so many minutes.
const FEES: [(&str, &str, i64, Option<i32>); 4] = [
    ("90791", "First meeting and diagnosis", 22_500, None),
    ("90834", "Psychotherapy, 45 minutes", 15_000, Some(50)),
    ("90837", "Psychotherapy, 60 minutes", 19_000, Some(60)),
    ("90846", "Family psychotherapy", 17_500, None),
];

/// Who was seen by whom, days ago, by which line of the schedule, for what.
const CHARGED: [(Who, Who, i64, usize, &str); 6] = [
    (Who::Samir, Who::Tomas, 104, 0, "F32.1"),
    (Who::Grace, Who::Maya, 48, 0, "F41.1"),
    (Who::Eli, Who::Maya, 42, 1, "F43.23"),
    (Who::Grace, Who::Maya, 41, 1, "F41.1"),
    (Who::Samir, Who::Tomas, 33, 1, "F32.1"),
    (Who::Grace, Who::Maya, 12, 1, "F41.1"),
];

/// Writes it. After the calendar.
pub(super) async fn write(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    practice: PracticeId,
    user: impl Fn(Who) -> UserId,
    now: DateTime<Utc>,
) -> Result<()> {
    let viewer = Viewer { user: user(Who::Ruth), practice, role: Role::Admin };
    let staff = access::of_practice(viewer)?;
    let ago = |days| now - TimeDelta::days(days);
    schedule(conn, &staff, now).await?;
    for (who, npi, licence) in [(Who::Maya, "1234567893", "IL 071.011842"), (Who::Tomas, "1245319599", "IL 149.020377")]
    {
        let known = Known { npi: Some(npi.into()), licence: Some(licence.into()), credentials: None };
        clinicians::store(conn, &staff, &Actor::hub(), user(who), known, now).await?;
    }
    for (client, clinician, days, fee, diagnosis) in CHARGED {
        let account = access::of_client(conn, viewer, user(client)).await?;
        charge(conn, keyring, &account, user(clinician), fee, diagnosis, ago(days)).await?;
        if client == Who::Grace && days == 41 {
            invoices::issue(conn, &account, InvoiceId::new(), None, None, ago(40)).await?;
            pay(conn, &account, 22_500, Method::Cheque, ago(33)).await?;
            let plan = plan(conn, &account, 3, 14, ago(30)).await?;
            let reason = "Agreed on paying at the front desk instead.";
            let reason = store::reason(conn, keyring, &account, plan, reason).await?;
            store::cancel(conn, &account, plan, Some(reason), ago(20)).await?;
        }
        if client == Who::Eli {
            invoices::issue(conn, &account, InvoiceId::new(), None, None, ago(40)).await?;
            pay(conn, &account, 15_000, Method::Cash, ago(38)).await?;
        }
        if client == Who::Samir && days == 104 {
            let reason = "Agreed on a lower fee for the first meeting.";
            let lower =
                NewAdjustment { id: AdjustmentId::new(), charge: None, amount: Amount(-7_500), reason, now: ago(100) };
            adjustments::make(conn, keyring, &account, &lower).await?;
        }
        if client == Who::Samir && days == 33 {
            plan(conn, &account, 4, 25, ago(2)).await?;
        }
    }
    Ok(())
}

async fn schedule(conn: &mut AsyncPgConnection, staff: &StaffBilling, now: DateTime<Utc>) -> Result<()> {
    let fees = FEES.map(|(code, description, amount, minutes)| Fee {
        code: code.into(),
        description: description.into(),
        amount: Amount(amount),
        minutes,
    });
    let settings = Settings {
        due_days: 14,
        how_to_pay: Some("In cash or by check at the front desk, or by bank transfer. Ask us for the account.".into()),
        tax_id: Some("36-0000000".into()),
        address: vec!["12 Harbor Lane".into(), "Chicago, IL 60601".into()],
        phone: Some("+1 312 555 0142".into()),
        fees: fees.to_vec(),
        ..Settings::default()
    };
    settings::store(conn, staff, &Actor::hub(), 0, settings, now).await.map(|_| ())
}

async fn charge(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    account: &ClientBilling,
    clinician: UserId,
    fee: usize,
    diagnosis: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    let (code, description, amount, _) = FEES[fee];
    let new = NewCharge {
        id: ChargeId::new(),
        kind: Kind::Service,
        clinician: Some(clinician),
        appointment: None,
        fee: None,
        words: ChargeWords {
            code: Some(code.into()),
            place: Some("11".into()),
            description: description.into(),
            diagnoses: vec![diagnosis.into()],
            ..ChargeWords::default()
        },
        units: 1,
        unit_amount: Amount(amount),
        service_on: settings::today(conn, account.practice(), at).await?,
        added_by: None,
        now: at,
    };
    charges::add(conn, keyring, account, new).await.map(|_| ())
}

async fn pay(
    conn: &mut AsyncPgConnection,
    account: &ClientBilling,
    amount: i64,
    method: Method,
    at: DateTime<Utc>,
) -> Result<()> {
    let payment = NewPayment {
        id: PaymentId::new(),
        practice: account.practice(),
        client: account.client(),
        amount: Amount(amount),
        currency: settings::currency(conn, account.practice()).await?,
        method,
        stripe_payment_intent: None,
        occurred_at: at,
        recorded_by: None,
        recorded_at: at,
        invoice: None,
        note: None,
    };
    payments::record(conn, &payment).await.map(|_| ())
}

/// A plan over all that is owed at this point, month by month, the first part so many days later.
async fn plan(
    conn: &mut AsyncPgConnection,
    account: &ClientBilling,
    parts: u16,
    first: u64,
    at: DateTime<Utc>,
) -> Result<PaymentPlanId> {
    ledger::lock(conn, account.practice(), account.client()).await?;
    let head = head::find(conn, account, at).await?;
    let first_due_on = settings::today(conn, account.practice(), at).await? + Days::new(first);
    let agreed = Agreed {
        id: PaymentPlanId::new(),
        wish: Wish { parts, rhythm: Rhythm::Monthly, first_due_on },
        total: ledger::balance(conn, account.client()).await?.amount,
        method: "pm_card_visa".into(),
        method_name: "Visa, ending in 4242".into(),
        consent: plans::consent(head.tongue, &head.practice),
    };
    store::begin(conn, account, &agreed, (head.currency, head.zone), at).await?;
    Ok(agreed.id)
}
