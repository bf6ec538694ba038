use crate::support::{practice::Practice, python};
use carehub::accounts::Role;
use serde_json::json;
use std::{fs, process::Command};

const VERSION: &str = "4.32.5";
/// For each door.
const SECONDS: &str = "40";
/// What ends the session that the fuzzer calls with, or is no HTTP.
const LEFT_OUT: &str =
    "/ws$|/logout|/sessions|/password|/auth/mfa|/end-sessions|/lock$|/erasure$|/reset-second-factor$";
/// What must hold of every answer, whatever was sent.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
    response_schema_conformance,unsupported_method,ignored_auth";

#[actix_web::test]
async fn the_api_answers_what_its_description_says_whatever_it_is_sent() {
    let program =
        tokio::task::spawn_blocking(|| python::program("schemathesis", VERSION, "schemathesis")).await.unwrap();
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let clinician = practice.person("Maya", Role::Clinician).await;
    let admin = practice.person("Hal", Role::Admin).await;
    let colleague = practice.person("Tom", Role::Clinician).await;
    let thread = client.open("Sleep", "I cannot sleep").await;
    clinician.claim(&thread).await.expect(200);
    let entries = client.get(&format!("portal/messages/{thread}")).await.expect(200);
    // Ids that there are, so that not everything is answered with 404.
    let ids = json!({
        "thread": thread, "client": client.id, "user": colleague.id, "entry": entries["entries"][0]["id"],
    });
    let folder = tempfile::tempdir().unwrap();
    let runs = [("portal", &client), ("ehr", &clinician), ("admin", &admin)].map(|(door, caller)| {
        let (program, folder, ids) = (program.clone(), folder.path().join(door), ids.clone());
        let (schema, caller) = (practice.hub.url("/api/openapi.json"), caller.clone());
        tokio::task::spawn_blocking(move || {
            fs::create_dir(&folder).unwrap();
            let parameters: String =
                ids.as_object().unwrap().iter().map(|(name, id)| format!("\"path.{name}\" = {id}\n")).collect();
            fs::write(folder.join("schemathesis.toml"), format!("[parameters]\n{parameters}")).unwrap();
            let output = Command::new(program)
                .current_dir(&folder)
                .args(["--config-file", "schemathesis.toml", "run", &schema, "--no-color"])
                .args(["--header", &format!("Authorization: Bearer {}", caller.token)])
                .args(["--include-path-regex", &format!("^/api/v1/(auth|{door})/"), "--exclude-path-regex", LEFT_OUT])
                .args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--max-time", SECONDS])
                .args([
                    "--continue-on-failure",
                    "--no-shrink",
                    "--suppress-health-check",
                    "all",
                    "--request-timeout",
                    "20",
                ])
                .args(["--generation-database", "none", "--warnings", "off"])
                .output()
                .unwrap();
            (door, output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
        })
    });
    let mut wrong = Vec::new();
    for run in runs {
        let (door, good, said) = run.await.unwrap();
        let shown: String = said.chars().take(20_000).collect();
        let cases = said.split(" generated").next().and_then(|before| before.split_whitespace().last()?.parse().ok());
        assert!(cases.unwrap_or(0) > 100, "{door} was hardly tested: {shown}");
        if !good {
            wrong.push(format!("{door}:\n{shown}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    // The fuzzer called as somebody who was signed in to the end, and reached what there is.
    for caller in [&client, &clinician, &admin] {
        let answer = caller.get("auth/me").await;
        assert_eq!(answer.status, 200, "{}: {}", caller.name, answer.body);
    }
    assert!(!practice.hub.logged().contains("panicked"), "{}", practice.hub.logged());
}
