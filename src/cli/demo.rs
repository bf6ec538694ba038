//! `carehub` without a command: the demo practice, from nothing to a page in a browser. Runs under [`super::supervisor`].

use std::{io::Write, path::Path, sync::Arc};

use anyhow::{Context, bail};
use secrecy::SecretString;
use tokio::task::LocalSet;

use super::{
    block_on,
    installation::{data_folder, start_cluster},
    listen, notice, serve,
};
use crate::{
    accounts::Role,
    clock::Clock,
    config::{Config, DemoAccount, Profile},
    crypto::{Keyring, MasterKeys},
    db,
    dev::{demo, folder::DataFolder, master_key, running::RunningDemo},
    keys,
    objects::Objects,
    telemetry,
};

pub fn run(config: Config) -> anyhow::Result<()> {
    if config.profile == Profile::Production {
        bail!("CAREHUB_PROFILE is production, and the demo's people have a well-known password. Use `carehub serve`");
    }
    if config.database_url.is_some() {
        notice("The demo keeps to its own PostgreSQL; `carehub serve` uses the one that DATABASE_URL names.");
    }
    let folder = data_folder(&config)?;
    refuse_a_second(&folder)?;
    let listener = listen::bind(config.bind, config.port)?;
    telemetry::start(&config);

    let cluster = start_cluster(&config, &folder)?;
    db::migrate(&SecretString::from(cluster.carehub_url()))?;
    let database_url = SecretString::from(cluster.service_url());
    let own_key = master_key::load_or_make(&folder)?;
    let master_key = if config.names_master_key() { config.master_key.clone() } else { Some(own_key) };
    let tombstones = config.tombstones.clone().or_else(|| Some(folder.path().join("tombstones")));
    let audit_checkpoints = config.audit_checkpoints.clone().or_else(|| Some(folder.audit_checkpoints()));
    let config =
        Config { database_url: Some(database_url.clone()), master_key, tombstones, audit_checkpoints, ..config };
    let source = keys::Source::of(&config)?;
    let objects = Objects::new(&config.files, Some(folder.path().to_owned()))?;
    block_on(async { prepare(&database_url, source.read().await?, &objects).await })?;

    let running = RunningDemo {
        pid: std::process::id(),
        database_url: cluster.service_url(),
        page_url: config.page_url(listener.local_addr()?),
    };
    let mut announced = None;
    let mail = config.mail.smtp_url.is_none().then(|| folder.path().join("mail"));
    let (demo_accounts, data_dir) = (accounts(), Some(folder.path().to_owned()));
    let config = Config { demo_accounts, data_dir, ..config };
    let served = serve::serve(config, listener, |_| {
        announced = Some(running.announce(&folder));
        // Whoever closed our output does not want to read it, and the demo goes on.
        let _ = std::io::stdout().write_all(welcome(&running.page_url, &folder, mail.as_deref()).as_bytes());
        if let Some(Err(error)) = &announced {
            notice(&format!("Other commands will not find this demo: {error}"));
        }
    });
    drop(announced);
    cluster.stop();
    if served.is_ok() {
        notice("The demo has stopped; its data is kept.");
    }
    served
}

fn refuse_a_second(folder: &DataFolder) -> anyhow::Result<()> {
    let looked = RunningDemo::find(folder).with_context(|| format!("cannot look into {}", folder.path().display()))?;
    match looked {
        Some(demo) => bail!(
            "the demo runs already, as process {}: {}\nStop it first (Ctrl-C in its terminal), or set CAREHUB_DATA_DIR \
             and CAREHUB_PORT to run a second one",
            demo.pid,
            demo.page_url
        ),
        None => Ok(()),
    }
}

/// Writes the demo's people, and refuses data that another master key has sealed.
async fn prepare(database_url: &SecretString, masters: MasterKeys, objects: &Objects) -> anyhow::Result<()> {
    let mut conn = db::connect(database_url).await?;
    keys::data_key::refuse_foreign_masters(&mut conn, &masters).await?;
    let clock = Clock::system();
    demo::ensure(&mut conn, &masters, &clock).await?;
    let (pool, keyring) = (db::pool(database_url, 2), Arc::new(Keyring::new(masters)));
    let write = demo::ensure_files(&pool, &keyring, objects, &clock);
    LocalSet::new().run_until(write).await
}

/// What the sign-in page shows.
fn accounts() -> Vec<DemoAccount> {
    let account = |person: &demo::people::DemoPerson| DemoAccount {
        name: person.name,
        role: role(person.role).unwrap_or("client"),
        works_for_practice: person.role.is_staff(),
        email: person.email,
        password: demo::PASSWORD,
    };
    demo::PEOPLE.iter().map(account).collect()
}

/// In words; None: a client.
fn role(role: Role) -> Option<&'static str> {
    match role {
        Role::Client => None,
        Role::Clinician => Some("clinician"),
        Role::Staff => Some("front desk"),
        Role::Admin => Some("administrator"),
    }
}

/// `mail` is where e-mails are written, where they are not sent.
fn welcome(page_url: &str, folder: &DataFolder, mail: Option<&Path>) -> String {
    let mut text = format!("\n  {} is open: {page_url}\n\n", demo::PRACTICE_NAME);
    text += &format!("  Everybody's password is  {}\n\n", demo::PASSWORD);
    for (title, staff) in [("Clients", false), ("The practice", true)] {
        text += &format!("  {title}\n");
        for person in demo::PEOPLE.iter().filter(|person| person.role.is_staff() == staff) {
            let role = role(person.role).unwrap_or_default();
            text += format!("    {:<28} {:<22} {role}", person.email, person.name).trim_end();
            text.push('\n');
        }
        text.push('\n');
    }
    if let Some(mail) = mail {
        text += &format!("  E-mails are written into {}.\n", mail.display());
    }
    text += &format!("  The data is kept in {}. Stop with Ctrl-C.\n\n", folder.path().display());
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::SocketAddr;

    fn config(lines: &str) -> Config {
        Config::from_sources(|_| None, lines).unwrap()
    }

    #[test]
    fn the_page_is_named_as_a_browser_reaches_it() {
        let any: SocketAddr = "0.0.0.0:8080".parse().unwrap();
        let six: SocketAddr = "[::1]:9000".parse().unwrap();
        let here: SocketAddr = "127.0.0.1:8080".parse().unwrap();
        assert_eq!(config("").page_url(any), "http://localhost:8080/");
        assert_eq!(config("").page_url(here), "http://localhost:8080/");
        assert_eq!(config("").page_url(six), "http://[::1]:9000/");
        let public = config("CAREHUB_PUBLIC_URL = 'https://portal.example.org'");
        assert_eq!(public.page_url(any), "https://portal.example.org/");
    }

    #[test]
    fn the_demo_is_refused_in_production() {
        let error = run(config("CAREHUB_PROFILE = 'production'")).unwrap_err().to_string();
        assert!(error.contains("carehub serve"), "{error}");
    }

    #[test]
    fn the_welcome_names_page_password_and_people() {
        let folder = DataFolder::at("/data".as_ref()).unwrap();
        let text = welcome("http://localhost:8080/", &folder, Some("/data/mail".as_ref()));
        assert!(
            text.contains("http://localhost:8080/") && text.contains("/data/mail") && text.contains(demo::PASSWORD)
        );
        assert!(demo::PEOPLE.iter().all(|person| text.contains(person.email)));
    }
}
