//! An authenticator app on somebody's phone.

use super::practice::{Answer, Caller, PASSWORD, Practice, answer};
use carehub::clock::Clock;
use reqwest::Method;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret, Totp};

/// The app, after it scanned the picture.
pub struct App {
    totp: Totp,
    /// As it was shown for typing.
    pub secret: String,
    /// The code that put it into use; empty where that is still to come.
    pub confirmed_by: String,
    pub backup_codes: Vec<String>,
}

impl App {
    /// With the secret that was shown.
    pub fn scan(shown: &Value) -> Self {
        let secret = shown["secret"].as_str().unwrap().to_owned();
        let totp = Builder::new().with_secret(Secret::try_from_base32(&secret).unwrap()).build().unwrap();
        Self { totp, secret, confirmed_by: String::new(), backup_codes: Vec::new() }
    }

    /// The code of now, or of so many steps later.
    pub fn code(&self, steps_later: u64) -> String {
        let now = u64::try_from(Clock::system().now().timestamp()).unwrap();
        self.totp.generate(now + 30 * steps_later).to_string()
    }

    /// A code that is none of those accepted now.
    pub fn wrong_code(&self) -> String {
        let now = u64::try_from(Clock::system().now().timestamp()).unwrap();
        let near: Vec<String> = (0..6).map(|step| self.totp.generate(now - 60 + 30 * step).to_string()).collect();
        (0..10).map(|n| format!("00000{n}")).find(|code| !near.contains(code)).unwrap()
    }
}

impl Caller {
    /// Sets up an app.
    pub async fn enrol(&self) -> App {
        let door = self.door();
        let mut app = App::scan(&self.post(&format!("{door}/auth/mfa/totp"), json!({})).await.expect(200));
        let code = json!({"code": app.code(0)});
        let confirmed = self.post(&format!("{door}/auth/mfa/totp/confirm"), code.clone()).await.expect(200);
        app.confirmed_by = code["code"].as_str().unwrap().to_owned();
        app.backup_codes = serde_json::from_value(confirmed["backupCodes"].clone()).unwrap();
        app
    }
}

impl Practice {
    /// Signs in with the password of everybody, up to the second step: the ticket.
    pub async fn ticket(&self, who: &Caller) -> String {
        let asked = answer(self.sign_in(who.door(), &who.email, PASSWORD).await).await.expect(200);
        asked["mfa"]["ticket"].as_str().unwrap_or_else(|| panic!("no ticket: {asked}")).to_owned()
    }

    /// The second step.
    pub async fn verify(&self, who: &Caller, ticket: &str, code: &str) -> Answer {
        let request = self.request(Method::POST, &format!("/api/v1/{}/auth/mfa/verify", who.door()));
        answer(request.json(&json!({"ticket": ticket, "code": code})).send().await.unwrap()).await
    }

    /// As if nobody had used a code yet.
    pub async fn forget_used_codes(&self) {
        self.database.query("UPDATE totp_authenticators SET last_step = 0").await;
    }
}
