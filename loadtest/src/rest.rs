//! Calls by REST, as few as a run needs: one connection each, over loopback, without TLS. Owns nothing of what a call
//! means.

use crate::session::Target;
use anyhow::{Context, Result, anyhow};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a call was answered with.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// Null where there was no JSON.
    pub body: Value,
}

impl Answer {
    /// Its body, where it is what was expected.
    pub fn expect(self, status: u16) -> Result<Value> {
        if self.status == status {
            return Ok(self.body);
        }
        Err(anyhow!("answered {} instead of {status}: {}", self.status, self.body))
    }
}

/// Calls `/api/v1/<path>` as whoever has this token.
pub async fn call(target: &Target, token: &str, method: &str, path: &str, body: Option<&Value>) -> Result<Answer> {
    let body = body.map(Value::to_string).unwrap_or_default();
    let request = format!(
        "{method} /api/v1/{path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        target.address(),
        body.len()
    );
    let mut stream = TcpStream::connect(target.address()).await.context("cannot connect")?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let answer = String::from_utf8(answer).context("the answer is no text")?;
    let (head, body) = answer.split_once("\r\n\r\n").context("the answer has no end of its head")?;
    let status = head.get(9..12).and_then(|status| status.parse().ok()).context("the answer has no status")?;
    Ok(Answer { status, body: serde_json::from_str(body).unwrap_or(Value::Null) })
}
