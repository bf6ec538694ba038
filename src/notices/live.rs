//! What was told on any hub since the last look: for those who are connected to this one. A number is given in the order of
//! the commits, so the last one seen is enough to miss none.

use super::list::{COLUMNS, Notification, Row};
use crate::{db::statement, ids::UserId};
use diesel::{QueryResult, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Notices of one look.
pub const AT_ONCE: i64 = 500;

/// The number of the newest.
pub async fn newest(conn: &mut AsyncPgConnection) -> QueryResult<i64> {
    #[derive(QueryableByName)]
    struct Newest {
        #[diesel(sql_type = sql::BigInt)]
        told: i64,
    }
    let newest: Newest = statement("SELECT COALESCE(max(told), 0) AS told FROM notifications").get_result(conn).await?;
    Ok(newest.told)
}

/// What came after number `after`, and the number of the last of them.
pub async fn since(conn: &mut AsyncPgConnection, after: i64) -> QueryResult<(Vec<(UserId, Notification)>, i64)> {
    let rows: Vec<Row> = statement(format!("{COLUMNS} AND n.told > $1 ORDER BY n.told LIMIT $2"))
        .bind::<sql::BigInt, _>(after)
        .bind::<sql::BigInt, _>(AT_ONCE)
        .load(conn)
        .await?;
    let last = rows.last().map_or(after, |row| row.told);
    Ok((rows.iter().filter_map(|row| Some((row.user_id, row.shown()?))).collect(), last))
}
