//! How e-mails leave: to a mail server by SMTP, or, where there is none, into a folder for whoever looks at the demo.
//! Never tells more of a failure than its code: what servers answer may quote addresses.

use super::provider::{Given, Refusal};
use crate::config::{Config, Profile};
use anyhow::{Context, bail};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::Mailbox,
    transport::smtp::{self, AsyncSmtpTransportBuilder, PoolConfig},
};
use secrecy::{ExposeSecret, SecretString};
use std::{
    fs::{DirBuilder, OpenOptions},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::Duration,
};
use url::Url;

/// A command to a mail server is answered within this.
const ANSWER: Duration = Duration::from_secs(20);
/// Connections to the mail server.
const CONNECTIONS: u32 = 2;
/// What mail servers answer where there is no such mailbox.
const NO_MAILBOX: [u16; 4] = [550, 551, 553, 556];
/// The sender in a folder that nobody sends from.
const NOBODY: &str = "Carehub <carehub@localhost>";

/// A way out, with the address that e-mails come from.
pub struct Transport {
    pub from: Mailbox,
    way: Way,
}

enum Way {
    Smtp { settings: Box<AsyncSmtpTransportBuilder>, server: Box<AsyncSmtpTransport<Tokio1Executor>> },
    Folder(PathBuf),
}

impl Transport {
    /// As configured. None: neither a mail server nor a folder; e-mails wait.
    ///
    /// # Errors
    /// When a setting cannot be read, or the mail server would be spoken to in the clear by a production hub.
    pub fn from_config(config: &Config) -> anyhow::Result<Option<Self>> {
        if let Some(server) = Self::to_server(config)? {
            return Ok(Some(server));
        }
        let from = sender(config)?;
        // Links in files are for demos: in production e-mails wait for a mail server.
        let (Some(data), Profile::Development) = (&config.data_dir, config.profile) else { return Ok(None) };
        let from = match from {
            Some(from) => from,
            None => NOBODY.parse().context("the demo's sender")?,
        };
        let folder = data.join("mail");
        DirBuilder::new().recursive(true).mode(0o700).create(&folder).context("the folder for e-mails")?;
        Ok(Some(Self { from, way: Way::Folder(folder) }))
    }

    /// The mail server of SMTP_URL, if that is set. Makes nothing, and connects to nobody.
    ///
    /// # Errors
    /// As [`Transport::from_config`].
    pub fn to_server(config: &Config) -> anyhow::Result<Option<Self>> {
        let from = sender(config)?;
        let Some(url) = &config.mail.smtp_url else { return Ok(None) };
        let from = from.context("CAREHUB_MAIL_FROM is not set: it is the address that e-mails are sent from")?;
        Ok(Some(Self::through(from, smtp(url, config.profile)?)))
    }

    fn through(from: Mailbox, settings: AsyncSmtpTransportBuilder) -> Self {
        let server = Box::new(settings.clone().build());
        Self { from, way: Way::Smtp { settings: Box::new(settings), server } }
    }

    /// The same, with connections of its own on this runtime: none of another loop is waited for.
    pub fn anew(&self) -> Self {
        let from = self.from.clone();
        match &self.way {
            Way::Smtp { settings, .. } => Self::through(from, settings.as_ref().clone()),
            Way::Folder(folder) => Self { from, way: Way::Folder(folder.clone()) },
        }
    }

    /// Where e-mails go, in words for whoever starts the hub.
    pub fn describe(&self) -> String {
        match &self.way {
            Way::Smtp { .. } => "e-mails go to the mail server of SMTP_URL".to_owned(),
            Way::Folder(folder) => format!("SMTP_URL is not set: e-mails are written into {}", folder.display()),
        }
    }

    /// Sends a message; `name` is that of its file, where it becomes one.
    pub async fn send(&self, name: String, message: Message) -> Result<Given, Refusal> {
        match &self.way {
            Way::Smtp { server, .. } => {
                server.send(message).await.map(|_| Given::default()).map_err(|error| judge(&error))
            }
            Way::Folder(folder) => {
                let path = folder.join(format!("{name}.eml"));
                let written = tokio::task::spawn_blocking(move || write(&path, &message.formatted())).await;
                let failed = || Refusal::later("folder");
                written.map_err(|_| failed())?.map_err(|_| failed())?;
                Ok(Given::default())
            }
        }
    }
}

