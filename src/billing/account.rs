//! The rows of an account that [`super::settle`] works on. Voided charges are none of them.

use super::{
    money::Amount,
    payments::paid::RETURNED,
    settle::{Credit, Item, Settled, Target, settle},
};
use crate::{
    db,
    error::Result,
    ids::{InvoiceId, UserId},
};
use chrono::NaiveDate;
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use uuid::Uuid;

/// The account of one client, settled.
pub async fn of(conn: &mut AsyncPgConnection, client: UserId) -> Result<Settled> {
    Ok(of_all(conn, &[client]).await?.remove(&client).unwrap_or_default())
}

/// The accounts of these clients, settled.
pub async fn of_all(conn: &mut AsyncPgConnection, clients: &[UserId]) -> Result<HashMap<UserId, Settled>> {
    let mut accounts: HashMap<UserId, (Vec<Item>, Vec<Credit>)> = HashMap::new();
    for row in read(conn, clients).await? {
        let (items, credits) = accounts.entry(row.client_id).or_default();
        let (invoice, amount) = (row.invoice_id.map(InvoiceId), Amount(row.amount));
        if amount.is_positive() {
            items.push(Item { id: row.id, on: row.on_day, amount, invoice });
        } else {
            let target = row.charge_id.map(Target::Item).or(invoice.map(Target::Invoice));
            credits.push(Credit { amount: -amount, target });
        }
    }
    Ok(accounts.into_iter().map(|(client, (items, credits))| (client, settle(items, &credits))).collect())
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    client_id: UserId,
    #[diesel(sql_type = sql::Uuid)]
    id: Uuid,
    #[diesel(sql_type = sql::Date)]
    on_day: NaiveDate,
    /// More than zero: owed.
    #[diesel(sql_type = sql::BigInt)]
    amount: i64,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    invoice_id: Option<Uuid>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    charge_id: Option<Uuid>,
}

async fn read(conn: &mut AsyncPgConnection, clients: &[UserId]) -> Result<Vec<Row>> {
    let rows = db::statement(format!(
        "SELECT c.client_id, c.id, c.service_on AS on_day, c.amount, l.invoice_id, NULL::uuid AS charge_id
        FROM charges c LEFT JOIN LATERAL (SELECT l.invoice_id FROM invoice_lines l WHERE l.charge_id = c.id
            AND NOT EXISTS (SELECT FROM invoice_voids v WHERE v.invoice_id = l.invoice_id) LIMIT 1) l ON true
        WHERE c.client_id = ANY($1) AND NOT EXISTS (SELECT FROM charge_voids v WHERE v.charge_id = c.id)
        UNION ALL
        SELECT a.client_id, a.id, a.made_on, a.amount, NULL, a.charge_id FROM adjustments a WHERE a.client_id = ANY($1)
        UNION ALL
        SELECT p.client_id, p.id, p.occurred_at::date, p.returned - p.amount, p.invoice_id, NULL
        FROM (SELECT p.*, {RETURNED} AS returned FROM payments p WHERE p.client_id = ANY($1)) p
        WHERE p.amount <> p.returned"
    ))
    .bind::<sql::Array<sql::Uuid>, _>(clients.iter().map(|client| client.0).collect::<Vec<_>>())
    .load(conn)
    .await?;
    Ok(rows)
}
