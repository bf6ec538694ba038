//! C7: how the master key is given, and where it never shows.

use super::{carehub, fresh_key};
use crate::support::{Database, Hub, hub::MASTER_KEY};
use std::{fs, os::unix::fs::PermissionsExt};

#[tokio::test]
async fn without_a_master_key_of_its_own_the_hub_does_not_start_and_says_what_to_do() {
    let database = Database::fresh().await;
    database.pair().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys");
    let path = file.to_str().unwrap();
    fs::write(&file, MASTER_KEY).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let another = fresh_key();
    for (settings, said) in [
        (vec![("CAREHUB_MASTER_KEY", "")], "openssl rand -base64 32"),
        (vec![("CAREHUB_MASTER_KEY", "c2hvcnQ=")], "32 random bytes"),
        (vec![("CAREHUB_MASTER_KEY", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNk")], "32 random bytes"),
        (vec![("CAREHUB_MASTER_KEY", &another)], "sealed under the master key"),
        (vec![("CAREHUB_MASTER_KEY_FILE", path)], "leave one of them out"),
        (vec![("CAREHUB_MASTER_KEY", ""), ("CAREHUB_MASTER_KEY_FILE", path)], "chmod 600"),
        (vec![("CAREHUB_MASTER_KEY", ""), ("CAREHUB_MASTER_KEY_FILE", "/nowhere/at/all")], "No such file"),
    ] {
        let (started, output) = carehub(&database, &["serve"], &settings).await;
        assert!(!started && output.contains(said), "{settings:?}: {output}");
        assert!(!output.contains("panicked"), "{output}");
        for key in [MASTER_KEY, &another] {
            assert!(!output.contains(key), "{output}");
        }
    }
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let hub = Hub::start_with(&database, &[("CAREHUB_MASTER_KEY", ""), ("CAREHUB_MASTER_KEY_FILE", path)]).await;
    assert_eq!(reqwest::get(hub.url("/readyz")).await.unwrap().status(), 200);
}

#[tokio::test]
async fn the_master_key_is_in_no_help_metric_log_or_finding() {
    let database = Database::fresh().await;
    let hub = Hub::start_with(&database, &[("CAREHUB_LOG", "trace")]).await;
    let mut shown = String::new();
    for arguments in [&["--help"] as &[&str], &["keys", "--help"], &["keys", "rotate", "--help"], &["serve", "--help"]]
    {
        let (succeeded, output) = carehub(&database, arguments, &[]).await;
        assert!(succeeded, "{output}");
        shown += &output;
    }
    for arguments in [&["doctor"] as &[&str], &["keys", "rotate"], &["keys", "no-such-command"]] {
        shown += &carehub(&database, arguments, &[]).await.1;
    }
    for path in ["/metrics", "/healthz", "/readyz", "/api/v1/auth/me"] {
        shown += &reqwest::get(hub.url(path)).await.unwrap().text().await.unwrap();
    }
    shown += &hub.logged();
    assert!(shown.contains("rotate") && shown.contains("DEBUG"), "there was something to see");
    let bytes: String = MASTER_KEY_BYTES.iter().map(|byte| format!("{byte:02x}")).collect();
    for secret in [MASTER_KEY, bytes.as_str(), std::str::from_utf8(MASTER_KEY_BYTES).unwrap()] {
        assert!(!shown.contains(secret), "the master key shows");
    }
}

/// What the test hubs' key is in base64.
const MASTER_KEY_BYTES: &[u8] = b"0123456789abcdef0123456789abcdef";
