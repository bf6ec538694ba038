//! How old debts are: what is open of each client and of all, by the days since the service.

use super::{access::StaffBilling, account, money::Amount, settings, settle::Settled};
use crate::{accounts::Role, db, error::Result, ids::UserId};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Accounts that are settled at once.
const AT_ONCE: i64 = 200;

/// What is open, by age in days. All in minor units.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, ToSchema)]
#[schema(as = AgedAmounts)]
#[serde(rename_all = "camelCase")]
pub struct Aged {
    /// 0 to 30 days.
    pub current: Amount,
    /// 31 to 60 days.
    pub over30: Amount,
    /// 61 to 90 days.
    pub over60: Amount,
    pub over90: Amount,
    /// To the clients' credit.
    pub credit: Amount,
    /// What is open, less the credit: the sum of the ledger.
    pub balance: Amount,
}

impl Aged {
    /// Of one account, on a day.
    pub fn of(account: &Settled, today: NaiveDate) -> Self {
        let mut aged = Self { credit: account.credit, balance: account.balance(), ..Self::default() };
        for (item, open) in &account.items {
            let bracket = match (today - item.on).num_days() {
                ..=30 => &mut aged.current,
                31..=60 => &mut aged.over30,
                61..=90 => &mut aged.over60,
                91.. => &mut aged.over90,
            };
            *bracket += *open;
        }
        aged
    }

    fn add(&mut self, other: &Self) {
        self.current += other.current;
        self.over30 += other.over30;
        self.over60 += other.over60;
        self.over90 += other.over90;
        self.credit += other.credit;
        self.balance += other.balance;
    }
}

/// A client with anything open, or to their credit.
#[derive(Clone, Debug)]
pub struct Aging {
    pub client: UserId,
    pub name: String,
    pub aged: Aged,
}

/// A page of the report, and the total of everybody.
pub struct Report {
    pub items: Vec<Aging>,
    pub total: Aged,
    pub today: NaiveDate,
}

/// The report: clients after an id, `limit` of them, and the total of all.
pub async fn report(
    conn: &mut AsyncPgConnection,
    access: &StaffBilling,
    after: Option<Uuid>,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<Report> {
    let today = settings::today(conn, access.practice(), now).await?;
    let mut report = Report { items: Vec::new(), total: Aged::default(), today };
    let mut last = Uuid::nil();
    loop {
        let clients = some(conn, access, last).await?;
        let Some(latest) = clients.last() else { return Ok(report) };
        last = latest.id.0;
        let ids: Vec<UserId> = clients.iter().map(|client| client.id).collect();
        let accounts = account::of_all(conn, &ids).await?;
        for Client { id, name } in clients {
            let Some(account) = accounts.get(&id) else { continue };
            let aged = Aged::of(account, today);
            report.total.add(&aged);
            if after.is_none_or(|after| id.0 > after) && (report.items.len() as i64) < limit {
                report.items.push(Aging { client: id, name, aged });
            }
        }
    }
}

#[derive(QueryableByName)]
struct Client {
    #[diesel(sql_type = sql::Uuid)]
    id: UserId,
    #[diesel(sql_type = sql::Text)]
    name: String,
}

/// Those whose balance is not zero: of all others nothing is open, and nothing left over.
async fn some(conn: &mut AsyncPgConnection, access: &StaffBilling, after: Uuid) -> Result<Vec<Client>> {
    Ok(db::statement(
        "SELECT u.id, u.name FROM users u
        JOIN ledger_transactions t ON t.client_id = u.id
        JOIN ledger_postings p ON p.transaction_id = t.id AND p.account = 'receivable'
        WHERE u.practice_id = $1 AND u.role = $2 AND u.id > $3
        GROUP BY u.id HAVING sum(p.amount) <> 0 ORDER BY u.id LIMIT $4",
    )
    .bind::<sql::Uuid, _>(access.practice())
    .bind::<sql::Text, _>(Role::Client.as_str())
    .bind::<sql::Uuid, _>(after)
    .bind::<sql::BigInt, _>(AT_ONCE)
    .load(conn)
    .await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::settle::{Credit, Item, settle};

    #[test]
    fn debts_are_put_by_the_days_since_the_service_and_the_brackets_sum_to_the_balance() {
        let today: NaiveDate = "2026-11-21".parse().unwrap();
        let items = [0, 30, 31, 60, 61, 90, 91, 400].map(|days| Item {
            id: Uuid::from_u128(days.into()),
            on: today - chrono::Days::new(days),
            amount: Amount(100 + days as i64),
            invoice: None,
        });
        let aged = Aged::of(&settle(items.to_vec(), &[]), today);
        assert_eq!([aged.current, aged.over30, aged.over60, aged.over90], [230, 291, 351, 691].map(Amount));
        assert_eq!(aged.balance, Amount(230 + 291 + 351 + 691));
        let tomorrow = Item { id: Uuid::nil(), on: today + chrono::Days::new(1), amount: Amount(1), invoice: None };
        let ahead = Aged::of(&settle(vec![tomorrow], &[Credit { amount: Amount(5), target: None }]), today);
        assert_eq!((ahead.current, ahead.credit, ahead.balance), (Amount(0), Amount(4), Amount(-4)));
    }
}
