//! Who sends a paper, and to whom.

use crate::{
    billing::{
        access::ClientBilling,
        print::{Letterhead, Tongue},
        settings,
    },
    db,
    error::{Error, Result},
};
use chrono::{DateTime, Utc};
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// The practice and the client of an account.
///
/// # Errors
/// When the store is away.
pub async fn find(conn: &mut AsyncPgConnection, access: &ClientBilling, now: DateTime<Utc>) -> Result<Letterhead> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Text)]
        practice: String,
        #[diesel(sql_type = sql::Text)]
        time_zone: String,
        #[diesel(sql_type = sql::Text)]
        client: String,
        #[diesel(sql_type = sql::Text)]
        language: String,
    }
    let row: Row = db::statement(
        "SELECT p.name AS practice, p.time_zone, u.name AS client, u.language
        FROM users u JOIN practices p ON p.id = u.practice_id WHERE u.id = $1 AND p.id = $2",
    )
    .bind::<sql::Uuid, _>(access.client())
    .bind::<sql::Uuid, _>(access.practice())
    .get_result(conn)
    .await?;
    let zone = row.time_zone.parse();
    let settings = settings::find(conn, access.practice()).await?.settings;
    Ok(Letterhead {
        tongue: Tongue::of(&row.language),
        practice: row.practice,
        address: settings.address,
        phone: settings.phone,
        tax_id: settings.tax_id,
        client: row.client,
        zone: zone.map_err(|_| Error::Internal(anyhow::anyhow!("an unknown time zone is stored")))?,
        currency: settings.currency,
        made_at: now,
    })
}
