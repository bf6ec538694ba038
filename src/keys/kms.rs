//! A key management service with the interface of AWS KMS, which wraps the master keys: what lies in the environment or in
//! a file is of no use without it. Asked when a master key is read for the first time, never for a data key. Never logs
//! what goes to and fro.

use crate::config::KmsSettings;
use anyhow::{Context as _, anyhow, bail};
use aws_lc_rs::digest;
use base64::{Engine, prelude::BASE64_STANDARD};
use reqsign_aws_v4::{Credential, DefaultCredentialProvider, RequestSigner};
use reqsign_core::{Context, OsEnv, Signer};
use reqsign_file_read_tokio::TokioFileRead;
use reqsign_http_send_reqwest::ReqwestHttpSend;
use serde_json::{Value, json};
use std::time::Duration;
use url::Url;
use zeroize::Zeroizing;

/// Bound to what is wrapped: a blob that was wrapped for something else does not open here.
const CONTEXT: [(&str, &str); 1] = [("purpose", "carehub master key")];
const PATIENCE: Duration = Duration::from_secs(10);
/// Answers are a few hundred bytes.
const MOST_BYTES: usize = 64 * 1024;

/// The service, and the key in it.
pub struct Kms {
    key_id: String,
    endpoint: Url,
    signer: Signer<Credential>,
    http: reqwest::Client,
}

impl Kms {
    /// As configured. Asks nothing yet.
    pub fn new(settings: &KmsSettings) -> anyhow::Result<Self> {
        let KmsSettings { key_id, endpoint, region } = settings;
        let endpoint = match endpoint {
            Some(endpoint) => endpoint.clone(),
            None => format!("https://kms.{region}.amazonaws.com/").parse().context("AWS_REGION")?,
        };
        let http = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build()?;
        let context = Context::new()
            .with_env(OsEnv)
            .with_file_read(TokioFileRead)
            .with_http_send(ReqwestHttpSend::new(http.clone()));
        let signer = Signer::new(context, DefaultCredentialProvider::new(), RequestSigner::new("kms", region));
        Ok(Self { key_id: key_id.clone(), endpoint, signer, http })
    }

    /// A new master key, wrapped: nobody has seen it.
    ///
    /// # Errors
    /// What the service said, by its code.
    pub async fn generate(&self) -> anyhow::Result<String> {
        let request = json!({
            "KeyId": self.key_id, "KeySpec": "AES_256", "EncryptionContext": serde_json::Map::from_iter(context()),
        });
        let answer = self.call("GenerateDataKeyWithoutPlaintext", &request).await?;
        Ok(answer["CiphertextBlob"].as_str().context("the KMS answered without a key")?.to_owned())
    }

    /// The master key that was wrapped.
    ///
    /// # Errors
    /// What the service said, by its code.
    pub async fn unwrap(&self, wrapped: &str) -> anyhow::Result<Zeroizing<[u8; 32]>> {
        if BASE64_STANDARD.decode(wrapped).is_err() {
            bail!("a wrapped master key is base64, as `carehub keys generate` printed it");
        }
        let request = json!({
            "KeyId": self.key_id, "CiphertextBlob": wrapped, "EncryptionContext": serde_json::Map::from_iter(context()),
        });
        let answer = self.call("Decrypt", &request).await?;
        let text = answer["Plaintext"].as_str().context("the KMS answered without a key")?;
        let bytes =
            Zeroizing::new(BASE64_STANDARD.decode(text).map_err(|_| anyhow!("the KMS answered without a key"))?);
        let bytes = <[u8; 32]>::try_from(bytes.as_slice());
        Ok(Zeroizing::new(bytes.map_err(|_| anyhow!("what the KMS unwrapped is no master key of 32 bytes"))?))
    }

    async fn call(&self, action: &str, request: &Value) -> anyhow::Result<Value> {
        let body = request.to_string();
        let hash = digest::digest(&digest::SHA256, body.as_bytes());
        let hash: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        let (mut parts, ()) = http::Request::post(self.endpoint.as_str())
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("TrentService.{action}"))
            .header("x-amz-content-sha256", hash)
            .body(())?
            .into_parts();
        // What goes wrong here may quote a secret: only that it did is told.
        self.signer.sign(&mut parts, None).await.map_err(|_| {
            anyhow!("no credentials for the KMS were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role")
        })?;
        let request = reqwest::Request::try_from(http::Request::from_parts(parts, body))?;
        let asked = format!("the KMS at {}", self.endpoint);
        let mut response = self.http.execute(request).await.map_err(|error| error.without_url()).context(asked)?;
        let status = response.status();
        let mut bytes = Zeroizing::new(Vec::new());
        while let Some(piece) = response.chunk().await.context("the KMS broke off its answer")? {
            if bytes.len() + piece.len() > MOST_BYTES {
                bail!("the KMS answered with more than was asked for");
            }
            bytes.extend_from_slice(&piece);
        }
        let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        if !status.is_success() {
            let code = answer["__type"].as_str().unwrap_or("no code");
            bail!("the KMS refused {action} with {status} ({code}): check CAREHUB_KMS_KEY_ID, credentials and policy");
        }
        Ok(answer)
    }
}

fn context() -> impl Iterator<Item = (String, Value)> {
    CONTEXT.into_iter().map(|(name, value)| (name.to_owned(), json!(value)))
}

impl std::fmt::Debug for Kms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Kms({})", self.endpoint)
    }
}
