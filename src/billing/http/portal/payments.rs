//! `GET portal/billing/payments`, `GET portal/payments/history`, `GET portal/payments/receipt/{payment}`: what one paid, and
//! everything else that happened to one's account.

use crate::{
    app::Services,
    audit,
    billing::{
        access, ledger,
        money::{Amount, Currency},
        papers::{head, receipt},
        payments::{Method, paid},
        print,
    },
    db::{self, Pool},
    error::{Error, Result},
    http::{
        answer::Pdf,
        page::{List, NewestQuery},
        principal::PortalPrincipal,
    },
    ids::{PaymentId, UserId},
};
use actix_web::web;
use chrono::{DateTime, Utc};
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// A payment of one's own.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OwnPayment)]
pub struct Shown {
    id: PaymentId,
    at: DateTime<Utc>,
    amount: Amount,
    /// What of it went back.
    given_back: Amount,
    currency: Currency,
    method: Method,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    id: PaymentId,
    #[diesel(sql_type = sql::Timestamptz)]
    occurred_at: DateTime<Utc>,
    #[diesel(sql_type = sql::BigInt)]
    amount: i64,
    #[diesel(sql_type = sql::Text)]
    currency: String,
    #[diesel(sql_type = sql::BigInt)]
    returned: i64,
    #[diesel(sql_type = sql::Text)]
    method: String,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    card_brand: Option<String>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    card_last4: Option<String>,
}

async fn find(conn: &mut AsyncPgConnection, client: UserId, before: Option<Uuid>, limit: i64) -> Result<Vec<Shown>> {
    let rows: Vec<Row> = db::statement(format!(
        "SELECT p.id, p.occurred_at, p.amount, p.currency, {} AS returned, p.method, p.card_brand, p.card_last4
        FROM payments p WHERE p.client_id = $1 AND ($2 IS NULL OR p.id < $2) ORDER BY p.id DESC LIMIT $3",
        paid::RETURNED
    ))
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::Nullable<sql::Uuid>, _>(before)
    .bind::<sql::BigInt, _>(limit)
    .load(conn)
    .await?;
    let read = |row: Row| {
        Ok(Shown {
            id: row.id,
            at: row.occurred_at,
            amount: Amount(row.amount),
            given_back: Amount(row.returned),
            currency: ledger::history::read_currency(&row.currency)?,
            method: Method::read(&row.method, row.card_brand, row.card_last4)?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// What one paid, the newest first.
pub async fn list(
    caller: PortalPrincipal,
    page: web::Query<NewestQuery>,
    pool: web::Data<Pool>,
) -> Result<web::Json<List<Shown>>> {
    let (limit, before) = page.read()?;
    let actor = caller.actor();
    let mut conn = pool.get().await?;
    let list = conn
        .build_transaction()
        .repeatable_read()
        .run(async |conn| {
            let access = access::of_client(conn, caller.viewer(), caller.user_id).await?;
            let list =
                List::newest(find(conn, access.client(), before, limit + 1).await?, limit, |payment| payment.id.0);
            let event = access.event(&actor, "payments.listed").with(json!({"count": list.items.len()}));
            audit::record(conn, event).await?;
            Ok::<_, Error>(list)
        })
        .await?;
    Ok(web::Json(list))
}

/// Everything that happened to one's account, the newest first.
pub async fn history(
    caller: PortalPrincipal,
    page: web::Query<NewestQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<ledger::Line>>> {
    let (limit, before) = page.read()?;
    let actor = caller.actor();
    let mut conn = pool.get().await?;
    let list = conn
        .build_transaction()
        .repeatable_read()
        .run(async |conn| {
            let access = access::of_client(conn, caller.viewer(), caller.user_id).await?;
            let lines = ledger::history(conn, &services.keyring, &access, before, limit + 1).await?;
            let list = List::newest(lines, limit, |line| line.id.0);
            let event = access.event(&actor, "account.viewed").with(json!({"count": list.items.len()}));
            audit::record(conn, event).await?;
            Ok::<_, Error>(list)
        })
        .await?;
    Ok(web::Json(list))
}

/// A receipt.
pub async fn receipt(
    caller: PortalPrincipal,
    payment: web::Path<PaymentId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Pdf> {
    let (payment, now) = (*payment, services.clock.now());
    let actor = caller.actor();
    let mut conn = pool.get().await?;
    let (head, found) = conn
        .build_transaction()
        .repeatable_read()
        .run(async |conn| {
            let access = access::of_payment(conn, caller.viewer(), payment).await?;
            let head = head::find(conn, &access, now).await?;
            let found = receipt::find(conn, &access, payment, head.tongue).await?;
            let event = access.event(&actor, "receipt.downloaded").on("payment", payment);
            audit::record(conn, event).await?;
            Ok::<_, Error>((head, found))
        })
        .await?;
    drop(conn);
    let name = format!("receipt-{}.pdf", found.paid_at.format("%Y-%m-%d"));
    super::set(name, move || print::receipt::pdf(&head, &found)).await
}
