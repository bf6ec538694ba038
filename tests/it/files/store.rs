use super::{kept, pair, pdf};
use crate::support::{practice::Practice, python};
use serde_json::json;
use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

/// A server that speaks S3 (moto), on a port of its own. Ends when dropped.
struct S3 {
    url: String,
    child: Child,
}

impl S3 {
    async fn start() -> Self {
        let program =
            tokio::task::spawn_blocking(|| python::program("moto[server]", "5.2.2", "moto_server")).await.unwrap();
        let mut child = Command::new(program)
            .args(["-H", "127.0.0.1", "-p", "0"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let url = lines.find_map(|line| line.ok()?.split_once("Running on ").map(|(_, url)| url.trim().to_owned()));
        std::thread::spawn(move || lines.for_each(drop));
        let s3 = Self { url: url.unwrap(), child };
        let made = reqwest::Client::new().put(format!("{}/files", s3.url)).send().await.unwrap();
        assert!(made.status().is_success());
        s3
    }

    /// How many objects there are, and all their bytes.
    async fn content(&self) -> Vec<bytes::Bytes> {
        let list = reqwest::get(format!("{}/files?list-type=2", self.url)).await.unwrap().text().await.unwrap();
        let mut content = Vec::new();
        for key in list.split("<Key>").skip(1).map(|rest| rest.split('<').next().unwrap()) {
            content.push(reqwest::get(format!("{}/files/{key}", self.url)).await.unwrap().bytes().await.unwrap());
        }
        content
    }

    fn settings(&self) -> [(&str, &str); 4] {
        [
            ("S3_BUCKET", "files"),
            ("S3_ENDPOINT", &self.url),
            ("S3_ACCESS_KEY_ID", "testing"),
            ("S3_SECRET_ACCESS_KEY", "testing"),
        ]
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[actix_web::test]
async fn files_are_kept_in_a_bucket_of_s3_sealed_and_nowhere_else() {
    let s3 = S3::start().await;
    let practice = Practice::start_with(&s3.settings()).await;
    let (ada, maya) = pair(&practice).await;
    let large = pdf(&"canary-in-a-bucket ".repeat(600_000));
    for (name, content) in [("small.pdf", pdf("canary-in-a-bucket")), ("large.pdf", large)] {
        let path = format!("ehr/clients/{}/documents?share=true", ada.id);
        let document = maya.upload(&path, name, content.clone()).await.expect(201);
        let link =
            ada.get(&format!("portal/documents/{}/download", document["id"].as_str().unwrap())).await.expect(200);
        assert_eq!(ada.fetch(link["url"].as_str().unwrap()).await.bytes().await.unwrap(), content, "{name}");
    }
    let content = s3.content().await;
    assert_eq!(content.len(), 2);
    for bytes in &content {
        assert!(!bytes.windows(6).any(|window| window == b"canary"), "sealed");
    }
    assert!(kept(&practice).is_empty(), "the folder holds files only on their way in");
    assert!(!practice.hub.logged().contains("testing"), "no credential in the log");
}

#[actix_web::test]
async fn while_the_store_is_away_a_file_is_refused_and_everything_else_goes_on() {
    let mut s3 = S3::start().await;
    let practice = Practice::start_with(&s3.settings()).await;
    let (ada, _) = pair(&practice).await;
    s3.child.kill().unwrap();
    s3.child.wait().unwrap();
    ada.upload("portal/messages/attachments", "a.pdf", pdf("a")).await.refused(503, "busy");
    let thread = ada.open("Sleep", "I cannot sleep").await;
    ada.post(&format!("portal/messages/{thread}/reply"), json!({"body": "x"})).await.expect(201);
    assert!(kept(&practice).is_empty());
    assert_eq!(practice.database.query("SELECT count(*) FROM objects WHERE state = 'stored'").await, ["0"]);
}

#[actix_web::test]
async fn the_doctor_says_whether_files_can_be_kept_and_looked_at() {
    let s3 = S3::start().await;
    let folder = tempfile::tempdir().unwrap();
    let doctor = |settings: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_carehub"));
        command.arg("doctor").env("CAREHUB_DATA_DIR", folder.path()).env("CAREHUB_PORT", "0");
        command.envs(s3.settings()).envs(settings.iter().copied());
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let said = doctor(&[]);
    assert!(said.contains("ok       files: pass through"), "{said}");
    assert!(said.contains("ok       files: kept in the bucket files, which answers"), "{said}");
    assert!(said.contains("no virus scanner looks at them"), "{said}");
    let said = doctor(&[("S3_BUCKET", "no-such-bucket"), ("CAREHUB_CLAMAV", "/nowhere/clamd.ctl")]);
    assert!(said.contains("MISSING  files: the bucket no-such-bucket does not answer"), "{said}");
    assert!(said.contains("MISSING  files: the virus scanner at /nowhere/clamd.ctl does not answer"), "{said}");
    let said = doctor(&[("CAREHUB_OBJECTS", "/proc/version")]);
    assert!(said.contains("MISSING  files: /proc/version is no folder"), "{said}");
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none(), "it changes nothing");
}
