//! The hub's role in PostgreSQL.

use crate::{
    dev::query,
    support::{Database, hub::MASTER_KEY},
};
use carehub::db::role::{APPEND_ONLY, excess_rights};
use secrecy::SecretString;
use std::process::Command;
use tokio_postgres::error::SqlState;

#[tokio::test]
async fn the_hubs_role_adds_to_the_audit_log_and_can_neither_change_nor_remove_what_is_there() {
    let database = Database::fresh().await;
    let service = database.service_url();
    let add = "INSERT INTO audit_events (id, action, outcome) VALUES (gen_random_uuid(), 'test.written', 'done');
        SELECT count(*) FROM audit_events WHERE action = 'test.written'";
    assert_eq!(query(&service, add).await.unwrap(), ["1"]);
    for table in APPEND_ONLY {
        for attack in [
            format!("DELETE FROM {table}"),
            format!("TRUNCATE {table}"),
            format!("ALTER TABLE {table} DISABLE TRIGGER ALL"),
            format!("ALTER TABLE {table} ADD COLUMN more text"),
            format!("DROP TABLE {table}"),
            format!("CREATE RULE quiet AS ON INSERT TO {table} DO INSTEAD NOTHING"),
        ] {
            let refused = query(&service, &attack).await.expect_err(&attack);
            assert_eq!(refused.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{attack}: {refused}");
        }
        // Granting oneself what one may not grant is no error, and no gain.
        query(&service, &format!("GRANT ALL ON {table} TO carehub_service")).await.unwrap();
        let columns = format!(
            "SELECT attname FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped"
        );
        for column in database.query(&columns).await {
            let attack = format!("UPDATE {table} SET {column} = {column}");
            let refused = query(&service, &attack).await.expect_err(&attack);
            assert_eq!(refused.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{attack}: {refused}");
        }
    }
}

#[tokio::test]
async fn the_hubs_role_is_neither_owner_nor_superuser_and_no_migration_can_forget_to_let_it_in() {
    let database = Database::fresh().await;
    let service = SecretString::from(database.service_url());
    let mut conn = carehub::db::connect(&service).await.unwrap();
    assert_eq!(excess_rights(&mut conn).await.unwrap(), Vec::<String>::new());
    database.query("CREATE TABLE later (id bigserial, word text)").await;
    let use_it = "INSERT INTO later (word) VALUES ('in'); UPDATE later SET word = 'changed'; SELECT word FROM later";
    assert_eq!(query(&database.service_url(), use_it).await.unwrap(), ["changed"]);
    // And every table that is there now.
    let closed = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
        AND NOT has_table_privilege('carehub_service', oid, 'SELECT')";
    assert_eq!(database.query(closed).await, Vec::<String>::new());
    let mut owner = database.connect().await;
    let excess = excess_rights(&mut owner).await.unwrap();
    assert!(excess.contains(&"is a superuser".to_owned()) && excess.contains(&"may update entries".to_owned()));
}

#[tokio::test]
async fn a_production_hub_refuses_to_run_as_a_role_that_could_change_the_audit_log() {
    let database = Database::fresh().await;
    let run = |command: &str, url: String| {
        let mut carehub = Command::new(env!("CARGO_BIN_EXE_carehub"));
        carehub.arg(command).env_clear().env("DATABASE_URL", url).env("CAREHUB_MASTER_KEY", MASTER_KEY);
        carehub.env("CAREHUB_PORT", "0").env("CAREHUB_PROFILE", "production").output().unwrap()
    };
    let refused = run("serve", database.url.clone());
    let words = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && words.contains("carehub_service"), "{words}");
    let found = String::from_utf8(run("doctor", database.url.clone()).stdout).unwrap();
    assert!(found.contains("MISSING  role: ") && found.contains("is a superuser"), "{found}");
    let found = String::from_utf8(run("doctor", database.service_url()).stdout).unwrap();
    assert!(found.contains("ok       role: ") && found.contains("ok       schema: up to date"), "{found}");
}
