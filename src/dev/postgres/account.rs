//! Which user of the machine PostgreSQL runs as: it refuses to be root, so root lends it to another one.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use super::error::ClusterError;

/// A user of the machine other than ourselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
}

/// The user that PostgreSQL runs as: `None` is ourselves. `existing` is the cluster, where there is one; its owner runs
/// it, for PostgreSQL accepts no other.
pub fn server_account(existing: &Path) -> Result<Option<Account>, ClusterError> {
    let owner = match fs::metadata(existing) {
        Ok(metadata) => Some((metadata.uid(), metadata.gid())),
        Err(_) => None,
    };
    let me = rustix::process::geteuid();
    if !me.is_root() {
        return match owner {
            Some((uid, _)) if uid != me.as_raw() => {
                Err(ClusterError::ForeignOwner { folder: existing.to_owned(), owner: uid })
            }
            _ => Ok(None),
        };
    }
    let passwd = fs::read_to_string("/etc/passwd").map_err(ClusterError::io("reading", "/etc/passwd"))?;
    let accounts: Vec<Account> = passwd.lines().filter_map(parse).collect();
    choose(&accounts, owner).map(Some).ok_or(ClusterError::NoAccount)
}

fn choose(accounts: &[Account], owner: Option<(u32, u32)>) -> Option<Account> {
    if let Some((uid, gid)) = owner.filter(|(uid, _)| *uid != 0) {
        let known = accounts.iter().find(|account| account.uid == uid).cloned();
        return Some(known.unwrap_or_else(|| Account { name: uid.to_string(), uid, gid }));
    }
    ["postgres", "nobody"].iter().find_map(|name| accounts.iter().find(|account| account.name == *name).cloned())
}

fn parse(line: &str) -> Option<Account> {
    let mut fields = line.split(':');
    let name = fields.next()?.to_owned();
    let uid = fields.nth(1)?.parse().ok()?;
    let gid = fields.next()?.parse().ok()?;
    Some(Account { name, uid, gid })
}

impl Account {
    /// An error naming the first folder above `path` that this user may not pass through.
    pub fn must_reach(&self, path: &Path) -> Result<(), ClusterError> {
        match path.ancestors().skip(1).find(|folder| self.is_kept_out_of(folder)) {
            None => Ok(()),
            Some(blocked_by) => Err(ClusterError::Unreachable {
                path: path.to_owned(),
                blocked_by: PathBuf::from(blocked_by),
                account: self.name.clone(),
            }),
        }
    }

    fn is_kept_out_of(&self, folder: &Path) -> bool {
        // A folder that is not there yet is made by us, passable.
        fs::metadata(folder).is_ok_and(|data| !self.may_pass(data.uid(), data.gid(), data.mode()))
    }

    /// The classic permission bits; a process of this user has no supplementary groups.
    fn may_pass(&self, owner: u32, group: u32, mode: u32) -> bool {
        let execute = match () {
            () if owner == self.uid => 0o100,
            () if group == self.gid => 0o010,
            () => 0o001,
        };
        mode & execute != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\n\
        nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n\
        postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash\n\
        broken line\n";

    fn accounts() -> Vec<Account> {
        PASSWD.lines().filter_map(parse).collect()
    }

    #[test]
    fn root_lends_the_server_to_postgres_or_to_nobody() {
        assert_eq!(choose(&accounts(), None).unwrap().name, "postgres");
        let without: Vec<_> = accounts().into_iter().filter(|account| account.name != "postgres").collect();
        assert_eq!(choose(&without, None).unwrap().uid, 65534);
        assert_eq!(choose(&[], None), None);
    }

    #[test]
    fn a_cluster_is_run_by_its_owner() {
        assert_eq!(choose(&accounts(), Some((65534, 65534))).unwrap().name, "nobody");
        let unknown = choose(&accounts(), Some((1000, 1001))).unwrap();
        assert_eq!((unknown.uid, unknown.gid, unknown.name.as_str()), (1000, 1001, "1000"));
    }

    #[test]
    fn the_permission_bits_decide_who_passes() {
        let postgres = choose(&accounts(), None).unwrap();
        assert!(!postgres.may_pass(0, 0, 0o700), "/root");
        assert!(postgres.may_pass(0, 0, 0o711));
        assert!(postgres.may_pass(0, 104, 0o710), "its group");
        assert!(!postgres.may_pass(101, 104, 0o077), "the owner's own bits count, nobody else's");
    }
}
