//! `carehub doctor`: looks at everything the hub needs and says what is missing. It changes nothing.

mod files;

use std::{net::TcpStream, path::Path, process::ExitCode, time::Duration};

use anyhow::Context;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use rustix::process::{Resource, getrlimit};
use secrecy::SecretString;

use super::{
    block_on,
    installation::{data_folder, demo_master_keys},
    listen,
};
use crate::{
    config::{Config, Profile},
    db,
    dev::{
        folder::DataFolder,
        master_key,
        postgres::{OLDEST_MAJOR, find_servers},
        running::RunningDemo,
    },
    keys,
    notify::{push::Vapid, sms::Twilio, transport::Transport},
    server,
};

/// Each connection is a file; below this a busy practice would run out.
const ENOUGH_FILES: u64 = 4_096;
/// A new cluster and its first write-ahead log.
const ENOUGH_DISK: u64 = 200 << 20;

enum Finding {
    Good(String),
    /// The hub runs, but not as well or as long as it could.
    Warning(String),
    /// The hub does not run.
    Missing(String),
}

use Finding::{Good, Missing, Warning};

/// Prints the findings; 1 when one of them keeps the hub from running.
pub fn run() -> ExitCode {
    let findings = match Config::load() {
        Ok(config) => examine(&config),
        Err(error) => vec![Missing(format!("configuration: {error:#}"))],
    };
    for finding in &findings {
        match finding {
            Good(text) => println!("ok       {text}"),
            Warning(text) => println!("warning  {text}"),
            Missing(text) => println!("MISSING  {text}"),
        }
    }
    match findings.iter().any(|finding| matches!(finding, Missing(_))) {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    }
}

fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = vec![Good(match config.profile {
        Profile::Production => "configuration: production".to_owned(),
        Profile::Development => "configuration: development".to_owned(),
    })];
    match &config.database_url {
        Some(url) => {
            findings.extend(database(config.profile, url, keys::Source::of(config)));
            findings.push(port(config, None));
        }
        None if config.profile == Profile::Production => {
            findings.push(Missing("PostgreSQL: DATABASE_URL is not set".to_owned()));
            findings.push(port(config, None));
        }
        None => findings.extend(demo(config)),
    }
    // The demo keeps them in its own folder.
    let demo = config.database_url.is_none().then(|| data_folder(config).ok()).flatten();
    let folder = demo.as_ref().map(DataFolder::path).or(config.data_dir.as_deref());
    findings.extend(files::examine(config, folder));
    findings.extend(tls(config));
    findings.push(mail(config));
    findings.push(text_messages(config));
    findings.push(push_messages(config));
    findings.push(open_files());
    findings
}

/// Whether the hub speaks TLS itself, and can.
fn tls(config: &Config) -> Option<Finding> {
    let files = config.edge.tls.as_ref()?;
    Some(match server::tls::configure(files) {
        Ok(_) => Good(format!("TLS: the certificate in {} and its key fit", files.certificate.display())),
        Err(error) => Missing(format!("TLS: {error:#}")),
    })
}

/// What the demo needs: programs, a folder, a port.
fn demo(config: &Config) -> Vec<Finding> {
    let folder = match data_folder(config) {
        Ok(folder) => folder,
        Err(error) => return vec![Missing(format!("data folder: {error:#}"))],
    };
    let running = RunningDemo::find(&folder).ok().flatten();
    let mut findings = vec![programs(config, &folder), data(&folder)];
    if let Some(demo) = &running {
        findings.push(Good(format!("demo: runs as process {}, {}", demo.pid, demo.page_url)));
        let key = master_key::load(&folder).ok().flatten();
        let url = SecretString::from(demo.database_url.clone());
        let source = demo_master_keys(config, key);
        findings.extend(database(
            config.profile,
            &url,
            source.and_then(|source| source.context(keys::source::MISSING)),
        ));
    }
    findings.push(port(config, running.as_ref()));
    findings
}

fn programs(config: &Config, folder: &DataFolder) -> Finding {
    match find_servers(config.pg_bin.as_deref(), &folder.private_programs()) {
        Err(error) => Missing(format!("PostgreSQL: {error}")),
        Ok(servers) => match servers.into_iter().next() {
            Some(server) => Good(format!("PostgreSQL: version {} in {}", server.major, server.folder.display())),
            None => Warning(format!(
                "PostgreSQL: no server of version {OLDEST_MAJOR} or newer is installed; `carehub` will try to fetch one \
                 (or: apt-get install postgresql)"
            )),
        },
    }
}

