//! Master keys that a KMS wraps: against moto, which checks signatures and policies like AWS.

use super::carehub;
use crate::support::{
    practice::{PASSWORD, Practice, answer},
    python,
};
use carehub::accounts::Role;
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

/// Of the package and its server.
const MOTO: (&str, &str, &str) = ("moto[server,kms]", "5.2.5", "moto_server");
/// What is asked before anybody may: a user, their key, their policy, the key in the KMS.
const CALLS_TO_SET_UP: &str = "4";

/// A KMS on loopback. Ends when dropped.
struct Kms {
    server: Child,
    url: String,
    key: String,
    access_key: String,
    secret: String,
}

impl Drop for Kms {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Kms {
    async fn start() -> Self {
        let (server, url) = tokio::task::spawn_blocking(|| {
            let mut server = Command::new(python::program(MOTO.0, MOTO.1, MOTO.2))
                .args(["-H", "127.0.0.1", "-p", "0"])
                .env("INITIAL_NO_AUTH_ACTION_COUNT", CALLS_TO_SET_UP)
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let mut lines = BufReader::new(server.stderr.take().unwrap()).lines();
            let line = lines.by_ref().map_while(Result::ok).find(|line| line.contains("Running on http"));
            let url = line.and_then(|line| line.split_whitespace().last().map(str::to_owned)).expect("moto starts");
            // It blocks when nobody reads what it says.
            std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
            (server, url)
        })
        .await
        .unwrap();
        let ask = async |service: &str, request: reqwest::RequestBuilder| {
            let by = format!(
                "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=x"
            );
            let response = request.header("authorization", by).send().await.unwrap();
            assert!(response.status().is_success(), "{}", response.status());
            response.text().await.unwrap()
        };
        let http = reqwest::Client::new();
        let iam = async |form: &[(&str, &str)]| {
            let form: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
            let request = http.post(&url).header("content-type", "application/x-www-form-urlencoded").body(form);
            ask("iam", request).await
        };
        iam(&[("Action", "CreateUser"), ("UserName", "hub")]).await;
        let keys = iam(&[("Action", "CreateAccessKey"), ("UserName", "hub")]).await;
        let of = |name: &str| {
            let (_, rest) = keys.split_once(&format!("<{name}>")).unwrap();
            rest.split_once('<').unwrap().0.to_owned()
        };
        let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["kms:Decrypt","kms:GenerateDataKeyWithoutPlaintext"],"Resource":"*"}]}"#;
        iam(&[("Action", "PutUserPolicy"), ("UserName", "hub"), ("PolicyName", "hub"), ("PolicyDocument", policy)])
            .await;
        let made = http
            .post(&url)
            .header("x-amz-target", "TrentService.CreateKey")
            .header("content-type", "application/x-amz-json-1.1")
            .body("{}");
        let made: Value = serde_json::from_str(&ask("kms", made).await).unwrap();
        let key = made["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
        Self { server, key, access_key: of("AccessKeyId"), secret: of("SecretAccessKey"), url: url.clone() }
    }

    fn settings(&self) -> Vec<(&str, &str)> {
        vec![
            ("CAREHUB_KMS_KEY_ID", &self.key),
            ("AWS_ENDPOINT_URL_KMS", &self.url),
            ("AWS_ACCESS_KEY_ID", &self.access_key),
            ("AWS_SECRET_ACCESS_KEY", &self.secret),
        ]
    }
}

#[actix_web::test]
async fn a_master_key_that_a_kms_wraps_opens_with_the_kms_alone() {
    let kms = Kms::start().await;
    let database = crate::support::Database::fresh().await;
    let (made, wrapped) = carehub(&database, &["keys", "generate"], &kms.settings()).await;
    assert!(made, "{wrapped}");
    let wrapped = wrapped.trim();
    let with = |more: &[(&'static str, &'static str)]| {
        let mut settings = kms.settings();
        settings.push(("CAREHUB_MASTER_KEY", wrapped));
        settings.extend(more);
        settings
    };
    let (started, said) = carehub(&database, &["serve"], &[("CAREHUB_MASTER_KEY", wrapped)]).await;
    assert!(!started && said.contains("32 random bytes"), "what is wrapped is no key by itself: {said}");

    let mut practice = Practice::start_with(&with(&[("CAREHUB_LOG", "trace")])).await;
    let client = practice.person("Ada", Role::Client).await;
    let body = json!({"email": client.email, "password": PASSWORD, "tokens": true});
    let sign_in = async |practice: &Practice| {
        let request = practice.request(reqwest::Method::POST, "/api/v1/portal/auth/login").json(&body);
        let signed_in = answer(request.send().await.unwrap()).await.expect(200);
        client.with_token(signed_in["accessToken"].as_str().unwrap())
    };
    let signed_in = sign_in(&practice).await;
    let thread = signed_in.open("Sleep", "I cannot sleep").await;
    practice.hub.kill();
    practice.hub.start_again().await;
    // A token of before is good after: its key was derived from the same master key.
    let page = signed_in.get(&format!("portal/messages/{thread}")).await.expect(200);
    assert_eq!(page["entries"][0]["body"], "I cannot sleep");
    let (succeeded, said) = carehub(&practice.database, &["keys", "rotate"], &with(&[])).await;
    assert!(succeeded, "{said}");

    for (settings, told) in [
        (with(&[("AWS_SECRET_ACCESS_KEY", "another")]), "the KMS refused Decrypt with 403"),
        (
            with(&[("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", ""), ("AWS_EC2_METADATA_DISABLED", "true")]),
            "no credentials",
        ),
        (with(&[("CAREHUB_MASTER_KEY", "bm90IHdyYXBwZWQgYnkgaXQ=")]), "the KMS refused Decrypt"),
        (with(&[("CAREHUB_KMS_KEY_ID", "00000000-0000-0000-0000-000000000000")]), "the KMS refused Decrypt"),
        (with(&[("AWS_ENDPOINT_URL_KMS", "http://127.0.0.1:9")]), "the KMS at http://127.0.0.1:9"),
    ] {
        let (started, said) = carehub(&practice.database, &["serve"], &settings).await;
        assert!(!started && said.contains(told), "{told}: {said}");
        assert!(!said.contains(&kms.secret) && !said.contains(wrapped), "{said}");
    }

    // A hub that runs needs the KMS no more.
    let (secret, logged) = (kms.secret.clone(), practice.hub.logged());
    assert!(logged.contains("INFO") && !logged.contains(&secret) && !logged.contains(wrapped));
    drop(kms);
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    signed_in.get(&format!("portal/messages/{thread}")).await.expect(200);
    assert!(!practice.hub.logged().contains("cannot be read again"));
}
