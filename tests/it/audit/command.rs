//! `carehub audit`, as an operator uses it.

use crate::support::{Client, Database, Hub, eventually, hub::MASTER_KEY};
use std::{
    process::{Command, Output},
    time::Duration,
};

fn audit(database: &Database, hub: &Hub, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_carehub"))
        .arg("audit")
        .args(arguments)
        .env_clear()
        .env("DATABASE_URL", database.service_url())
        .env("CAREHUB_MASTER_KEY", MASTER_KEY)
        .env("CAREHUB_AUDIT_CHECKPOINTS", hub.outside.path())
        .output()
        .unwrap()
}

#[tokio::test]
async fn a_hub_seals_what_it_writes_and_the_command_verifies_it_and_finds_one_changed_byte() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    client.say_and_wait(&pair.thread, "to be sealed").await;
    let sealed = "SELECT 1 FROM entries WHERE tick < (SELECT max(to_tick) FROM audit_blocks)";
    eventually("a block over the entry", Duration::from_secs(30), async || database.query(sealed).await.pop()).await;
    eventually("its checkpoint", Duration::from_secs(5), async || {
        hub.outside.path().read_dir().unwrap().next().map(drop)
    })
    .await;

    let verified = audit(&database, &hub, &["verify"]);
    let words = String::from_utf8(verified.stdout).unwrap();
    assert!(verified.status.success() && words.contains("The audit log is whole."), "{words}");
    // Whoever has the public key alone can verify, too; and a foreign key believes nothing.
    let key = words.lines().find_map(|line| line.strip_prefix("signed by ")).unwrap();
    assert!(audit(&database, &hub, &["verify", "--public-key", key]).status.success());
    let foreign = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    assert_eq!(audit(&database, &hub, &["verify", "--public-key", foreign]).status.code(), Some(1));

    let exported = audit(&database, &hub, &["export"]);
    let lines = String::from_utf8(exported.stdout).unwrap();
    let rows: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(rows.iter().any(|row| row["action"] == "audit.exported"), "the export tells of itself: {rows:?}");

    database.query("UPDATE entries SET sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)").await;
    let verified = audit(&database, &hub, &["verify"]);
    let words = String::from_utf8(verified.stderr).unwrap();
    assert_eq!(verified.status.code(), Some(1));
    assert!(words.contains("FAULT: entry 1 of thread") && words.contains("was changed"), "{words}");
}
