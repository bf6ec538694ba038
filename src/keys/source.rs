//! Where the master keys come from: the environment, or a file that only its owner may change; as they are, or wrapped by
//! a key management service. Never falls back from one to another: what cannot be read is an error that says what to do.

use super::kms::Kms;
use crate::{
    config::Config,
    crypto::{MasterKey, MasterKeys},
};
use anyhow::{Context, bail};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use secrecy::{ExposeSecret, SecretString};
use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

/// What to say when there is no master key.
pub const MISSING: &str = "CAREHUB_MASTER_KEY is not set, and neither is CAREHUB_MASTER_KEY_FILE. Everything written is \
    sealed under the master key: set it to the installation's, or make one for a new installation with \
    `openssl rand -base64 32`, and keep it safe";

/// Rights that nobody but the owner may have on a file with keys: a group may read it, as containers mount secrets so.
const FORBIDDEN_RIGHTS: u32 = 0o027;
/// A file with keys is not longer.
const MOST_BYTES: u64 = 16 * 1024;

/// Where the master keys come from.
#[derive(Clone, Debug)]
pub struct Source {
    place: Place,
    /// They only unwrap.
    old: Vec<SecretString>,
    /// What the places hold is wrapped by it.
    kms: Option<Arc<Kms>>,
    read: Arc<Mutex<Option<Read>>>,
}

#[derive(Clone, Debug)]
enum Place {
    Given(SecretString),
    /// One key a line; the first wraps, all unwrap. Read again while the hub runs.
    File(PathBuf),
}

/// What was read last: as long as it stays the same, nobody is asked to unwrap it again.
#[derive(Debug)]
struct Read {
    texts: Vec<SecretString>,
    masters: MasterKeys,
}

impl Source {
    /// What the configuration names.
    ///
    /// # Errors
    /// When it names none, or several.
    pub fn of(config: &Config) -> anyhow::Result<Self> {
        let place = match (&config.master_key, &config.master_key_file) {
            (Some(_), Some(_)) => {
                bail!("CAREHUB_MASTER_KEY and CAREHUB_MASTER_KEY_FILE are both set: leave one of them out")
            }
            (Some(key), None) => Place::Given(key.clone()),
            (None, Some(path)) => Place::File(path.clone()),
            (None, None) => bail!(MISSING),
        };
        let kms = config.kms.as_ref().map(Kms::new).transpose()?.map(Arc::new);
        Ok(Self { place, old: config.master_keys_old.clone(), kms, read: Arc::default() })
    }

    /// A key that is at hand.
    pub fn given(key: SecretString) -> Self {
        Self { place: Place::Given(key), old: Vec::new(), kms: None, read: Arc::default() }
    }

    /// Reads them.
    ///
    /// # Errors
    /// What is wrong with which of them, never with its text.
    pub async fn read(&self) -> anyhow::Result<MasterKeys> {
        let texts = self.texts()?;
        let mut read = self.read.lock().await;
        if let Some(read) = read.as_ref().filter(|read| same(&read.texts, &texts)) {
            return Ok(read.masters.clone());
        }
        let mut keys = Vec::with_capacity(texts.len());
        for (text, setting) in texts.iter().zip(self.settings()) {
            keys.push(self.open(text).await.context(setting)?);
        }
        let mut keys = keys.into_iter();
        let masters = MasterKeys::new(keys.next().context(MISSING)?, keys);
        *read = Some(Read { texts, masters: masters.clone() });
        Ok(masters)
    }

    async fn open(&self, text: &SecretString) -> anyhow::Result<MasterKey> {
        match &self.kms {
            Some(kms) => MasterKey::from_bytes(&kms.unwrap(text.expose_secret().trim()).await?),
            None => MasterKey::parse(text),
        }
    }

    /// The keys as they are written down, the one that wraps first.
    fn texts(&self) -> anyhow::Result<Vec<SecretString>> {
        let mut texts = match &self.place {
            Place::Given(key) => vec![key.clone()],
            Place::File(path) => read_file(path).with_context(|| self.place_name())?,
        };
        texts.extend(self.old.iter().cloned());
        Ok(texts)
    }

    /// Where each text stands, for errors.
    fn settings(&self) -> impl Iterator<Item = String> {
        let own = self.texts().map_or(0, |texts| texts.len() - self.old.len());
        let old = "CAREHUB_MASTER_KEYS_OLD, keys with commas between them";
        std::iter::repeat_n(self.place_name(), own).chain(std::iter::repeat(old.to_owned()))
    }

