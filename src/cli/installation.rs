//! Which database a command works on: the one that `DATABASE_URL` names, else that of the demo that runs, else the
//! demo's own, started for as long as the command takes.

use anyhow::{Context, bail};
use secrecy::SecretString;

use super::notice;
use crate::{
    config::{Config, Profile},
    crypto::MasterKey,
    db,
    dev::{
        folder::DataFolder,
        master_key,
        postgres::{Cluster, ClusterOptions},
        running::RunningDemo,
    },
};

/// A database with its master key, for the time of a command.
pub struct Installation {
    pub database_url: SecretString,
    master_key: Option<SecretString>,
    /// Held so that it stops when the command is over.
    _cluster: Option<Cluster>,
}

impl Installation {
    /// Finds the database, or starts the demo's.
    pub fn open(config: &Config) -> anyhow::Result<Self> {
        if let Some(url) = &config.database_url {
            return Ok(Self { database_url: url.clone(), master_key: config.master_key.clone(), _cluster: None });
        }
        if config.profile == Profile::Production {
            bail!("DATABASE_URL is not set. A production configuration says which PostgreSQL holds its data");
        }
        let folder = data_folder(config)?;
        let running =
            RunningDemo::find(&folder).with_context(|| format!("cannot look into {}", folder.path().display()))?;
        if let Some(demo) = running {
            return Ok(Self {
                database_url: demo.database_url.into(),
                master_key: demo_master_key(config, master_key::load(&folder)?),
                _cluster: None,
            });
        }
        notice(&format!("No demo is running; working on its data in {}.", folder.path().display()));
        let cluster = start_cluster(config, &folder)?;
        db::migrate(&SecretString::from(cluster.carehub_url()))?;
        let database_url = SecretString::from(cluster.service_url());
        let master_key = demo_master_key(config, Some(master_key::load_or_make(&folder)?));
        Ok(Self { database_url, master_key, _cluster: Some(cluster) })
    }

    /// The master key, for commands that seal or sign.
    pub fn master_key(&self) -> anyhow::Result<MasterKey> {
        let text = self.master_key.as_ref().context(MASTER_KEY_MISSING)?;
        MasterKey::parse(text)
    }
}

/// What to say when there is no master key.
pub const MASTER_KEY_MISSING: &str = "CAREHUB_MASTER_KEY is not set. Everything written is sealed under it: set it to the \
    installation's key, or make one for a new installation with `openssl rand -base64 32`, and keep it safe";

/// A key that was set wins over the demo's own.
pub fn demo_master_key(config: &Config, own: Option<SecretString>) -> Option<SecretString> {
    config.master_key.clone().or(own)
}

/// The folder of the demo's data.
pub fn data_folder(config: &Config) -> anyhow::Result<DataFolder> {
    let path = match &config.data_dir {
        Some(path) => path.clone(),
        None => DataFolder::default_path()?,
    };
    DataFolder::at(&path).with_context(|| format!("CAREHUB_DATA_DIR is {}", path.display()))
}

/// Starts the demo's cluster.
pub fn start_cluster(config: &Config, folder: &DataFolder) -> anyhow::Result<Cluster> {
    let options = ClusterOptions { folder: folder.clone(), programs: config.pg_bin.clone(), may_install: true, notice };
    Ok(Cluster::start(&options)?)
}
