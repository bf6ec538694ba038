//! Where a PostgreSQL server may already be: Debian's and Red Hat's versioned folders, Homebrew, `PATH`, or what was
//! fetched for us alone. It only looks.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::error::ClusterError;

/// The oldest PostgreSQL that Carehub runs on.
pub const OLDEST_MAJOR: u32 = 14;

/// Versioned folders: `<folder>/<before><major>/bin`.
const VERSIONED: [(&str, &str); 7] = [
    ("usr/lib/postgresql", ""),
    ("usr", "pgsql-"),
    ("opt/homebrew/opt", "postgresql@"),
    ("usr/local/opt", "postgresql@"),
    ("home/linuxbrew/.linuxbrew/opt", "postgresql@"),
    ("Applications/Postgres.app/Contents/Versions", ""),
    ("usr/local/pgsql", ""),
];

/// The programs of one PostgreSQL server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerBinaries {
    /// The folder with `postgres` and `initdb`.
    pub folder: PathBuf,
    /// The major version: clusters are bound to it.
    pub major: u32,
    /// Folders with libraries that the system does not have.
    pub libraries: Vec<PathBuf>,
}

/// Every usable server on this machine, the best first: the chosen one alone, else the newest.
pub fn find_servers(chosen: Option<&Path>, private: &Path) -> Result<Vec<ServerBinaries>, ClusterError> {
    if let Some(folder) = chosen {
        return match at(folder) {
            Some(server) => Ok(vec![server]),
            None => Err(ClusterError::ChosenFolderEmpty { folder: folder.to_owned() }),
        };
    }
    let mut servers = versioned(Path::new("/"));
    servers.extend(fetched(private));
    // Newest first; among equals the system's own, for the sort is stable.
    servers.sort_by_key(|server| std::cmp::Reverse(server.major));
    servers.extend(on_path(std::env::var_os("PATH").as_deref()));
    servers.retain(|server| server.major >= OLDEST_MAJOR);
    Ok(servers)
}

/// The server for a cluster that was made by the major version `needed`, or for a new one.
pub fn select(
    servers: Vec<ServerBinaries>,
    needed: Option<u32>,
    cluster: &Path,
) -> Result<Option<ServerBinaries>, ClusterError> {
    let Some(needed) = needed else {
        return Ok(servers.into_iter().next());
    };
    if servers.is_empty() {
        return Ok(None);
    }
    let found = servers.iter().map(|server| server.major.to_string()).collect::<Vec<_>>().join(", ");
    match servers.into_iter().find(|server| server.major == needed) {
        Some(server) => Ok(Some(server)),
        None => Err(ClusterError::VersionMissing { folder: cluster.to_owned(), needed, found }),
    }
}

fn holds_server(folder: &Path) -> bool {
    ["postgres", "initdb"].iter().all(|program| folder.join(program).is_file())
}

fn versioned(root: &Path) -> Vec<ServerBinaries> {
    let mut found = Vec::new();
    for (parent, before) in VERSIONED {
        for entry in fs::read_dir(root.join(parent)).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let Some(major) = name.to_str().and_then(|name| name.strip_prefix(before)?.parse().ok()) else {
                continue;
            };
            let folder = entry.path().join("bin");
            if holds_server(&folder) {
                found.push(ServerBinaries { folder, major, libraries: Vec::new() });
            }
        }
    }
    found
}

/// Servers below `root`, a tree of unpacked packages, with the folders where their libraries lie.
fn fetched(root: &Path) -> Vec<ServerBinaries> {
    let mut libraries = Vec::new();
    for parent in ["usr/lib", "lib"] {
        let entries = fs::read_dir(root.join(parent)).into_iter().flatten().flatten();
        libraries.extend(entries.map(|entry| entry.path()).filter(|path| is_multiarch_folder(path)));
    }
    libraries.sort();
    let with_libraries = |server| ServerBinaries { libraries: libraries.clone(), ..server };
    versioned(root).into_iter().map(with_libraries).collect()
}

/// `x86_64-linux-gnu` and its like.
fn is_multiarch_folder(path: &Path) -> bool {
    path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.contains("-linux-"))
}

fn on_path(path: Option<&OsStr>) -> Option<ServerBinaries> {
    std::env::split_paths(path?).find_map(|folder| at(&folder))
}

/// The server in a folder whose name does not tell the version.
fn at(folder: &Path) -> Option<ServerBinaries> {
    if !holds_server(folder) {
        return None;
    }
    let answer = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
    let major = parse_version(&String::from_utf8_lossy(&answer.stdout))?;
    Some(ServerBinaries { folder: folder.to_owned(), major, libraries: Vec::new() })
}

/// The major version in `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`.
fn parse_version(answer: &str) -> Option<u32> {
    let version = answer.split_once("(PostgreSQL) ")?.1;
    let digits = version.find(|c: char| !c.is_ascii_digit()).map_or(version, |end| &version[..end]);
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plant(root: &Path, folder: &str) {
        let folder = root.join(folder);
        fs::create_dir_all(&folder).unwrap();
        for program in ["postgres", "initdb"] {
            fs::write(folder.join(program), "").unwrap();
        }
    }

    fn server(major: u32) -> ServerBinaries {
        ServerBinaries { folder: format!("/{major}").into(), major, libraries: Vec::new() }
    }

    #[test]
    fn versioned_folders_of_every_kind_are_seen() {
        let root = tempfile::tempdir().unwrap();
        plant(root.path(), "usr/lib/postgresql/15/bin");
        plant(root.path(), "usr/pgsql-17/bin");
        plant(root.path(), "opt/homebrew/opt/postgresql@16/bin");
        fs::create_dir_all(root.path().join("usr/lib/postgresql/18/bin")).unwrap();
        let mut majors: Vec<_> = versioned(root.path()).into_iter().map(|server| server.major).collect();
        majors.sort_unstable();
        assert_eq!(majors, [15, 16, 17], "18 has only the client's programs");
    }

    #[test]
    fn fetched_servers_bring_their_libraries() {
        let root = tempfile::tempdir().unwrap();
        plant(root.path(), "usr/lib/postgresql/15/bin");
        let libraries = root.path().join("usr/lib/x86_64-linux-gnu");
        fs::create_dir_all(&libraries).unwrap();
        let servers = fetched(root.path());
        assert_eq!(servers.len(), 1);
        assert_eq!(servers[0].libraries, [libraries]);
    }

    #[test]
    fn an_existing_cluster_gets_its_own_version_or_a_clear_error() {
        let here = Path::new("/data");
        let two = || vec![server(17), server(15)];
        assert_eq!(select(two(), None, here).unwrap(), Some(server(17)));
        assert_eq!(select(two(), Some(15), here).unwrap(), Some(server(15)));
        assert_eq!(select(Vec::new(), Some(15), here).unwrap(), None, "then it can be installed");
        let error = select(two(), Some(16), here).unwrap_err().to_string();
        assert!(error.contains("PostgreSQL 16") && error.contains("17, 15"), "{error}");
    }

    #[test]
    fn the_version_is_read_from_what_the_server_says() {
        assert_eq!(parse_version("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"), Some(15));
        assert_eq!(parse_version("postgres (PostgreSQL) 18beta2\n"), Some(18));
        assert_eq!(parse_version("something else"), None);
    }
}
