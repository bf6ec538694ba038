//! How often somebody may try to prove that they are a client. What proves it is little (a date, four digits): a few
//! tries a day for each client and each network, right or wrong, and after that only an invitation helps.

use crate::{
    error::{Error, Result},
    ids::{self, UserId},
};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::{net::IpAddr, time::Duration};

/// In a day, for one client.
const OF_CLIENT: i64 = 5;
/// In a day, from one network.
const OF_NETWORK: i64 = 20;
const DAY_SECONDS: i32 = 86_400;

/// Counts a try; false when there were too many about this client. The caller holds the lock of the client's row.
///
/// # Errors
/// `rateLimited` when there were too many from this network, whomever they were about.
pub async fn count(conn: &mut AsyncPgConnection, client: Option<UserId>, from: Option<IpAddr>) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Counted {
        #[diesel(sql_type = sql::BigInt)]
        of_client: i64,
        #[diesel(sql_type = sql::BigInt)]
        of_network: i64,
        /// Until the oldest of this network's is forgotten.
        #[diesel(sql_type = sql::Double)]
        wait: f64,
    }
    let network = from.map(network);
    // Tries at the same moment are counted one after another.
    crate::db::statement("SELECT pg_advisory_xact_lock(hashtextextended('registration ' || coalesce($1, ''), 0))")
        .bind::<sql::Nullable<sql::Text>, _>(&network)
        .execute(conn)
        .await?;
    crate::db::statement("DELETE FROM registration_tries WHERE at <= now() - make_interval(secs => $1)")
        .bind::<sql::Double, _>(f64::from(DAY_SECONDS))
        .execute(conn)
        .await?;
    let counted: Counted = crate::db::statement(
        "SELECT count(*) FILTER (WHERE client_id = $1) AS of_client, count(*) FILTER (WHERE network = $2::cidr) AS of_network,
            coalesce(extract(epoch FROM min(at) FILTER (WHERE network = $2::cidr) - now()) + $3, 0)::float8 AS wait
        FROM registration_tries WHERE client_id = $1 OR network = $2::cidr",
    )
    .bind::<sql::Nullable<sql::Uuid>, _>(client)
    .bind::<sql::Nullable<sql::Text>, _>(&network)
    .bind::<sql::Integer, _>(DAY_SECONDS)
    .get_result(conn)
    .await?;
    if counted.of_network >= OF_NETWORK {
        return Err(Error::RateLimited { retry_after: Duration::from_secs_f64(counted.wait.max(1.0)) });
    }
    crate::db::statement("INSERT INTO registration_tries (id, client_id, network) VALUES ($1, $2, $3::cidr)")
        .bind::<sql::Uuid, _>(ids::fresh())
        .bind::<sql::Nullable<sql::Uuid>, _>(client)
        .bind::<sql::Nullable<sql::Text>, _>(&network)
        .execute(conn)
        .await?;
    Ok(counted.of_client < OF_CLIENT)
}

/// One address, or the network that an IPv6 address is in: whoever has one has all of its addresses.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => format!("{address}/32"),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_addresses_of_one_network_count_as_one() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("192.0.2.7"), "192.0.2.7/32");
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7/32");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }
}
