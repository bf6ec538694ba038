//! Which database a command works on: the one that `DATABASE_URL` names, else that of the demo that runs, else the
//! demo's own, started for as long as the command takes.

use std::path::PathBuf;

use anyhow::{Context, bail};
use secrecy::SecretString;

use super::{block_on, notice};
use crate::{
    config::{Config, Profile},
    crypto::MasterKeys,
    db,
    dev::{
        folder::DataFolder,
        master_key,
        postgres::{Cluster, ClusterOptions},
        running::RunningDemo,
    },
    keys,
};

/// A database with its master key, for the time of a command.
pub struct Installation {
    pub database_url: SecretString,
    master_keys: Option<keys::Source>,
    /// Of the demo, beside its data.
    own_checkpoints: Option<PathBuf>,
    /// Held so that it stops when the command is over.
    _cluster: Option<Cluster>,
}

impl Installation {
    /// Finds the database, or starts the demo's.
    pub fn open(config: &Config) -> anyhow::Result<Self> {
        if let Some(url) = &config.database_url {
            let master_keys = demo_master_keys(config, None)?;
            return Ok(Self { database_url: url.clone(), master_keys, own_checkpoints: None, _cluster: None });
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
                master_keys: demo_master_keys(config, master_key::load(&folder)?)?,
                own_checkpoints: Some(folder.audit_checkpoints()),
                _cluster: None,
            });
        }
        notice(&format!("No demo is running; working on its data in {}.", folder.path().display()));
        let cluster = start_cluster(config, &folder)?;
        db::migrate(&SecretString::from(cluster.carehub_url()))?;
        let database_url = SecretString::from(cluster.service_url());
        let master_keys = demo_master_keys(config, Some(master_key::load_or_make(&folder)?))?;
        let own_checkpoints = Some(folder.audit_checkpoints());
        Ok(Self { database_url, master_keys, own_checkpoints, _cluster: Some(cluster) })
    }

    /// Where the audit log's checkpoints are kept, where that is known.
    pub fn audit_checkpoints(&self, config: &Config) -> Option<PathBuf> {
        config.audit_checkpoints.clone().or_else(|| self.own_checkpoints.clone().filter(|folder| folder.exists()))
    }

    /// The master keys, for commands that seal or sign.
    pub fn master_keys(&self) -> anyhow::Result<MasterKeys> {
        block_on(self.master_keys.as_ref().context(keys::source::MISSING)?.read())
    }
}

/// What was set wins over the demo's own.
pub fn demo_master_keys(config: &Config, own: Option<SecretString>) -> anyhow::Result<Option<keys::Source>> {
    match (config.names_master_key(), own) {
        (false, own) => Ok(own.map(keys::Source::given)),
        (true, _) => keys::Source::of(config).map(Some),
    }
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
