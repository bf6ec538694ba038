//! The commands, run as a user runs them.

use std::{
    fs,
    io::Write,
    process::{Command, Output, Stdio},
};

use super::{Place, query};

/// Runs `carehub` on the place's own data.
fn carehub(place: &Place, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carehub"));
    command
        .args(arguments)
        .current_dir(place.path())
        .env_remove("DATABASE_URL")
        .env_remove("CAREHUB_MASTER_KEY")
        .env("CAREHUB_DATA_DIR", place.data().path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that does not read its input may have ended before it was written.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn succeeds(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn fails(output: &Output) -> String {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn lines(place: &Place, file: &str) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(place.path().join(file)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn seeded_pairs_and_groups_are_in_the_store_with_a_live_session_for_each_token() {
    let place = Place::new();
    succeeds(&carehub(&place, &["seed", "--pairs", "7", "--tokens", "pairs.jsonl"], ""));
    succeeds(&carehub(&place, &["seed", "--pairs", "7", "--tokens", "more.jsonl"], ""));
    succeeds(&carehub(&place, &["seed", "--group", "5", "--tokens", "group.jsonl"], ""));

    let pairs = lines(&place, "pairs.jsonl");
    let group = lines(&place, "group.jsonl");
    assert_eq!((pairs.len(), lines(&place, "more.jsonl").len(), group.len()), (7, 7, 1));
    assert_eq!(group[0]["participants"].as_array().unwrap().len(), 5);

    let cluster = place.start().unwrap();
    let url = cluster.carehub_url();
    let participants =
        |thread: &str| format!("SELECT user_id FROM participants WHERE thread_id = '{thread}' ORDER BY 1");
    let mut listed = ["client", "clinician"].map(|role| pairs[0][role]["id"].as_str().unwrap().to_owned());
    listed.sort();
    assert_eq!(query(&url, &participants(pairs[0]["thread"].as_str().unwrap())).await.unwrap(), listed);
    assert_eq!(query(&url, &participants(group[0]["thread"].as_str().unwrap())).await.unwrap().len(), 5);
    let live = "SELECT count(*) FROM sign_in_sessions WHERE ended_at IS NULL AND idle_seconds IS NULL
        AND expires_at BETWEEN now() + interval '11 hours' AND now() + interval '12 hours'";
    assert_eq!(query(&url, live).await.unwrap(), ["33"]);
}

#[tokio::test]
async fn seeding_is_refused_in_production_and_writes_nothing_where_the_tokens_cannot_go() {
    let place = Place::new();
    fs::write(place.path().join("carehub.toml"), "CAREHUB_PROFILE = 'production'").unwrap();
    let refused = carehub(&place, &["seed", "--pairs", "1", "--tokens", "pairs.jsonl"], "");
    assert!(fails(&refused).contains("production"));
    fs::remove_file(place.path().join("carehub.toml")).unwrap();

    let refused = carehub(&place, &["seed", "--pairs", "1", "--tokens", "nowhere/pairs.jsonl"], "");
    assert!(fails(&refused).contains("nowhere/pairs.jsonl"));
    assert!(succeeds(&carehub(&place, &["migrate"], "")).contains("up to date"));
    let cluster = place.start().unwrap();
    assert_eq!(query(&cluster.carehub_url(), "SELECT count(*) FROM users").await.unwrap(), ["0"]);
}

#[tokio::test]
async fn an_operator_adds_locks_and_unlocks_people() {
    let place = Place::new();
    let ann = "ann@example.org";
    let add = ["user", "add", ann, "--name", "Ann Bell", "--role", "clinician", "--password-stdin"];
    let no_practice = carehub(&place, &add, "nine grey herons wading\n");
    assert!(fails(&no_practice).contains("--new-practice"));

    let first = [&add[..], &["--new-practice", "Hill Street", "--time-zone", "Europe/Berlin"]].concat();
    let short = carehub(&place, &first, "short\n");
    assert!(fails(&short).contains("12 characters"));
    let added = succeeds(&carehub(&place, &first, "nine grey herons wading\n"));
    assert!(!added.contains("nine grey herons wading"), "a password that was given is not shown");
    assert!(fails(&carehub(&place, &add, "nine grey herons wading\n")).contains("already"));

    let reset = succeeds(&carehub(&place, &["user", "set-password", ann], ""));
    assert!(reset.contains("Their password: "), "one that was made is");
    succeeds(&carehub(&place, &["user", "lock", "ANN@example.org"], ""));
    let cluster = place.start().unwrap();
    let status = "SELECT status || ' ' || time_zone FROM users";
    assert_eq!(query(&cluster.carehub_url(), status).await.unwrap(), ["disabled Europe/Berlin"]);
    cluster.stop();
    succeeds(&carehub(&place, &["user", "unlock", ann], ""));
    let cluster = place.start().unwrap();
    assert_eq!(query(&cluster.carehub_url(), status).await.unwrap(), ["active Europe/Berlin"]);
}

#[test]
fn the_doctor_ends_with_1_when_something_is_missing() {
    let place = Place::new();
    fs::write(place.path().join("carehub.toml"), "CAREHUB_PORT = 0").unwrap();
    let healthy = carehub(&place, &["doctor"], "");
    assert!(succeeds(&healthy).contains("ok       PostgreSQL"));
    assert!(!place.data().path().exists(), "it only looks");

    fs::write(place.path().join("carehub.toml"), "DATABASE_URL = 'host=/nonexistent'").unwrap();
    let ill = carehub(&place, &["doctor"], "");
    assert_eq!(ill.status.code(), Some(1));
    let text = String::from_utf8(ill.stdout).unwrap();
    assert!(text.contains("MISSING  PostgreSQL") && text.contains("MISSING  master key"), "{text}");

    fs::write(place.path().join("carehub.toml"), "CAREHUB_PROT = 1").unwrap();
    let typo = carehub(&place, &["doctor"], "");
    assert_eq!(typo.status.code(), Some(1));
    assert!(String::from_utf8(typo.stdout).unwrap().contains("CAREHUB_PROT"));
}
