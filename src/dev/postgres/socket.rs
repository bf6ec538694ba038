//! The folder of the unix socket: inside the data folder, or in a private folder below `/tmp` where that path is too
//! long for a socket or has characters that PostgreSQL's settings and clients would have to escape.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, MetadataExt, chown},
    path::{Path, PathBuf},
};

use super::{account::Account, error::ClusterError};

/// A socket's path has 107 bytes on Linux and 103 on macOS; PostgreSQL adds `/.s.PGSQL.5432`.
const LONGEST_FOLDER: usize = 103 - "/.s.PGSQL.5432".len();

/// Makes the folder for the socket of the cluster in `home`, which belongs to the server's user.
pub fn make_folder(home: &Path, account: Option<&Account>) -> Result<PathBuf, ClusterError> {
    let preferred = home.join("socket");
    let folder = if fits(&preferred) { preferred } else { substitute(home) };
    let me = rustix::process::geteuid().as_raw();
    let owner = account.map_or(me, |account| account.uid);
    match fs::DirBuilder::new().mode(0o700).create(&folder) {
        Ok(()) => {
            if let Some(account) = account {
                chown(&folder, Some(account.uid), Some(account.gid))
                    .map_err(ClusterError::io("handing over", &folder))?;
            }
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(ClusterError::io("making", &folder)(error)),
    }
    // Below /tmp anybody may have been here first, perhaps with a link.
    let found = fs::symlink_metadata(&folder).map_err(ClusterError::io("looking at", &folder))?;
    if !found.is_dir() || found.uid() != owner || found.mode() & 0o077 != 0 {
        return Err(ClusterError::ForeignOwner { folder, owner: found.uid() });
    }
    Ok(folder)
}

fn fits(folder: &Path) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-".contains(byte);
    let bytes = folder.as_os_str().as_encoded_bytes();
    bytes.len() <= LONGEST_FOLDER && bytes.iter().all(plain)
}

/// One short folder for each long one, the same at every start.
fn substitute(home: &Path) -> PathBuf {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, home.as_os_str().as_encoded_bytes());
    let name: String = digest.as_ref()[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    Path::new("/tmp").join(format!("carehub-{name}"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_long_or_odd_path_gets_a_short_plain_one() {
        let long = PathBuf::from(format!("/var/{}", "x".repeat(120)));
        for home in [long.as_path(), Path::new("/home/ann/my data"), Path::new("/srv/a,b")] {
            assert!(!fits(&home.join("socket")));
            assert!(fits(&substitute(home)));
            assert_eq!(substitute(home), substitute(home));
        }
        assert!(fits(Path::new("/var/lib/carehub/postgres/socket")));
        assert_ne!(substitute(Path::new("/a b")), substitute(Path::new("/a c")));
    }

    #[test]
    fn a_folder_that_others_prepared_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let made = make_folder(place.path(), None).unwrap();
        assert_eq!(make_folder(place.path(), None).unwrap(), made, "again at the next start");

        fs::set_permissions(&made, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(make_folder(place.path(), None).is_err(), "open to everybody");

        fs::remove_dir(&made).unwrap();
        symlink("/tmp", &made).unwrap();
        assert!(make_folder(place.path(), None).is_err(), "a link");
    }
}
