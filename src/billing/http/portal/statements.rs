//! `GET portal/billing/statements`, `GET portal/billing/statements/{month}`, `GET …/{month}/pdf`: one's month statements.

use crate::{
    app::Services,
    audit,
    billing::{
        access,
        ledger::{self, history},
        money::{Amount, Currency},
        papers::{self, head},
        print,
        statements::{self, Month, Total},
    },
    db::Pool,
    error::{Error, Result},
    http::{
        answer::Pdf,
        page::{List, limit},
        principal::PortalPrincipal,
    },
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

/// All of them, the newest first.
pub async fn list(
    caller: PortalPrincipal,
    query: web::Query<ListQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<ShownTotal>>> {
    let ListQuery { limit: asked, cursor } = query.into_inner();
    let (limit, now) = (limit(asked)? as usize, services.clock.now());
    let actor = caller.actor();
    let mut conn = pool.get().await?;
    let list = conn
        .build_transaction()
        .repeatable_read()
        .run(async |conn| {
            let access = access::of_client(conn, caller.viewer(), caller.user_id).await?;
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
            let event = access.event(&actor, "statements.listed").with(json!({"count": items.len()}));
            audit::record(conn, event).await?;
            Ok::<_, Error>(List { items, next })
        })
        .await?;
    Ok(web::Json(list))
}

/// One of them.
pub async fn show(
    caller: PortalPrincipal,
    month: web::Path<String>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Shown>> {
    let now = services.clock.now();
    let actor = caller.actor();
    let mut conn = pool.get().await?;
    let shown = conn
        .build_transaction()
        .repeatable_read()
        .run(async |conn| {
            let access = access::of_client(conn, caller.viewer(), caller.user_id).await?;
            let head = head::find(conn, &access, now).await?;
            let month: Month = month.parse()?;
            let found = statements::one(conn, &services.keyring, &access, (month, head.zone), now).await?;
            let event = access.event(&actor, "statement.viewed").with(json!({"month": month}));
            audit::record(conn, event).await?;
            let lines = found.lines.into_iter().map(|one| line(one, head.zone)).collect();
            Ok::<_, Error>(Shown { total: shown(found.total, found.is_over, head.currency), lines })
        })
        .await?;
    Ok(web::Json(shown))
}

/// The same on paper.
pub async fn pdf(
    caller: PortalPrincipal,
    month: web::Path<String>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Pdf> {
    let now = services.clock.now();
    let actor = caller.actor();
    let mut conn = pool.get().await?;
    let (head, found) = conn
        .build_transaction()
        .repeatable_read()
        .run(async |conn| {
            let access = access::of_client(conn, caller.viewer(), caller.user_id).await?;
            let head = head::find(conn, &access, now).await?;
            let month: Month = month.parse()?;
            let found = statements::one(conn, &services.keyring, &access, (month, head.zone), now).await?;
            let event = access.event(&actor, "statement.downloaded").with(json!({"month": month}));
            audit::record(conn, event).await?;
            Ok::<_, Error>((head, found))
        })
        .await?;
    drop(conn);
    let name = format!("statement-{}.pdf", found.total.month);
    let printed = papers::statement::printed(&found, head.tongue);
    super::set(name, move || print::statement::pdf(&head, &printed)).await
}
