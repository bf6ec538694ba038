//! `GET portal/billing/balance`: what one owes, and what one can do about it.

use crate::{
    app::Services,
    billing::{
        account, autopay,
        http::calls::{self, Noted, Whose},
        ledger,
        money::{Amount, Currency},
        plans, settings,
        stripe::under_way::{self, UnderWay},
    },
    db::{self, Pool},
    error::Result,
    http::principal::PortalPrincipal,
    ids::{InvoiceId, UserId},
};
use actix_web::web;
use chrono::NaiveDate;
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use utoipa::ToSchema;

/// What one owes, and how it is paid.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OwnBalance)]
pub struct Shown {
    /// The sum of the ledger. Less than zero: to one's credit.
    balance: Amount,
    currency: Currency,
    /// What is unpaid of invoices whose day is over.
    overdue: Amount,
    /// The first day on which something of it is due, in the practice's calendar.
    next_due: Option<NaiveDate>,
    /// Whether one can pay by card here.
    takes_cards: bool,
    /// How else the practice takes payment.
    how_to_pay: Option<String>,
    phone: Option<String>,
    /// What the payment plan that runs will take.
    plan_left: Amount,
    autopay: bool,
    /// What is being paid by card right now: still owed, and not to be paid a second time.
    under_way: Vec<UnderWay>,
}

#[derive(QueryableByName)]
struct Due {
    #[diesel(sql_type = sql::Uuid)]
    id: InvoiceId,
    #[diesel(sql_type = sql::Date)]
    due_on: NaiveDate,
}

/// The invoices of a client that count, the first due first.
async fn due(conn: &mut AsyncPgConnection, client: UserId) -> Result<Vec<Due>> {
    let due = db::statement(
        "SELECT i.id, i.due_on FROM invoices i
        WHERE i.client_id = $1 AND NOT EXISTS (SELECT FROM invoice_voids v WHERE v.invoice_id = i.id) ORDER BY i.due_on",
    )
    .bind::<sql::Uuid, _>(client)
    .load(conn)
    .await?;
    Ok(due)
}

/// As it stands.
pub async fn show(
    caller: PortalPrincipal,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Shown>> {
    let (now, takes_cards) = (services.clock.now(), services.stripe.is_some());
    let shown = calls::read(&pool, &caller, Whose::Client(caller.user_id), move |conn, access| {
        Box::pin(async move {
            let ledger::Balance { amount: balance, currency } = ledger::balance(conn, access.client()).await?;
            let settled = account::of(conn, access.client()).await?;
            let today = settings::today(conn, access.practice(), now).await?;
            let settings = settings::find(conn, access.practice()).await?.settings;
            let (mut overdue, mut next_due) = (Amount::ZERO, None);
            for Due { id, due_on } in due(conn, access.client()).await? {
                let open = settled.open_of_invoice(id);
                if open.is_positive() {
                    next_due = next_due.or(Some(due_on));
                    overdue += if due_on < today { open } else { Amount::ZERO };
                }
            }
            let shown = Shown {
                balance,
                currency,
                overdue,
                next_due,
                takes_cards,
                how_to_pay: settings.how_to_pay,
                phone: settings.phone,
                plan_left: plans::store::covered(conn, access.client()).await?.min(balance.at_least_zero()),
                autopay: autopay::find(conn, access.client()).await?.is_some_and(|choice| choice.is_on),
                under_way: under_way::list(conn, access.client()).await?,
            };
            Ok((shown, Noted::new("balance.viewed")))
        })
    });
    Ok(web::Json(shown.await?))
}