fn data(folder: &DataFolder) -> Finding {
    let path = folder.path();
    // What exists decides about what can be made below it.
    let Some(existing) = path.ancestors().find(|ancestor| ancestor.exists()) else {
        return Missing(format!("data folder: {} cannot be made", path.display()));
    };
    if !existing.is_dir() {
        return Missing(format!("data folder: {} is no folder; set CAREHUB_DATA_DIR", existing.display()));
    }
    if rustix::fs::access(existing, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK).is_err() {
        return Missing(format!(
            "data folder: you may not write in {}; set CAREHUB_DATA_DIR to a folder of your own",
            existing.display()
        ));
    }
    match free_space(existing) {
        Some(free) if free < ENOUGH_DISK => {
            Warning(format!("data folder: {} has only {} MiB left", path.display(), free >> 20))
        }
        Some(free) => Good(format!("data folder: {}, {} MiB free", path.display(), free >> 20)),
        None => Good(format!("data folder: {}", path.display())),
    }
}

fn free_space(path: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(path).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// What is asked of a database that is there.
fn database(profile: Profile, url: &SecretString, source: anyhow::Result<keys::Source>) -> Vec<Finding> {
    let masters = source.and_then(|source| block_on(source.read()));
    let mut findings = Vec::new();
    let examined = block_on(async {
        let mut conn = db::connect(url).await?;
        findings.push(version(&mut conn).await?);
        findings.push(match db::check_durability(&mut conn).await {
            Ok(()) => Good("durability: fsync, full_page_writes and synchronous_commit are on".to_owned()),
            Err(error) => Missing(format!("durability: {error:#}")),
        });
        let has_schema = has_schema(&mut conn).await?;
        if has_schema {
            findings.push(role(profile, &mut conn).await?);
        }
        if let (Ok(masters), true) = (&masters, has_schema) {
            findings.push(match keys::data_key::refuse_foreign_masters(&mut conn, masters).await {
                Ok(()) => Good(format!("master key: {}", masters.current().id())),
                Err(error) => Missing(format!("master key: {error:#}")),
            });
        }
        Ok(has_schema)
    });
    if let Err(error) = &masters {
        findings.push(Missing(format!("master key: {error:#}")));
    }
    findings.push(match examined {
        Err(error) => Missing(format!("PostgreSQL: {error:#}")),
        Ok(false) => Missing("schema: there is none yet; run `carehub migrate`".to_owned()),
        Ok(true) => match db::pending_migrations(url) {
            Ok(pending) if pending.is_empty() => Good("schema: up to date".to_owned()),
            Ok(pending) => Missing(format!(
                "schema: {} steps are missing ({}); run `carehub migrate`",
                pending.len(),
                pending.join(", ")
            )),
            Err(error) => Missing(format!("schema: {error:#}")),
        },
    });
    findings
}

async fn version(conn: &mut AsyncPgConnection) -> anyhow::Result<Finding> {
    let version: i32 = setting(conn, "current_setting('server_version_num')::integer").await?;
    let major = version / 10_000;
    Ok(match u32::try_from(major).is_ok_and(|major| major >= OLDEST_MAJOR) {
        true => Good(format!("PostgreSQL: reachable, version {major}")),
        false => Missing(format!("PostgreSQL: version {major}; Carehub needs {OLDEST_MAJOR} or newer")),
    })
}

/// Whether the hub could change or remove what is only ever added to.
async fn role(profile: Profile, conn: &mut AsyncPgConnection) -> anyhow::Result<Finding> {
    let complaint = db::role::complaint(conn).await;
    Ok(match complaint.map_err(|error| anyhow::anyhow!("asking PostgreSQL: {}", db::describe(&error)))? {
        None => Good("role: adds to the audit log, and can neither change nor remove what is there".to_owned()),
        Some(text) if profile == Profile::Production => Missing(format!("role: {text}")),
        Some(text) => Warning(format!("role: {text}")),
    })
}

async fn setting(conn: &mut AsyncPgConnection, expression: &str) -> anyhow::Result<i32> {
    let expression = diesel::dsl::sql::<diesel::sql_types::Integer>(expression);
    let value = diesel::select(expression).get_result(conn).await;
    value.map_err(|error| anyhow::anyhow!("asking PostgreSQL: {}", db::describe(&error)))
}

/// Whether any migration has run here; asking about pending ones would make their table.
async fn has_schema(conn: &mut AsyncPgConnection) -> anyhow::Result<bool> {
    let count = setting(conn, "(to_regclass('__diesel_schema_migrations') IS NOT NULL)::integer").await?;
    Ok(count == 1)
}

fn port(config: &Config, running: Option<&RunningDemo>) -> Finding {
    match listen::bind(config.bind, config.port) {
        Ok(_) => Good(format!("port: {} on {} is free", config.port, config.bind)),
        Err(_) if running.is_some_and(|demo| serves(&demo.page_url)) => {
            Good(format!("port: {} on {} is the running demo's", config.port, config.bind))
        }
        Err(error) => Missing(format!("port: {error:#}")),
    }
}

/// Whether the demo's page is at the port that was asked for.
fn serves(page_url: &str) -> bool {
    let address = url::Url::parse(page_url).ok().and_then(|url| url.socket_addrs(|| None).ok());
    let mut addresses = address.into_iter().flatten();
    addresses.any(|address| TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok())
}

/// Whether e-mails can leave. Looks at the settings only: nobody is written to for a test.
fn mail(config: &Config) -> Finding {
    // The library wants a runtime to make, and to drop, what it would send with.
    let set = block_on(async { Ok(Transport::to_server(config)?.is_some()) });
    match set {
        Err(error) => Missing(format!("e-mail: {error:#}")),
        Ok(true) => Good("e-mail: goes to the mail server of SMTP_URL".to_owned()),
        Ok(false) if config.profile == Profile::Production => {
            Missing("e-mail: SMTP_URL is not set; links to confirm addresses and to choose passwords wait".to_owned())
        }
        Ok(false) => Warning("e-mail: SMTP_URL is not set; the demo writes e-mails into files".to_owned()),
    }
}

/// Whether text messages can leave, and reports come back. Looks at the settings only: nobody is written to for a test.
fn text_messages(config: &Config) -> Finding {
    let set = block_on(async { Twilio::new(&config.twilio, config.profile) });
    let reached = config.public_url.as_ref().is_some_and(|url| url.scheme() == "https");
    match set {
        Err(error) => Missing(format!("text messages: {error:#}")),
        Ok(Some(_)) if reached => Good("text messages: go to Twilio, which reports back".to_owned()),
        Ok(Some(_)) => Warning(
            "text messages: go to Twilio; whether they arrive is not known and STOP is not heard until \
             CAREHUB_PUBLIC_URL is set to an https:// address"
                .to_owned(),
        ),
        Ok(None) => Warning(
            "text messages: TWILIO_ACCOUNT_SID is not set; emergencies call people by e-mail and push alone".to_owned(),
        ),
    }
}

/// Whether browsers can be woken. They need a page over TLS to subscribe.
fn push_messages(config: &Config) -> Finding {
    let key = config.push.private_key.as_ref().map(Vapid::from_private).transpose();
    let secure = config.public_url.as_ref().map_or(config.edge.tls.is_some(), |url| url.scheme() == "https");
    match key {
        Err(error) => Missing(format!("push messages: CAREHUB_VAPID_PRIVATE_KEY: {error:#}")),
        Ok(_) if !secure && config.profile == Profile::Production => {
            Warning("push messages: browsers subscribe only at an https:// address; set CAREHUB_PUBLIC_URL".to_owned())
        }
        Ok(Some(_)) => Good("push messages: signed with CAREHUB_VAPID_PRIVATE_KEY".to_owned()),
        Ok(None) => Good("push messages: signed with a key that the hub makes and keeps sealed".to_owned()),
    }
}

fn open_files() -> Finding {
    // The hub takes what it may have.
    let limit = getrlimit(Resource::Nofile).maximum;
    match limit {
        Some(limit) if limit < ENOUGH_FILES => Warning(format!(
            "open files: {limit}, and each connection takes one; raise the limit (ulimit -Hn 65536 as root, or \
             LimitNOFILE=65536 in the systemd unit)"
        )),
        Some(limit) => Good(format!("open files: {limit}")),
        None => Good("open files: unlimited".to_owned()),
    }
}
