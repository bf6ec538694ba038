//! Whether files that people hand in can be kept: the folder, the bucket, the virus scanner. Asks each of them something
//! that changes nothing.

use super::{
    ENOUGH_DISK,
    Finding::{self, Good, Missing, Warning},
    free_space,
};
use crate::{
    config::{Config, Profile, files::Clamd},
    objects::{
        scan::{Scanner, Verdict},
        vault::Vault,
    },
};
use bytes::Bytes;
use std::{path::Path, time::Duration};
use tokio::time::timeout;

/// Who takes longer is away.
const PATIENCE: Duration = Duration::from_secs(10);

/// Looks at all of it. `data_folder`: where files are kept where nothing else is said.
pub fn examine(config: &Config, data_folder: Option<&Path>) -> Vec<Finding> {
    let folder = config.files.folder.clone().or_else(|| data_folder.map(|folder| folder.join("objects")));
    let mut findings = vec![match &folder {
        Some(folder) => place(folder),
        None => Missing("files: there is no folder for them; set CAREHUB_OBJECTS, or CAREHUB_DATA_DIR".to_owned()),
    }];
    findings.extend(bucket(config, folder.as_deref()));
    findings.push(scanner(config));
    findings
}

/// Files pass through it on their way in, and stay there where there is no bucket.
fn place(folder: &Path) -> Finding {
    // What exists decides about what can be made below it.
    let Some(existing) = folder.ancestors().find(|ancestor| ancestor.exists()) else {
        return Missing(format!("files: {} cannot be made", folder.display()));
    };
    if !existing.is_dir() {
        return Missing(format!("files: {} is no folder; set CAREHUB_OBJECTS", existing.display()));
    }
    if rustix::fs::access(existing, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK).is_err() {
        return Missing(format!("files: you may not write in {}; set CAREHUB_OBJECTS", existing.display()));
    }
    match free_space(existing) {
        Some(free) if free < ENOUGH_DISK => {
            Warning(format!("files: {} has only {} MiB left", folder.display(), free >> 20))
        }
        _ => Good(format!("files: pass through {}", folder.display())),
    }
}

fn bucket(config: &Config, folder: Option<&Path>) -> Option<Finding> {
    let bucket = config.files.bucket.as_ref()?;
    let answers = super::block_on(async {
        let vault = Vault::new(folder.map(Path::to_owned), Some(bucket))?;
        Ok(timeout(PATIENCE, vault.answers()).await??)
    });
    Some(match answers {
        Ok(()) => Good(format!("files: kept in the bucket {}, which answers", bucket.name)),
        Err(_) => Missing(format!(
            "files: the bucket {} does not answer, or refuses; look at S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY_ID and \
             S3_SECRET_ACCESS_KEY",
            bucket.name
        )),
    })
}

fn scanner(config: &Config) -> Finding {
    let Some(clamd) = &config.files.clamav else {
        let text = "files: no virus scanner looks at them; set CAREHUB_CLAMAV to a ClamAV daemon".to_owned();
        return if config.profile == Profile::Production { Warning(text) } else { Good(text) };
    };
    let at = match clamd {
        Clamd::Address(address) => address.clone(),
        Clamd::Socket(path) => path.display().to_string(),
    };
    let verdict = super::block_on(async {
        let scan = Scanner::new(clamd.clone()).begin();
        scan.push(Bytes::from_static(b"words")).await;
        Ok(timeout(PATIENCE, scan.finish()).await.unwrap_or(Verdict::Away))
    });
    match verdict {
        Ok(Verdict::Clean) => Good(format!("files: the virus scanner at {at} looks at them")),
        _ => Missing(format!(
            "files: the virus scanner at {at} does not answer, so that no file is taken; start it, or look at CAREHUB_CLAMAV"
        )),
    }
}
