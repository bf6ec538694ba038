//! Month statements as they are answered, to clients and to those who bill.

use super::{
    calls::{self, Noted, Whose},
    papers as paper,
};
use crate::{
    app::Services,
    billing::{
        ledger::{self, history},
        money::{Amount, Currency},
        papers::{self, head},
        print::{self, Letterhead},
        statements::{self, Month, Statement, Total},
    },
    db::Pool,
    error::Result,
    http::{
        answer::Pdf,
        page::{List, limit},
        principal::Principal,
    },
    ids::UserId,
};
use actix_web::web;
use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

/// `?limit=&cursor=`.
#[derive(Deserialize, IntoParams)]
pub struct ListQuery {
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Month>,
}

/// What an account came to in a month.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MonthTotal)]
pub struct ShownTotal {
    month: Month,
    /// Whether nothing is added to it any more.
    is_over: bool,
    currency: Currency,
    /// What was owed when it began; less than zero: to the client's credit.
    opening: Amount,
    added: Amount,
    /// Zero, or less.
    taken_off: Amount,
    closing: Amount,
}

/// A month statement.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MonthStatement)]
pub struct Shown {
    #[serde(flatten)]
    total: ShownTotal,
    lines: Vec<ShownLine>,
}

/// A change of what is owed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StatementLine)]
pub struct ShownLine {
    /// As the practice's calendar has it.
    on: NaiveDate,
    kind: ledger::Kind,
    /// What a charge was for.
    what: Option<String>,
    amount: Amount,
    /// What was owed after it.
    balance: Amount,
}

fn shown(total: Total, is_over: bool, currency: Currency) -> ShownTotal {
    let Total { month, opening, added, taken_off, closing } = total;
    ShownTotal { month, is_over, currency, opening, added, taken_off, closing }
}

fn line(line: history::Line, zone: Tz) -> ShownLine {
    let history::Line { at, kind, what, amount, balance, .. } = line;
    ShownLine { on: at.with_timezone(&zone).date_naive(), kind, what, amount, balance }
}

/// All of a client's, the newest first.
pub async fn list(
    pool: &Pool,
    caller: &Principal,
    client: UserId,
    query: ListQuery,
    services: web::Data<Services>,
) -> Result<web::Json<List<ShownTotal>>> {
    let ListQuery { limit: asked, cursor } = query;
    let (limit, now) = (limit(asked)? as usize, services.clock.now());
    let list = calls::read(pool, caller, Whose::Client(client), move |conn, access| {
        Box::pin(async move {
            let head = head::find(conn, &access, now).await?;
            let totals = statements::totals(conn, &access, head.zone, now).await?;
            let before = totals.into_iter().rev().filter(|total| cursor.is_none_or(|cursor| total.month < cursor));
            let mut items: Vec<ShownTotal> = before
                .take(limit + 1)
                .map(|total| shown(total, total.month.ends(head.zone) <= now, head.currency))
                .collect();
            let more = items.len() > limit;
            items.truncate(limit);
            let next = items.last().filter(|_| more).map(|total| total.month.to_string());
            let noted = Noted::new("statements.listed").with(json!({"count": items.len()}));
            Ok((List { items, next }, noted))
        })
    });
    Ok(web::Json(list.await?))
}

/// The practice, the client and the statement.
async fn find(
    pool: &Pool,
    caller: &Principal,
    (client, month): (UserId, String),
    services: web::Data<Services>,
    action: &'static str,
) -> Result<(Letterhead, Statement)> {
    let now = services.clock.now();
    calls::read(pool, caller, Whose::Client(client), move |conn, access| {
        Box::pin(async move {
            let head = head::find(conn, &access, now).await?;
            let month: Month = month.parse()?;
            let found = statements::one(conn, &services.keyring, &access, (month, head.zone), now).await?;
            Ok(((head, found), Noted::new(action).with(json!({"month": month}))))
        })
    })
    .await
}

/// One of them.
pub async fn one(
    pool: &Pool,
    caller: &Principal,
    which: (UserId, String),
    services: web::Data<Services>,
) -> Result<web::Json<Shown>> {
    let (head, found) = find(pool, caller, which, services, "statement.viewed").await?;
    let lines = found.lines.into_iter().map(|one| line(one, head.zone)).collect();
    Ok(web::Json(Shown { total: shown(found.total, found.is_over, head.currency), lines }))
}

/// The same on paper.
pub async fn pdf(
    pool: &Pool,
    caller: &Principal,
    which: (UserId, String),
    services: web::Data<Services>,
) -> Result<Pdf> {
    let (head, found) = find(pool, caller, which, services, "statement.downloaded").await?;
    let name = format!("statement-{}.pdf", found.total.month);
    let printed = papers::statement::printed(&found, head.tongue);
    paper::set(name, move || print::statement::pdf(&head, &printed)).await
}