fn sender(config: &Config) -> anyhow::Result<Option<Mailbox>> {
    let from = config.mail.from.as_deref().map(str::parse).transpose();
    from.ok().context("CAREHUB_MAIL_FROM must be an address such as Elm Street <portal@example.org>")
}

fn smtp(url: &SecretString, profile: Profile) -> anyhow::Result<AsyncSmtpTransportBuilder> {
    // Neither library's message is shown: they may quote the password.
    let unreadable = "SMTP_URL cannot be read: smtps://user:password@host:465, or smtp://…:587?tls=required";
    let parsed = Url::parse(url.expose_secret()).ok().context(unreadable)?;
    if profile == Profile::Production && !is_encrypted(&parsed) && !is_loopback(&parsed) {
        bail!("SMTP_URL would send e-mails in the clear: use smtps://, or smtp:// with ?tls=required");
    }
    let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret()).ok().context(unreadable)?;
    Ok(builder.timeout(Some(ANSWER)).pool_config(PoolConfig::new().max_size(CONNECTIONS)))
}

fn is_encrypted(url: &Url) -> bool {
    url.scheme() == "smtps" || url.query_pairs().any(|(key, value)| key == "tls" && value == "required")
}

fn is_loopback(url: &Url) -> bool {
    // Addresses in URLs of other schemes than the web's are read as names.
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn judge(error: &smtp::Error) -> Refusal {
    let code = match error.status() {
        Some(status) => format!("smtp {status}"),
        None if error.is_timeout() => "timeout".to_owned(),
        None if error.is_tls() => "tls".to_owned(),
        None if error.is_response() => "answer".to_owned(),
        None if error.is_client() => "client".to_owned(),
        None => "unreachable".to_owned(),
    };
    match error.is_permanent() {
        true if NO_MAILBOX.iter().any(|nobody| code == format!("smtp {nobody}")) => Refusal::nobody(code),
        true => Refusal::for_good(code),
        false => Refusal::later(code),
    }
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    // Written beside and moved: whoever looks into the folder sees whole e-mails.
    let part = path.with_extension("part");
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?.write_all(bytes)?;
    std::fs::rename(part, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transport(settings: &'static [(&str, &str)]) -> anyhow::Result<Option<Transport>> {
        let find = |name: &str| settings.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Transport::from_config(&Config::from_sources(find, "").unwrap())
    }

    const FROM: (&str, &str) = ("CAREHUB_MAIL_FROM", "Elm Street <portal@example.org>");
    const PRODUCTION: (&str, &str) = ("CAREHUB_PROFILE", "production");

    #[actix_web::test]
    async fn a_production_hub_sends_no_e_mail_in_the_clear() {
        for url in ["smtp://mail.example.org", "smtp://mail.example.org?tls=opportunistic", "smtp://192.0.2.1:25"] {
            let settings = vec![("SMTP_URL", url), FROM, PRODUCTION].leak();
            let error = transport(settings).err().unwrap().to_string();
            assert!(error.contains("in the clear"), "{url}: {error}");
        }
        for url in ["smtps://mail.example.org", "smtp://mail.example.org?tls=required", "smtp://127.0.0.1:2525"] {
            let settings = vec![("SMTP_URL", url), FROM, PRODUCTION].leak();
            assert!(transport(settings).unwrap().is_some(), "{url}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_without_being_quoted() {
        for url in ["mail.example.org", "http://user:hush@mail.example.org", "smtp://user:hush@"] {
            let error = format!("{:#}", transport(vec![("SMTP_URL", url), FROM].leak()).err().unwrap());
            assert!(error.contains("SMTP_URL") && !error.contains("hush"), "{error}");
        }
        assert!(transport(&[("SMTP_URL", "smtps://mail.example.org")]).is_err(), "no sender");
        assert!(transport(&[("CAREHUB_MAIL_FROM", "nobody")]).is_err());
        assert!(transport(&[]).unwrap().is_none());
        assert!(transport(&[PRODUCTION, ("CAREHUB_DATA_DIR", "/nowhere")]).unwrap().is_none(), "links in files");
    }
}
