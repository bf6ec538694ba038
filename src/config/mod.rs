//! The configuration: environment over `carehub.toml`, one table of keys ([`keys`]). Never read after the start, and
//! never printed: secrets are [`SecretString`]s.

pub mod channels;
pub mod database;
pub mod edge;
pub mod files;
pub mod identity_providers;
pub mod jitsi;
pub mod keys;
pub mod networks;
pub mod stripe;

use anyhow::{Context, bail};
pub use channels::{PushSettings, TwilioSettings};
use chrono::TimeDelta;
use database::Target;
use edge::Edge;
pub use files::FileSettings;
pub use identity_providers::IdentityProvider;
pub use jitsi::JitsiSettings;
use keys::Key;
use secrecy::SecretString;
use std::{
    collections::HashMap,
    env, fs,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};
pub use stripe::StripeSettings;
use url::Url;

/// What kind of installation this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// The demo, tests, a developer's machine: seeding is allowed.
    Development,
    /// A practice's real data.
    Production,
}

/// Everything that can be set, checked.
#[derive(Clone, Debug)]
pub struct Config {
    pub profile: Profile,
    pub bind: IpAddr,
    /// 0: any free port.
    pub port: u16,
    /// None: the default folder of the demo (see `dev::postgres`).
    pub data_dir: Option<PathBuf>,
    /// None: looked for.
    pub pg_bin: Option<PathBuf>,
    pub database_url: Option<SecretString>,
    /// As browsers see the hub; decides cookies' `Secure` and which `Origin` is the hub's own. None: the bound address.
    pub public_url: Option<Url>,
    pub master_key: Option<SecretString>,
    pub master_key_file: Option<PathBuf>,
    /// They only unwrap.
    pub master_keys_old: Vec<SecretString>,
    pub mail: Mail,
    pub twilio: TwilioSettings,
    pub push: PushSettings,
    /// So long a message may lie unread before anybody is told.
    pub notice_grace: TimeDelta,
    /// None: clinicians meet clients at links of their own.
    pub jitsi: Option<JitsiSettings>,
    /// None: nobody pays by card.
    pub stripe: Option<StripeSettings>,
    /// None: the master keys are given as they are.
    pub kms: Option<KmsSettings>,
    /// Where the files that people hand in are kept.
    pub files: FileSettings,
    /// Where erasures are written down outside of the database. None: nobody can be erased.
    pub tombstones: Option<PathBuf>,
    /// None: nothing is kept outside of the database.
    pub audit_checkpoints: Option<PathBuf>,
    pub log: String,
    pub log_json: bool,
    pub workers: usize,
    pub limits: Limits,
    pub edge: Edge,
    /// Through which people may sign in.
    pub identity_providers: Vec<IdentityProvider>,
    /// Shown on the sign-in page. Never read from anywhere: only the demo names its people.
    pub demo_accounts: Vec<DemoAccount>,
}

/// A service that wraps the master keys.
#[derive(Clone, Debug)]
pub struct KmsSettings {
    pub key_id: String,
    /// None: AWS's own in the region.
    pub endpoint: Option<Url>,
    pub region: String,
}

/// An account whose password everybody may know.
#[derive(Clone, Copy, Debug)]
pub struct DemoAccount {
    pub name: &'static str,
    /// In words.
    pub role: &'static str,
    pub works_for_practice: bool,
    pub email: &'static str,
    pub password: &'static str,
}

/// How e-mails leave; checked by `notify::transport`.
#[derive(Clone, Debug)]
pub struct Mail {
    pub smtp_url: Option<SecretString>,
    pub from: Option<String>,
}

/// Bounds that an operator may move. Everything else is a constant beside the code that it bounds.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Sends a user may make in a minute over all connections, where the user's own record does not say otherwise.
    pub sends_per_minute: u32,
    pub connections_per_user: usize,
    pub heartbeat: Duration,
    /// Entries pushed and not yet confirmed by `delivered`, per connection.
    pub window_frames: usize,
    pub window_bytes: usize,
    /// Entries that wait for the store, all threads together.
    pub journal_queue: usize,
    /// After so long waiting for the store, a send is answered `busy`.
    pub journal_patience: Duration,
}

impl Config {
    /// Reads the environment and, where `CAREHUB_CONFIG` or `./carehub.toml` names one, the file below it.
    ///
    /// # Errors
    /// Says which key is wrong and what it should look like; never shows a secret.
    pub fn load() -> anyhow::Result<Self> {
        let path = env::var_os("CAREHUB_CONFIG").map(PathBuf::from);
        let file = match path {
            Some(path) => fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?,
            None => fs::read_to_string("carehub.toml").unwrap_or_default(),
        };
        Self::from_sources(|name| env::var(name).ok(), &file)
    }

