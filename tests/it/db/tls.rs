//! O4: a real PostgreSQL that speaks TLS, with certificates made here.

use crate::{dev::Place, support::hub::MASTER_KEY};
use carehub::{
    db,
    dev::postgres::{ServerBinaries, find_servers},
};
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use secrecy::SecretString;
use std::{
    fs,
    net::TcpListener,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

/// A server on a port of this machine that takes nobody over TCP without TLS. Its certificate is for `localhost`.
struct Server {
    process: Child,
    port: u16,
    trusted: PathBuf,
    foreign: PathBuf,
    _place: Place,
}

impl Server {
    fn start() -> Self {
        let place = Place::new();
        place.start().expect("PostgreSQL").stop();
        let home = place.data().postgres();
        let owner = fs::metadata(home.join("data")).unwrap();
        let give = |name: &str, text: &str| {
            let path = home.join("data").join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
        };
        let make = || generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (CertifiedKey { cert, signing_key }, stranger) = (make(), make());
        let file = |name: &str, text: String| {
            let path = place.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let (trusted, foreign) = (file("trusted.pem", cert.pem()), file("foreign.pem", stranger.cert.pem()));
        give("server.crt", &cert.pem());
        give("server.key", &signing_key.serialize_pem());
        give("pg_hba.conf", "local all all trust\nhostssl all all all trust\nhostnossl all all all reject\n");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let found = find_servers(std::env::var_os("CAREHUB_PG_BIN").map(PathBuf::from).as_deref(), &home).unwrap();
        let made_by = fs::read_to_string(home.join("data/PG_VERSION")).unwrap();
        let fits = |server: &&ServerBinaries| server.major.to_string() == made_by.trim();
        let programs = found.iter().find(fits).expect("the programs that made the cluster");
        // Should the test be killed, the server ends by itself.
        let mut command = Command::new("timeout");
        command.args(["--signal=QUIT", "300"]).arg(programs.folder.join("postgres"));
        if !programs.libraries.is_empty() {
            command.env("LD_LIBRARY_PATH", std::env::join_paths(&programs.libraries).unwrap());
        }
        command.current_dir(&home).args(["-D", "data", "-c", "ssl=on", "-c", "listen_addresses=localhost"]);
        command.args(["-c", "unix_socket_directories=", "-c", &format!("port={port}")]);
        command.uid(owner.uid()).gid(owner.gid()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().unwrap();
        Self { process, port, trusted, foreign, _place: place }
    }

    fn url(&self, host: &str, further: &str) -> SecretString {
        SecretString::from(format!("host={host} port={} user=carehub dbname=carehub {further}", self.port))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.process);
        // The server's immediate shutdown.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::QUIT);
        let _ = self.process.wait();
    }
}

/// How the server sees the connection.
async fn seen(conn: &mut diesel_async::AsyncPgConnection) -> String {
    let seen = "(SELECT ssl::text || ' ' || coalesce(version, '') FROM pg_stat_ssl WHERE pid = pg_backend_pid())";
    diesel::select(diesel::dsl::sql::<Text>(seen)).get_result(conn).await.unwrap()
}

#[tokio::test]
async fn the_store_is_talked_to_over_tls_and_only_if_it_is_who_its_certificate_says() {
    let server = tokio::task::spawn_blocking(Server::start).await.unwrap();
    let roots = |file: &PathBuf| format!("sslrootcert={}", file.display());
    let (trusted, foreign) = (roots(&server.trusted), roots(&server.foreign));
    let connect = async |host: &str, further: &str| db::connect(&server.url(host, further)).await;
    let good = format!("sslmode=verify-full {trusted}");
    let first = crate::support::eventually("the server", Duration::from_secs(20), async || {
        connect("localhost", &good).await.ok()
    });
    assert_eq!(seen(&mut first.await).await, "true TLSv1.3");
    // The weaker names of psql check no less; the URL says the same.
    for mode in ["require", "verify-ca"] {
        let mut conn = connect("localhost", &format!("sslmode={mode} {trusted}")).await.unwrap();
        assert_eq!(seen(&mut conn).await, "true TLSv1.3", "{mode}");
    }
    let url = format!("postgres://carehub@localhost:{}/carehub?sslmode=verify-full&{trusted}", server.port);
    let pool = db::pool(&SecretString::from(url), 2);
    assert_eq!(seen(&mut pool.get().await.unwrap()).await, "true TLSv1.3");

    let refused = async |host: &str, further: &str| match connect(host, further).await {
        Ok(_) => panic!("connected to {host} with {further}"),
        Err(error) => format!("{error:#}"),
    };
    // Another's certificate, another's name, no authority that knows it, a file that is none, and no TLS at all.
    let error = refused("localhost", &format!("sslmode=require {foreign}")).await;
    assert!(error.contains("certificate"), "{error}");
    let error = refused("127.0.0.1", &good).await;
    assert!(error.contains("certificate"), "{error}");
    let error = refused("localhost", "sslmode=require").await;
    assert!(error.contains("certificate"), "{error}");
    let error = refused("localhost", "sslmode=require sslrootcert=/nowhere.pem").await;
    assert!(error.contains("sslrootcert: /nowhere.pem cannot be read"), "{error}");
    for without in ["sslmode=disable", "sslmode=prefer", ""] {
        let error = refused("localhost", without).await;
        assert!(error.contains("no encryption") || error.contains("pg_hba"), "{without}: {error}");
    }
}

#[tokio::test]
async fn a_server_without_tls_is_not_talked_to_where_tls_was_asked_for() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    // One that says no, as a server without TLS and whoever stands between do: nothing else is sent to it.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 8];
        stream.read_exact(&mut request).await.unwrap();
        stream.write_all(b"N").await.unwrap();
        let mut more = Vec::new();
        stream.read_to_end(&mut more).await.unwrap();
        more
    });
    let url = format!("postgres://ann:secret@127.0.0.1:{port}/carehub?sslmode=require");
    let error = db::connect(&SecretString::from(url)).await.err().expect("no connection").to_string();
    assert!(error.contains("TLS") && !error.contains("secret"), "{error}");
    assert_eq!(heard.await.unwrap(), b"", "neither name nor password");
}

#[test]
fn in_production_no_command_reaches_a_database_on_the_network_without_tls() {
    let run = |command: &[&str], url: &str| -> Output {
        let mut carehub = Command::new(env!("CARGO_BIN_EXE_carehub"));
        carehub.args(command).env_clear().env("CAREHUB_PROFILE", "production").env("DATABASE_URL", url);
        carehub.env("CAREHUB_MASTER_KEY", MASTER_KEY).env("CAREHUB_PORT", "0").output().unwrap()
    };
    // Nobody has these addresses (RFC 5737): to be refused at once is not to have tried.
    for url in ["postgres://ann:secret@192.0.2.1/carehub", "host=192.0.2.1 password=secret sslmode=prefer"] {
        for command in [&["serve"][..], &["migrate"], &["audit", "verify"], &["user", "lock", "ann@example.org"]] {
            let refused = run(command, url);
            let words = String::from_utf8(refused.stderr).unwrap();
            assert!(!refused.status.success() && words.contains("sslmode=verify-full"), "{command:?}: {words}");
            assert!(words.contains("192.0.2.1") && !words.contains("secret"), "{command:?}: {words}");
        }
        let found = String::from_utf8(run(&["doctor"], url).stdout).unwrap();
        assert!(found.contains("sslmode=verify-full") && !found.contains("secret"), "{found}");
    }
}
