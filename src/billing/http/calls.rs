//! What all calls about an account have in common: whose it is and whether their caller may, what they read or do, and the
//! row of the audit log that tells of it, in one transaction. All figures of one answer are of one moment.

use crate::{
    accounts::access::listed as rows_of,
    audit::{self, Actor, Event},
    billing::access::{self, ClientBilling},
    db::Pool,
    error::{Error, Result},
    http::{
        answer::Stored,
        detached,
        page::{List, NewestQuery},
        principal::{Caller, Principal},
    },
    ids::{AppointmentId, ChargeId, InvoiceId, PaymentId, PaymentPlanId, UserId},
};
use actix_web::web;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Whose account a call is about.
#[derive(Clone, Copy, Debug)]
pub enum Whose {
    Client(UserId),
    /// Of whom this is.
    Appointment(AppointmentId),
    Charge(ChargeId),
    Invoice(InvoiceId),
    Payment(PaymentId),
    Plan(PaymentPlanId),
}

impl Whose {
    /// # Errors
    /// `NotFound` for what is not the caller's and for what does not exist.
    pub async fn account(self, conn: &mut AsyncPgConnection, caller: &Principal) -> Result<ClientBilling> {
        let viewer = caller.viewer();
        match self {
            Self::Client(id) => access::of_client(conn, viewer, id).await,
            Self::Appointment(id) => access::of_appointment(conn, viewer, id).await,
            Self::Charge(id) => access::of_charge(conn, viewer, id).await,
            Self::Invoice(id) => access::of_invoice(conn, viewer, id).await,
            Self::Payment(id) => access::of_payment(conn, viewer, id).await,
            Self::Plan(id) => access::of_plan(conn, viewer, id).await,
        }
    }
}

/// What the audit log is to say.
pub struct Noted {
    action: &'static str,
    object: Option<(&'static str, Uuid)>,
    detail: Value,
}

impl Noted {
    pub fn new(action: &'static str) -> Self {
        Self { action, object: None, detail: json!({}) }
    }

    pub fn on(self, kind: &'static str, id: impl Into<Uuid>) -> Self {
        Self { object: Some((kind, id.into())), ..self }
    }

    pub fn with(self, detail: Value) -> Self {
        Self { detail, ..self }
    }

    async fn record(self, conn: &mut AsyncPgConnection, access: &ClientBilling, actor: &Actor) -> Result<()> {
        let event: Event<'_> = access.event(actor, self.action).with(self.detail);
        let event = match self.object {
            Some((kind, id)) => event.on(kind, id),
            None => event,
        };
        Ok(audit::record(conn, event).await?)
    }
}

/// What is done with an account, within a transaction.
pub type Work<'c, T> = BoxFuture<'c, Result<T>>;

/// Reads of an account.
pub async fn read<T: Send + 'static>(
    pool: &Pool,
    caller: &Principal,
    whose: Whose,
    work: impl for<'c> FnOnce(&'c mut AsyncPgConnection, ClientBilling) -> Work<'c, (T, Noted)> + Send,
) -> Result<T> {
    let actor = caller.actor();
    let mut conn = pool.get().await?;
    conn.build_transaction()
        .repeatable_read()
        .run(async |conn| {
            let access = whose.account(conn, caller).await?;
            let (found, noted) = work(conn, access).await?;
            noted.record(conn, &access, &actor).await?;
            Ok::<_, Error>(found)
        })
        .await
}

/// Reads a page of a list of an account, newest first. `work` is told before which id, and how many at most.
pub async fn page<T: Send + 'static>(
    pool: &Pool,
    caller: &Principal,
    client: UserId,
    (query, action): (&NewestQuery, &'static str),
    id: impl Fn(&T) -> Uuid + Send,
    work: impl for<'c> FnOnce(&'c mut AsyncPgConnection, ClientBilling, (Option<Uuid>, i64)) -> Work<'c, Vec<T>> + Send,
) -> Result<web::Json<List<T>>> {
    let (limit, before) = query.read()?;
    let list = read(pool, caller, Whose::Client(client), |conn, access| {
        let found = work(conn, access, (before, limit + 1));
        Box::pin(async move {
            let list = found.await?;
            let shown = list.len().min(limit as usize);
            Ok((list, Noted::new(action).with(json!({"count": shown}))))
        })
    });
    Ok(web::Json(List::newest(list.await?, limit, id)))
}

/// Changes an account, to the end also where its caller goes away. Without anything to note it was done before.
pub async fn change<T: Send + 'static>(
    pool: web::Data<Pool>,
    caller: impl Caller,
    whose: Whose,
    work: impl for<'c> FnOnce(&'c mut AsyncPgConnection, ClientBilling) -> Work<'c, (T, Option<Noted>)> + Send + 'static,
) -> Result<Stored<T>> {
    detached::to_the_end(async move {
        let caller: &Principal = &caller;
        let actor = caller.actor();
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            let access = whose.account(conn, caller).await?;
            let (content, noted) = work(conn, access).await?;
            let repeated = noted.is_none();
            if let Some(noted) = noted {
                noted.record(conn, &access, &actor).await?;
            }
            Ok::<_, Error>(Stored { repeated, content })
        })
        .await
    })
    .await
}

/// Tells the audit log of a list of the practice's: one row for each client on it, and one where there is nobody.
pub async fn listed(
    conn: &mut AsyncPgConnection,
    actor: &Actor,
    action: &'static str,
    clients: BTreeSet<UserId>,
) -> Result<()> {
    let events = rows_of(actor, action, &clients, &BTreeSet::new());
    Ok(audit::record_all(conn, &events).await?)
}
