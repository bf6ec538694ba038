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
    DATABASE_URL = "DATABASE_URL", None, true, "PostgreSQL, as postgres://user:password@host/database or host=… user=… dbname=…, with sslmode=verify-full for TLS; needed by serve";
    PG_BIN = "CAREHUB_PG_BIN", None, false, "folder with PostgreSQL's server programs, for the demo and the tests";
    MASTER_KEY = "CAREHUB_MASTER_KEY", None, true, "32 random bytes in base64 that wrap all data keys; needed by serve, the demo makes its own";
    MASTER_KEY_FILE = "CAREHUB_MASTER_KEY_FILE", None, false, "file with master keys instead, one a line: the first wraps, all unwrap; read again while the hub runs";
    MASTER_KEYS_OLD = "CAREHUB_MASTER_KEYS_OLD", None, true, "further master keys that only unwrap, with commas between them";
    SMTP_URL = "SMTP_URL", None, true, "mail server, as smtps://user:password@host:465 or smtp://user:password@host:587?tls=required; unset: the demo writes e-mails into the folder mail of its data, a production hub keeps them waiting";
    MAIL_FROM = "CAREHUB_MAIL_FROM", None, false, "sender of e-mails, such as Elm Street <portal@example.org>; needed with SMTP_URL";
    TWILIO_ACCOUNT_SID = "TWILIO_ACCOUNT_SID", None, false, "account at Twilio that text messages are sent from; unset: there are none";
    TWILIO_AUTH_TOKEN = "TWILIO_AUTH_TOKEN", None, true, "the account's token; needed with TWILIO_ACCOUNT_SID";
    TWILIO_FROM = "TWILIO_FROM", None, false, "the number (+15125550123), short code or messaging service (MG…) that text messages come from; needed with TWILIO_ACCOUNT_SID; its webhooks for incoming messages are <public address>/hooks/twilio/inbound";
    TWILIO_API_URL = "TWILIO_API_URL", None, false, "where Twilio's API is, for tests; a hub in production speaks to public addresses over TLS alone";
    VAPID_PRIVATE_KEY = "CAREHUB_VAPID_PRIVATE_KEY", None, true, "key that signs web push: 32 bytes in URL-safe base64; unset: made once and kept sealed in the store";
    PUSH_CONTACT = "CAREHUB_PUSH_CONTACT", None, false, "where makers of browsers may write to about push messages, such as mailto:it@example.org; unset: the sender of e-mails, or the public address";
    NOTICE_GRACE_SECONDS = "CAREHUB_NOTICE_GRACE_SECONDS", Some("300"), false, "seconds that a message may lie unread, or untaken, before anybody is told of it; up to a day";
    OUTGOING_LOOPBACK = "CAREHUB_OUTGOING_LOOPBACK", Some("false"), false, "true: push messages may go to servers on this machine, for tests; refused in production";
    JITSI_URL = "JITSI_URL", None, false, "server of video rooms for appointments, such as https://meet.example.org; unset: clinicians give links of their own";
    JITSI_APP_ID = "JITSI_APP_ID", None, false, "what the Jitsi server calls this hub; needed with JITSI_URL";
    JITSI_APP_SECRET = "JITSI_APP_SECRET", None, true, "the secret that signs its tokens (HS256); needed with JITSI_URL";
    STRIPE_SECRET_KEY = "CAREHUB_STRIPE_SECRET_KEY", None, true, "key of the account at Stripe that takes payments by card (sk_… or, with less rights, rk_…); unset: the portal says how else the practice takes payment";
    STRIPE_PUBLISHABLE_KEY = "CAREHUB_STRIPE_PUBLISHABLE_KEY", None, false, "the account's key for browsers (pk_…); needed with CAREHUB_STRIPE_SECRET_KEY";
    STRIPE_WEBHOOK_SECRETS = "CAREHUB_STRIPE_WEBHOOK_SECRETS", None, true, "what Stripe signs its events to <public address>/hooks/stripe with (whsec_…); two with a comma between them while it is replaced; needed with CAREHUB_STRIPE_SECRET_KEY";
    STRIPE_API_URL = "CAREHUB_STRIPE_API_URL", None, false, "where Stripe's API is, for tests; a hub in production speaks to public addresses over TLS alone";
    STRIPE_JS_URL = "CAREHUB_STRIPE_JS_URL", Some("https://js.stripe.com/v3/"), false, "where browsers load Stripe's script from, on the pages that take a card alone";
    KMS_KEY_ID = "CAREHUB_KMS_KEY_ID", None, false, "key of an AWS KMS that wraps the master keys: the settings above then hold what `carehub keys generate` printed; credentials as AWS programs find them (AWS_ACCESS_KEY_ID, profiles, roles)";
    KMS_ENDPOINT = "AWS_ENDPOINT_URL_KMS", None, false, "address of the KMS, where it is not AWS's own";
    AWS_REGION = "AWS_REGION", Some("us-east-1"), false, "region of the KMS";
    OBJECTS = "CAREHUB_OBJECTS", None, false, "folder of the files that people hand in, sealed; unset: objects in the data folder";
    S3_BUCKET = "S3_BUCKET", None, false, "bucket that keeps those files in place of the folder, which then holds them only on their way in";
    S3_ENDPOINT = "S3_ENDPOINT", None, false, "address of the store, where it is not AWS's own; plain http is refused in production";
    S3_REGION = "S3_REGION", Some("us-east-1"), false, "region of the bucket";
    S3_ACCESS_KEY_ID = "S3_ACCESS_KEY_ID", None, false, "who the hub is to the store; unset: credentials as AWS programs find them on their machines";
    S3_SECRET_ACCESS_KEY = "S3_SECRET_ACCESS_KEY", None, true, "how the hub proves itself to the store; needed with S3_ACCESS_KEY_ID";
    CLAMAV = "CAREHUB_CLAMAV", None, false, "virus scanner that sees every file before it is kept: the address of a clamd, such as 127.0.0.1:3310 or /run/clamav/clamd.ctl; unset: files are not scanned";
    UPLOAD_QUOTA = "CAREHUB_UPLOAD_QUOTA_MIB", Some("1024"), false, "MiB of files that a user may hand in within 24 hours";
    TOMBSTONES = "CAREHUB_TOMBSTONES", None, false, "folder in which erasures are written down outside of the database, so that a restored backup stays without them; needed to erase";
    AUDIT_CHECKPOINTS = "CAREHUB_AUDIT_CHECKPOINTS", None, false, "folder outside of the database for the audit log's signed checkpoints; needed by serve in production, the demo keeps them beside its data";
    OIDC_PROVIDERS = "OIDC_PROVIDERS", None, false, "identity providers through which people may sign in (OpenID Connect), by names of your choice with commas between them, such as google, cognito";
    OIDC_ISSUER = "OIDC_<NAME>_ISSUER", None, false, "the issuer of the provider of this name, in capitals here: OIDC_GOOGLE_ISSUER=https://accounts.google.com; its redirect addresses are /api/v1/portal/auth/oidc/<name>/callback and the same with ehr";
    OIDC_CLIENT_ID = "OIDC_<NAME>_CLIENT_ID", None, false, "what the provider calls this hub";
    OIDC_CLIENT_SECRET = "OIDC_<NAME>_CLIENT_SECRET", None, true, "how the hub proves itself to the provider";
    LOG = "CAREHUB_LOG", Some("info"), false, "what is logged, as tracing filter directives; libraries are never logged below info, because they quote what passes through";
    LOG_FORMAT = "CAREHUB_LOG_FORMAT", Some("text"), false, "text or json";
    WORKERS = "CAREHUB_WORKERS", None, false, "web worker threads; unset: one for every two cores, since the store needs some, too";
    SENDS_PER_MINUTE = "CAREHUB_SENDS_PER_MINUTE", Some("240"), false, "messages a user may send in a minute, over all connections";
    CONNECTIONS_PER_USER = "CAREHUB_CONNECTIONS_PER_USER", Some("20"), false, "live connections a user may have";
    HEARTBEAT_SECONDS = "CAREHUB_HEARTBEAT_SECONDS", Some("25"), false, "seconds between pings; a connection silent for twice that is closed";
    WINDOW_FRAMES = "CAREHUB_WINDOW_FRAMES", Some("1000"), false, "entries pushed to a connection and not yet confirmed";
    WINDOW_BYTES = "CAREHUB_WINDOW_BYTES", Some("524288"), false, "bytes of entries pushed to a connection and not yet confirmed";
    JOURNAL_QUEUE = "CAREHUB_JOURNAL_QUEUE", Some("20000"), false, "entries that may wait for the store, all threads together";
    JOURNAL_PATIENCE_SECONDS = "CAREHUB_JOURNAL_PATIENCE_SECONDS", Some("10"), false, "seconds after which a send that waits for the store is answered busy";
    TRUSTED_PROXIES = "CAREHUB_TRUSTED_PROXIES", None, false, "addresses and networks of reverse proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8, 192.0.2.7";
    TLS_CERT = "CAREHUB_TLS_CERT", None, false, "file with the certificate chain as PEM: the hub then speaks TLS itself; read again when it changes";
    TLS_KEY = "CAREHUB_TLS_KEY", None, false, "file with the certificate's private key as PEM";
    ALLOWED_ORIGINS = "CAREHUB_ALLOWED_ORIGINS", None, false, "origins of other sites whose pages may call the API with a bearer token, such as https://app.example.org; never with a cookie";
    ADMIN_ADDRESSES = "CAREHUB_ADMIN_ADDRESSES", None, false, "addresses and networks from which administration is reached; unset: from everywhere";
    OPERATOR_ADDRESSES = "CAREHUB_OPERATOR_ADDRESSES", Some("127.0.0.0/8, ::1"), false, "addresses and networks that see /metrics and the details of /readyz";
    SIGN_INS_PER_MINUTE = "CAREHUB_SIGN_INS_PER_MINUTE", Some("20"), false, "tries to sign in, register or recover that an address may make in a minute";
    LINKS_PER_MINUTE = "CAREHUB_LINKS_PER_MINUTE", Some("60"), false, "how often an address may follow or use links that acknowledge emergencies in a minute, whatever else it does";
    CALLS_PER_MINUTE = "CAREHUB_CALLS_PER_MINUTE", Some("600"), false, "calls by REST that a user may make in a minute";
    CALLS_PER_MINUTE_AND_ADDRESS = "CAREHUB_CALLS_PER_MINUTE_AND_ADDRESS", Some("6000"), false, "calls by REST that an address may make in a minute, all users together";
    CONNECTIONS_PER_ADDRESS = "CAREHUB_CONNECTIONS_PER_ADDRESS", None, false, "connections that an address may have, proxies excepted; unset: 1000, and any number from this machine itself";
}
