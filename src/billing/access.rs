//! Who may see an account, and who may change it. Functions that read or change one demand a [`ClientBilling`], those
//! about the whole practice a [`StaffBilling`], and only this file makes them. An account that is not the viewer's and one
//! that does not exist give the same answer: none.

use crate::{
    accounts::{Permission, Role, access::Viewer},
    audit::{Actor, Event},
    db,
    error::{Error, Result},
    ids::{AppointmentId, ChargeId, InvoiceId, PaymentId, PaymentPlanId, PracticeId, UserId},
};
use diesel::{OptionalExtension, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Proof that a viewer may see a client's account: it is their own, or they bill for the practice.
#[derive(Clone, Copy, Debug)]
pub struct ClientBilling {
    client: UserId,
    practice: PracticeId,
    viewer: Viewer,
    is_hub: bool,
}

impl ClientBilling {
    pub fn client(&self) -> UserId {
        self.client
    }

    pub fn practice(&self) -> PracticeId {
        self.practice
    }

    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// Who changes it; None: the hub itself.
    pub fn by(&self) -> Option<UserId> {
        (!self.is_hub).then_some(self.viewer.user)
    }

    /// Goes on only for those who bill, and for the hub: clients see their account, and change nothing of it here.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn require_staff(&self) -> Result<()> {
        if self.is_hub { Ok(()) } else { of_practice(self.viewer).map(|_| ()) }
    }

    /// Whether reasons and notes are for this viewer: clients do not read them.
    pub fn shows_notes(&self) -> bool {
        of_practice(self.viewer).is_ok()
    }

    /// A row of the audit log about it.
    pub fn event<'a>(&self, actor: &'a Actor, action: &'static str) -> Event<'a> {
        Event::new(actor, action).in_practice(self.practice).of_client(self.client)
    }

    /// For what the hub does by itself: loops, webhooks. Never for a call that somebody makes.
    pub fn of_hub(practice: PracticeId, client: UserId) -> Self {
        Self { client, practice, viewer: Viewer { user: client, practice, role: Role::Client }, is_hub: true }
    }
}

/// Proof that a viewer may see all of the practice's accounts.
#[derive(Clone, Copy, Debug)]
pub struct StaffBilling {
    viewer: Viewer,
}

impl StaffBilling {
    pub fn practice(&self) -> PracticeId {
        self.viewer.practice
    }

    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// One of them, of a client that was read from the practice's own rows.
    pub(super) fn account_of(&self, client: UserId) -> ClientBilling {
        ClientBilling { client, practice: self.viewer.practice, viewer: self.viewer, is_hub: false }
    }
}

/// Whether the viewer bills for the practice.
///
/// # Errors
/// `Forbidden`.
pub fn of_practice(viewer: Viewer) -> Result<StaffBilling> {
    if viewer.role.grants(Permission::ManageBilling) {
        Ok(StaffBilling { viewer })
    } else {
        Err(Error::Forbidden("Your role does not allow this."))
    }
}

/// Whether the viewer may see this client's account.
///
/// # Errors
/// `NotFound` for what is not theirs and for what does not exist.
pub async fn of_client(conn: &mut AsyncPgConnection, viewer: Viewer, client: UserId) -> Result<ClientBilling> {
    find(conn, viewer, "SELECT $1::uuid AS client_id", client.0).await
}

/// The same for the account that a charge is on.
///
/// # Errors
/// As [`of_client`].
pub async fn of_charge(conn: &mut AsyncPgConnection, viewer: Viewer, charge: ChargeId) -> Result<ClientBilling> {
    find(conn, viewer, "SELECT client_id FROM charges WHERE id = $1", charge.0).await
}

/// The same for the account that a payment is on.
///
/// # Errors
/// As [`of_client`].
pub async fn of_payment(conn: &mut AsyncPgConnection, viewer: Viewer, payment: PaymentId) -> Result<ClientBilling> {
    find(conn, viewer, "SELECT client_id FROM payments WHERE id = $1", payment.0).await
}

/// The same for the account that an invoice is on.
///
/// # Errors
/// As [`of_client`].
pub async fn of_invoice(conn: &mut AsyncPgConnection, viewer: Viewer, invoice: InvoiceId) -> Result<ClientBilling> {
    find(conn, viewer, "SELECT client_id FROM invoices WHERE id = $1", invoice.0).await
}

/// The same for the account that a payment plan is on.
///
/// # Errors
/// As [`of_client`].
pub async fn of_plan(conn: &mut AsyncPgConnection, viewer: Viewer, plan: PaymentPlanId) -> Result<ClientBilling> {
    find(conn, viewer, "SELECT client_id FROM payment_plans WHERE id = $1", plan.0).await
}

/// The same for the account of whom an appointment is.
///
/// # Errors
/// As [`of_client`].
pub async fn of_appointment(
    conn: &mut AsyncPgConnection,
    viewer: Viewer,
    appointment: AppointmentId,
) -> Result<ClientBilling> {
    find(conn, viewer, "SELECT client_id FROM appointments WHERE id = $1", appointment.0).await
}

async fn find(conn: &mut AsyncPgConnection, viewer: Viewer, whose: &'static str, id: Uuid) -> Result<ClientBilling> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: UserId,
    }
    let row: Option<Row> = db::statement(format!(
        "SELECT u.id FROM ({whose}) w JOIN users u ON u.id = w.client_id
        WHERE u.practice_id = $2 AND u.role = 'client' AND (u.id = $3 OR $4)"
    ))
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Uuid, _>(viewer.practice)
    .bind::<sql::Uuid, _>(viewer.user)
    .bind::<sql::Bool, _>(viewer.role.grants(Permission::ManageBilling))
    .get_result(conn)
    .await
    .optional()?;
    let client = row.ok_or(Error::NotFound)?.id;
    Ok(ClientBilling { client, practice: viewer.practice, viewer, is_hub: false })
}
