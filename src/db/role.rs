//! The role that the hub runs as, and whether the one it was given may do too much: whoever takes over the hub must not
//! be able to change or remove what is only ever added to. Changes no rights itself; migrations do.

use diesel::{QueryResult, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// The hub's own role. Migrations make it and give it its rights.
pub const SERVICE: &str = "carehub_service";

/// Tables to which rows are only ever added. A migration that adds one to the list takes the other rights away.
pub const APPEND_ONLY: &[&str] = &[
    "adjustments",
    "audit_blocks",
    "audit_events",
    "audit_keys",
    "charge_voids",
    "chargebacks",
    "charges",
    "entries",
    "form_reviews",
    "form_submissions",
    "form_versions",
    "invoice_lines",
    "invoice_voids",
    "invoices",
    "ledger_postings",
    "ledger_transactions",
    "payments",
    "refunds",
];

/// What the role of this connection may do beyond what the hub needs, in words; nothing is as it should be.
pub async fn excess_rights(conn: &mut AsyncPgConnection) -> QueryResult<Vec<String>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Text)]
        may: String,
    }
    let rows: Vec<Row> = super::statement(
        "SELECT 'is a superuser' AS may FROM pg_roles WHERE rolname = current_user AND rolsuper
        UNION ALL
        SELECT 'may make roles' FROM pg_roles WHERE rolname = current_user AND rolcreaterole
        UNION ALL
        SELECT 'may add to the schema' WHERE has_schema_privilege('public', 'CREATE')
        UNION ALL
        SELECT 'owns ' || relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relname = ANY ($1) AND pg_has_role(relowner, 'USAGE')
        UNION ALL
        SELECT 'may ' || lower(p.privilege) || ' ' || relname FROM pg_class
        CROSS JOIN unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS p(privilege)
        WHERE relnamespace = 'public'::regnamespace AND relname = ANY ($1) AND has_table_privilege(oid, p.privilege)",
    )
    .bind::<sql::Array<sql::Text>, _>(APPEND_ONLY)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.may).collect())
}

/// The same as one sentence for an operator; None where all is well.
pub async fn complaint(conn: &mut AsyncPgConnection) -> QueryResult<Option<String>> {
    let excess = excess_rights(conn).await?;
    // A superuser may do everything: one reason is enough.
    let [first, ..] = excess.as_slice() else { return Ok(None) };
    let further = if excess.len() > 1 { format!(" (and {} more)", excess.len() - 1) } else { String::new() };
    Ok(Some(format!(
        "the role that DATABASE_URL names {first}{further}. Let the hub connect as {SERVICE}, which `carehub migrate` \
         makes, and keep the owner's connection for migrations"
    )))
}