    fn place_name(&self) -> String {
        match &self.place {
            Place::Given(_) => "CAREHUB_MASTER_KEY".to_owned(),
            Place::File(path) => format!("CAREHUB_MASTER_KEY_FILE {}", path.display()),
        }
    }
}

/// In constant time for texts of one length: nobody learns a key from how long this takes.
fn same(these: &[SecretString], those: &[SecretString]) -> bool {
    these.len() == those.len()
        && these.iter().zip(those).all(|(this, that)| {
            let (this, that) = (this.expose_secret().as_bytes(), that.expose_secret().as_bytes());
            verify_slices_are_equal(this, that).is_ok()
        })
}

fn read_file(path: &Path) -> anyhow::Result<Vec<SecretString>> {
    let about = fs::metadata(path)?;
    if about.mode() & FORBIDDEN_RIGHTS != 0 {
        bail!("others than its owner may read or change it (mode {:o}): chmod 600", about.mode() & 0o777);
    }
    if about.len() > MOST_BYTES {
        bail!("it is too long for a file with keys, one a line");
    }
    let text = Zeroizing::new(fs::read_to_string(path)?);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let keys: Vec<SecretString> = lines.map(SecretString::from).collect();
    if keys.is_empty() {
        bail!("there is no key in it: one a line, the first one wraps");
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn key() -> String {
        MasterKey::generate().unwrap().expose_secret().to_owned()
    }

    fn config(lines: &[(&str, &str)]) -> Config {
        let find = |name: &str| lines.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Config::from_sources(find, "").unwrap()
    }

    fn id(key: &str) -> String {
        MasterKey::parse(&key.into()).unwrap().id().to_owned()
    }

    #[tokio::test]
    async fn the_environment_gives_one_key_to_wrap_and_others_to_unwrap() {
        let (new, old, older) = (key(), key(), key());
        let list = format!("{old}, {older}");
        let config = config(&[("CAREHUB_MASTER_KEY", &new), ("CAREHUB_MASTER_KEYS_OLD", &list)]);
        let keys = Source::of(&config).unwrap().read().await.unwrap();
        assert_eq!(keys.current().id(), id(&new));
        let all: Vec<_> = keys.all().map(|master| master.id().to_owned()).collect();
        assert_eq!(all, [id(&new), id(&old), id(&older)]);
    }

    #[tokio::test]
    async fn a_file_gives_one_key_a_line_and_only_to_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        let (first, second) = (key(), key());
        fs::write(&path, format!("# ours\n{first}\n\n{second}\n")).unwrap();
        let source = Source::of(&config(&[("CAREHUB_MASTER_KEY_FILE", path.to_str().unwrap())])).unwrap();
        for mode in [0o644, 0o604, 0o602, 0o620, 0o666] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let refused = format!("{:#}", source.read().await.unwrap_err());
            assert!(refused.contains("chmod 600") && !refused.contains(&first), "{refused}");
        }
        for mode in [0o600, 0o400, 0o440] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let keys = source.read().await.unwrap();
            assert_eq!(keys.current().id(), id(&first));
            assert!(keys.find(&id(&second)).is_some());
        }
    }

    #[tokio::test]
    async fn no_key_two_sources_and_keys_that_are_none_are_refused_without_being_quoted() {
        let none = Source::of(&config(&[])).unwrap_err().to_string();
        assert!(none.contains("openssl rand -base64 32"), "{none}");
        let both = config(&[("CAREHUB_MASTER_KEY", "x"), ("CAREHUB_MASTER_KEY_FILE", "y")]);
        assert!(Source::of(&both).unwrap_err().to_string().contains("leave one of them out"));
        for bad in ["short", "c2hvcnQ=", "not base64 at all, whatever its length may turn out to be"] {
            for lines in [
                [("CAREHUB_MASTER_KEY", bad)].as_slice(),
                &[("CAREHUB_MASTER_KEY", &key()), ("CAREHUB_MASTER_KEYS_OLD", bad)],
            ] {
                let refused = format!("{:#}", Source::of(&config(lines)).unwrap().read().await.unwrap_err());
                assert!(refused.contains("32 random bytes") && !refused.contains(bad), "{refused}");
            }
        }
    }
}
