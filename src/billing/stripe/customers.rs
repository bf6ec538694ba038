//! What Stripe calls our clients. It learns an id of ours, and nothing else: no name, no address, no e-mail.

use super::{
    client::{Stripe, Trouble},
    objects::{CLIENT, Customer, is_id},
};
use crate::{
    billing::access::ClientBilling,
    db::{self, Pool},
    error::Result,
    ids::UserId,
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use stripe_core::customer::{CreateCustomer, DeleteCustomer};

/// A client at Stripe.
#[derive(Clone, Debug, QueryableByName)]
pub struct Known {
    #[diesel(sql_type = sql::Text)]
    pub customer: String,
    /// The card that is charged where nobody chooses one.
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    pub default_method: Option<String>,
}

/// What Stripe calls this client; None: it was never told of them.
pub async fn find(conn: &mut AsyncPgConnection, client: UserId) -> QueryResult<Option<Known>> {
    db::statement("SELECT customer, default_method FROM stripe_customers WHERE client_id = $1 AND ended_at IS NULL")
        .bind::<sql::Uuid, _>(client)
        .get_result(conn)
        .await
        .optional()
}

/// The same; tells Stripe of them where it has to.
pub async fn find_or_make(
    stripe: &Stripe,
    pool: &Pool,
    access: &ClientBilling,
    now: DateTime<Utc>,
) -> Result<std::result::Result<Known, Trouble>> {
    if let Some(known) = find(&mut *pool.get().await?, access.client()).await? {
        return Ok(Ok(known));
    }
    let metadata = HashMap::from([(CLIENT.to_owned(), access.client().to_string())]);
    // Two hubs make one customer between them.
    let key = format!("carehub-customer-{}", access.client());
    let made: Customer = match stripe.make(&CreateCustomer::new().metadata(metadata), &key).await {
        Ok(made) => made,
        Err(trouble) => return Ok(Err(trouble)),
    };
    if !is_id(&made.id, "cus_") {
        return Ok(Err(Trouble::Unsure("answer")));
    }
    let mut conn = pool.get().await?;
    db::statement(
        "INSERT INTO stripe_customers (client_id, practice_id, customer, made_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT DO NOTHING", // The customer is unique, too: naming one column would fail on the other.
    )
    .bind::<sql::Uuid, _>(access.client())
    .bind::<sql::Uuid, _>(access.practice())
    .bind::<sql::Text, _>(&made.id)
    .bind::<sql::Timestamptz, _>(now)
    .execute(&mut conn)
    .await?;
    Ok(Ok(find(&mut conn, access.client()).await?.ok_or(crate::error::Error::NotFound)?))
}

/// Which card is charged where nobody chooses one.
pub(super) async fn set_default(conn: &mut AsyncPgConnection, client: UserId, method: Option<&str>) -> QueryResult<()> {
    db::statement("UPDATE stripe_customers SET default_method = $2 WHERE client_id = $1")
        .bind::<sql::Uuid, _>(client)
        .bind::<sql::Nullable<sql::Text>, _>(method)
        .execute(conn)
        .await
        .map(|_| ())
}

/// Lets Stripe forget those who were erased, and their cards; how many.
pub(super) async fn forget(stripe: &Stripe, pool: &Pool) -> Result<usize> {
    #[derive(QueryableByName)]
    struct Ended {
        #[diesel(sql_type = sql::Uuid)]
        client_id: UserId,
        #[diesel(sql_type = sql::Text)]
        customer: String,
    }
    let ended: Vec<Ended> =
        db::statement("SELECT client_id, customer FROM stripe_customers WHERE ended_at IS NOT NULL LIMIT 20")
            .load(&mut *pool.get().await?)
            .await?;
    for Ended { client_id, customer } in &ended {
        match stripe.ask::<Customer>(&DeleteCustomer::new(customer.as_str())).await {
            // Gone already.
            Ok(_) | Err(Trouble::Refused { status: 404, .. }) => {}
            Err(_) => continue,
        }
        db::statement("DELETE FROM stripe_customers WHERE client_id = $1 AND ended_at IS NOT NULL")
            .bind::<sql::Uuid, _>(*client_id)
            .execute(&mut *pool.get().await?)
            .await?;
    }
    Ok(ended.len())
}