    /// The same from any environment and file text.
    pub fn from_sources(environment: impl Fn(&str) -> Option<String>, file: &str) -> anyhow::Result<Self> {
        let file: HashMap<String, toml::Value> = toml::from_str(file).context("carehub.toml cannot be read")?;
        for name in file.keys() {
            if !keys::ALL.iter().any(|key| key.name == name) && !identity_providers::is_setting(name) {
                bail!("carehub.toml: {name} is not a setting (docs/configuration.md lists all)");
            }
        }
        let source = Source { environment: &environment, file: &file };
        let profile = match source.text(&keys::PROFILE).as_deref() {
            Some("production") => Profile::Production,
            Some("development") | None => Profile::Development,
            Some(other) => bail!("CAREHUB_PROFILE is {other:?}: use development or production"),
        };
        let database_url = source.text(&keys::DATABASE_URL).map(SecretString::from);
        if let Some(url) = &database_url {
            check_database(profile, url)?;
        }
        Ok(Self {
            profile,
            bind: source.parsed(&keys::BIND)?,
            port: source.parsed(&keys::PORT)?,
            data_dir: source.text(&keys::DATA_DIR).map(PathBuf::from),
            pg_bin: source.text(&keys::PG_BIN).map(PathBuf::from),
            database_url,
            public_url: source.optional(&keys::PUBLIC_URL)?,
            master_key: source.text(&keys::MASTER_KEY).map(SecretString::from),
            master_key_file: source.text(&keys::MASTER_KEY_FILE).map(PathBuf::from),
            master_keys_old: source.secrets(&keys::MASTER_KEYS_OLD),
            mail: Mail {
                smtp_url: source.text(&keys::SMTP_URL).map(SecretString::from),
                from: source.text(&keys::MAIL_FROM),
            },
            twilio: TwilioSettings::read(&source)?,
            push: PushSettings::read(&source, profile)?,
            notice_grace: channels::notice_grace(&source)?,
            jitsi: JitsiSettings::read(&source, profile)?,
            stripe: StripeSettings::read(&source, profile)?,
            kms: match source.text(&keys::KMS_KEY_ID) {
                Some(key_id) => Some(KmsSettings {
                    key_id,
                    endpoint: source.optional(&keys::KMS_ENDPOINT)?,
                    region: source.parsed(&keys::AWS_REGION)?,
                }),
                None => None,
            },
            files: FileSettings::read(&source, profile)?,
            tombstones: source.text(&keys::TOMBSTONES).map(PathBuf::from),
            audit_checkpoints: source.text(&keys::AUDIT_CHECKPOINTS).map(PathBuf::from),
            log: source.parsed(&keys::LOG)?,
            log_json: source.parsed::<String>(&keys::LOG_FORMAT)? == "json",
            workers: source.optional(&keys::WORKERS)?.unwrap_or_else(default_workers),
            limits: Limits {
                sends_per_minute: source.parsed(&keys::SENDS_PER_MINUTE)?,
                connections_per_user: source.parsed(&keys::CONNECTIONS_PER_USER)?,
                heartbeat: Duration::from_secs(source.parsed(&keys::HEARTBEAT_SECONDS)?),
                window_frames: source.parsed(&keys::WINDOW_FRAMES)?,
                window_bytes: source.parsed(&keys::WINDOW_BYTES)?,
                journal_queue: source.parsed(&keys::JOURNAL_QUEUE)?,
                journal_patience: Duration::from_secs(source.parsed(&keys::JOURNAL_PATIENCE_SECONDS)?),
            },
            edge: Edge::read(&source)?,
            identity_providers: identity_providers::read(&source, profile)?,
            demo_accounts: Vec::new(),
        })
    }
}

impl Config {
    /// Where browsers on this machine reach a hub that listens at `bound`. By name: browsers keep passkeys for names, not
    /// for addresses.
    pub fn page_url(&self, bound: SocketAddr) -> String {
        match &self.public_url {
            Some(url) => url.to_string(),
            None if bound.ip().is_unspecified() || bound.ip() == Ipv4Addr::LOCALHOST => {
                format!("http://localhost:{}/", bound.port())
            }
            None => format!("http://{bound}/"),
        }
    }

    /// Whether it says where the master key is.
    pub fn names_master_key(&self) -> bool {
        self.master_key.is_some() || self.master_key_file.is_some()
    }
}

/// What a practice keeps does not cross a network in the clear.
fn check_database(profile: Profile, url: &SecretString) -> anyhow::Result<()> {
    let target = Target::parse(url).context("DATABASE_URL")?;
    match target.host_in_the_clear() {
        Some(host) if profile == Profile::Production => bail!(
            "DATABASE_URL reaches {host} without TLS. Add sslmode=verify-full, and sslrootcert=FILE where the server's \
             certificate is of an authority of your own"
        ),
        _ => Ok(()),
    }
}

/// Fewer threads than cores: at rest a message passes each thread on its way, and waking one costs more than its work.
fn default_workers() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).div_ceil(2)
}

struct Source<'a> {
    environment: &'a dyn Fn(&str) -> Option<String>,
    file: &'a HashMap<String, toml::Value>,
}

impl Source<'_> {
    /// The environment's word, else the file's, else the default. An empty text is no word.
    fn text(&self, key: &Key) -> Option<String> {
        self.named(key.name).or_else(|| key.default.map(str::to_owned))
    }

    /// The same for a setting whose name is put together.
    fn named(&self, name: &str) -> Option<String> {
        let from_file = || {
            self.file.get(name).map(|value| match value {
                toml::Value::String(text) => text.clone(),
                other => other.to_string(),
            })
        };
        (self.environment)(name).or_else(from_file).filter(|text| !text.is_empty())
    }

    /// Secrets with commas between them.
    fn secrets(&self, key: &Key) -> Vec<SecretString> {
        let text = self.text(key).unwrap_or_default();
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(SecretString::from).collect()
    }

    fn optional<T: FromStr>(&self, key: &Key) -> anyhow::Result<Option<T>> {
        let Some(text) = self.text(key) else { return Ok(None) };
        match text.parse() {
            Ok(value) => Ok(Some(value)),
            Err(_) if key.secret => bail!("{} cannot be read: {}", key.name, key.meaning),
            Err(_) => bail!("{} is {text:?}, which cannot be read: {}", key.name, key.meaning),
        }
    }

    fn parsed<T: FromStr>(&self, key: &Key) -> anyhow::Result<T> {
        self.optional(key)?.with_context(|| format!("{} is not set: {}", key.name, key.meaning))
    }
}
