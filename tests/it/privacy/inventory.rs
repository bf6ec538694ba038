use crate::support::Database;
use carehub::privacy::inventory;
use std::collections::BTreeSet;

#[tokio::test]
async fn every_column_that_leads_to_a_person_is_in_the_inventory_and_the_reverse() {
    let database = Database::fresh().await;
    // Foreign keys to users, and what has none for the sake of speed or because it outlives them.
    let columns = "SELECT c.table_name || '.' || c.column_name FROM information_schema.columns c
        JOIN pg_class r ON r.relname = c.table_name AND r.relnamespace = 'public'::regnamespace AND r.relkind IN ('r', 'p')
        WHERE c.table_schema = 'public' AND c.data_type = 'uuid' AND (EXISTS (
            SELECT FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
            WHERE k.conrelid = r.oid AND k.contype = 'f' AND k.confrelid = 'users'::regclass AND a.attname = c.column_name)
            OR c.column_name IN ('client_id', 'user_id', 'owner_id', 'actor_id', 'sender_id')
            OR c.table_name = 'users' AND c.column_name = 'id')";
    let schema: BTreeSet<String> = database.query(columns).await.into_iter().collect();
    let listed: BTreeSet<String> = inventory::ALL
        .iter()
        .flat_map(|holding| holding.columns.iter().map(|column| format!("{}.{column}", holding.table)))
        .collect();
    assert!(schema.len() > 10, "the question finds something: {schema:?}");
    let missing: Vec<_> = schema.difference(&listed).collect();
    assert!(missing.is_empty(), "say in src/privacy/inventory.rs what becomes of these: {missing:?}");
    let gone: Vec<_> = listed.difference(&schema).collect();
    assert!(gone.is_empty(), "the inventory lists what is not there: {gone:?}");
}
