use crate::support::{
    eventually,
    practice::{PASSWORD, Practice},
};
use carehub::accounts::Role;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::{fs, net::SocketAddr, path::Path, process::Command, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName},
    },
};

/// Writes a new certificate and its key into the folder.
fn certify(folder: &Path) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(folder.join("certificate.pem"), cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
    cert.der().clone()
}

async fn connect(address: SocketAddr, trusted: &CertificateDer<'static>) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").unwrap(), stream).await
}

/// Sends a request, and reads the head of the answer.
async fn ask(stream: &mut TlsStream<TcpStream>, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

#[actix_web::test]
async fn with_a_certificate_everything_goes_over_tls_and_a_renewed_one_is_taken_up() {
    let folder = tempfile::tempdir().unwrap();
    let first = certify(folder.path());
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (certificate, key) = (file("certificate.pem"), file("key.pem"));
    let practice = Practice::start_with(&[("CAREHUB_TLS_CERT", &certificate), ("CAREHUB_TLS_KEY", &key)]).await;
    let client = practice.person("Ada", Role::Client).await;
    let address = practice.hub.address;
    let mut stream = connect(address, &first).await.unwrap();
    let body = format!(r#"{{"email": "{}", "password": "{PASSWORD}"}}"#, client.email);
    let sign_in = format!(
        "POST /api/v1/portal/auth/login HTTP/1.1\r\nHost: localhost\r\nOrigin: https://localhost\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let signed_in = ask(&mut stream, &sign_in).await.to_ascii_lowercase();
    assert!(signed_in.starts_with("http/1.1 200"), "{signed_in}");
    for part in ["set-cookie: __host-carehub_session=", "; secure", "strict-transport-security: max-age=31536000"] {
        assert!(signed_in.contains(part), "{part}: {signed_in}");
    }

    // The live half, too, and it is ended as without TLS.
    let mut socket = connect(address, &first).await.unwrap();
    let upgrade = format!(
        "GET /api/v1/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer {}\r\n\r\n",
        client.token
    );
    assert!(ask(&mut socket, &upgrade).await.starts_with("HTTP/1.1 101"));
    let mut frame = [0; 2];
    socket.read_exact(&mut frame).await.unwrap();
    assert_eq!(frame[0], 0x81, "welcome is a text frame");
    // A masked close frame, 1000.
    socket.write_all(&[0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]).await.unwrap();
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(5), socket.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "the connection is still open");

    // Without TLS nothing is said.
    let mut plain = TcpStream::connect(address).await.unwrap();
    plain.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut answered = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(5), plain.read_to_end(&mut answered)).await.expect("it was cut");
    assert!(!answered.starts_with(b"HTTP"));

    let second = certify(folder.path());
    assert!(connect(address, &first).await.is_ok(), "the old one is in use until the new one is read");
    let renewed = async || connect(address, &second).await.ok();
    eventually("the renewed certificate", Duration::from_secs(20), renewed).await;
    let health = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    // The connection from before still works.
    let mut body = vec![0; 4_096];
    let _ = tokio::time::timeout(Duration::from_millis(200), stream.read(&mut body)).await;
    assert!(ask(&mut stream, health).await.starts_with("HTTP/1.1 200"));
}

#[test]
fn a_certificate_that_is_of_no_use_is_named_before_anything_starts() {
    let folder = tempfile::tempdir().unwrap();
    certify(folder.path());
    let start = |certificate: &str, key: &str| {
        let file = |name: &str| if name.is_empty() { name.into() } else { folder.path().join(name) };
        let output = Command::new(env!("CARGO_BIN_EXE_carehub"))
            .arg("doctor")
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("CAREHUB_DATA_DIR", folder.path())
            .env("CAREHUB_TLS_CERT", file(certificate))
            .env("CAREHUB_TLS_KEY", file(key))
            .output()
            .unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    let (_, good) = start("certificate.pem", "key.pem");
    assert!(good.contains("ok       TLS"), "{good}");
    fs::write(folder.path().join("empty.pem"), "").unwrap();
    for (certificate, key, named) in [
        ("certificate.pem", "", "CAREHUB_TLS_KEY"),
        ("nothing.pem", "key.pem", "CAREHUB_TLS_CERT"),
        ("empty.pem", "key.pem", "CAREHUB_TLS_CERT"),
        ("certificate.pem", "certificate.pem", "CAREHUB_TLS_KEY"),
    ] {
        let (started, said) = start(certificate, key);
        assert!(!started && said.contains(named), "{certificate} {key}: {said}");
        assert!(!said.contains("PRIVATE KEY"), "{said}");
    }
}
