//! Every setting, with its default and meaning. `docs/configuration.md` is compared with this table by a test.

/// One setting: an environment variable, or the same name in `carehub.toml`.
pub struct Key {
    pub name: &'static str,
    pub default: Option<&'static str>,
    pub secret: bool,
    pub meaning: &'static str,
}

macro_rules! keys {
    ($($ident:ident = $name:literal, $default:expr, $secret:literal, $meaning:literal;)*) => {
        $(#[doc = $meaning] pub const $ident: Key = Key { name: $name, default: $default, secret: $secret, meaning: $meaning };)*
        /// All settings, in the order of the documentation.
        pub const ALL: &[Key] = &[$($ident),*];
    };
}

keys! {
    PROFILE = "CAREHUB_PROFILE", Some("development"), false, "development or production; production refuses demo data and seeding";
    BIND = "CAREHUB_BIND", Some("127.0.0.1"), false, "address to listen on";
    PORT = "CAREHUB_PORT", Some("8080"), false, "port to listen on; 0 takes a free one";
    PUBLIC_URL = "CAREHUB_PUBLIC_URL", None, false, "the hub's address as browsers see it, such as https://portal.example.org; unset: the bound address";
    DATA_DIR = "CAREHUB_DATA_DIR", None, false, "folder of the demo's database and keys; unset: /var/lib/carehub for root, else ~/.local/state/carehub";
    DATABASE_URL = "DATABASE_URL", None, true, "PostgreSQL, as postgres://user:password@host/database or host=… user=… dbname=…; needed by serve";
    PG_BIN = "CAREHUB_PG_BIN", None, false, "folder with PostgreSQL's server programs, for the demo and the tests";
    MASTER_KEY = "CAREHUB_MASTER_KEY", None, true, "32 random bytes in base64 that wrap all data keys; needed by serve, the demo makes its own";
    MASTER_KEY_FILE = "CAREHUB_MASTER_KEY_FILE", None, false, "file with master keys instead, one a line: the first wraps, all unwrap; read again while the hub runs";
    MASTER_KEYS_OLD = "CAREHUB_MASTER_KEYS_OLD", None, true, "further master keys that only unwrap, with commas between them";
    SMTP_URL = "SMTP_URL", None, true, "mail server, as smtps://user:password@host:465 or smtp://user:password@host:587?tls=required; unset: the demo writes e-mails into the folder mail of its data, a production hub keeps them waiting";
    MAIL_FROM = "CAREHUB_MAIL_FROM", None, false, "sender of e-mails, such as Elm Street <portal@example.org>; needed with SMTP_URL";
    TOMBSTONES = "CAREHUB_TOMBSTONES", None, false, "folder in which erasures are written down outside of the database, so that a restored backup stays without them; needed to erase";
    LOG = "CAREHUB_LOG", Some("info"), false, "what is logged, as tracing filter directives";
    LOG_FORMAT = "CAREHUB_LOG_FORMAT", Some("text"), false, "text or json";
    WORKERS = "CAREHUB_WORKERS", None, false, "web worker threads; unset: one for every two cores, since the store needs some, too";
    SENDS_PER_MINUTE = "CAREHUB_SENDS_PER_MINUTE", Some("240"), false, "messages a user may send in a minute, over all connections";
    CONNECTIONS_PER_USER = "CAREHUB_CONNECTIONS_PER_USER", Some("20"), false, "live connections a user may have";
    HEARTBEAT_SECONDS = "CAREHUB_HEARTBEAT_SECONDS", Some("25"), false, "seconds between pings; a connection silent for twice that is closed";
    WINDOW_FRAMES = "CAREHUB_WINDOW_FRAMES", Some("1000"), false, "entries pushed to a connection and not yet confirmed";
    WINDOW_BYTES = "CAREHUB_WINDOW_BYTES", Some("524288"), false, "bytes of entries pushed to a connection and not yet confirmed";
    JOURNAL_QUEUE = "CAREHUB_JOURNAL_QUEUE", Some("20000"), false, "entries that may wait for the store, all threads together";
    JOURNAL_PATIENCE_SECONDS = "CAREHUB_JOURNAL_PATIENCE_SECONDS", Some("10"), false, "seconds after which a send that waits for the store is answered busy";
}
