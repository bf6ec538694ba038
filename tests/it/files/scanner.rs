use super::{kept, pair, pdf};
use crate::support::{eventually, practice::Practice, temporary::Folder};
use std::{
    fs,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

const INTO: &str = "portal/messages/attachments";
/// What every scanner finds, harmless (eicar.org), in two parts so that no scanner finds it here.
const EICAR: [&str; 2] = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR", "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"];

/// A clamd with one signature: that of the harmless file. Ends when dropped.
struct Clamd {
    socket: PathBuf,
    child: Child,
    _folder: Folder,
}

impl Clamd {
    async fn start() -> Self {
        let folder = Folder::new();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("signatures")).unwrap();
        let hex: String = EICAR.concat().bytes().map(|byte| format!("{byte:02x}")).collect();
        fs::write(at("signatures/test.ndb"), format!("Eicar-Test:0:*:{hex}\n")).unwrap();
        let settings = format!(
            "LocalSocket {}\nDatabaseDirectory {}\nForeground yes\nStreamMaxLength 30M\nMaxThreads 2\n",
            at("clamd.sock").display(),
            at("signatures").display()
        );
        fs::write(at("clamd.conf"), settings).unwrap();
        let mut command = Command::new("clamd");
        command.arg("--config-file").arg(at("clamd.conf")).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("clamd is not installed; ./scripts/test installs it");
        let clamd = Self { socket: at("clamd.sock"), child, _folder: folder };
        eventually("clamd", Duration::from_secs(60), async || {
            std::os::unix::net::UnixStream::connect(&clamd.socket).ok()
        })
        .await;
        clamd
    }
}

impl Drop for Clamd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[actix_web::test]
async fn the_scanner_sees_every_file_and_what_it_finds_is_not_kept() {
    let clamd = Clamd::start().await;
    let practice = Practice::start_with(&[("CAREHUB_CLAMAV", clamd.socket.to_str().unwrap())]).await;
    let (ada, maya) = pair(&practice).await;
    ada.upload(INTO, "clean.pdf", pdf("clean")).await.expect(201);
    let large = pdf(&"x".repeat(20 << 20));
    ada.upload(INTO, "large.pdf", large).await.expect(201);
    let eicar = EICAR.concat();
    for (path, name, content) in [
        (INTO.to_owned(), "notes.txt", eicar.clone().into_bytes()),
        (INTO.to_owned(), "letter.pdf", pdf(&eicar)),
        (format!("ehr/clients/{}/documents", ada.id), "plan.pdf", pdf(&eicar)),
    ] {
        let caller = if path == INTO { &ada } else { &maya };
        let problem = caller.upload(&path, name, content).await.refused(422, "invalid");
        let words = problem["errors"][0]["message"].as_str().unwrap();
        assert!(words.contains("virus scanner"), "{words}");
    }
    assert_eq!(practice.database.query("SELECT count(*) FROM objects").await, ["2"]);
    assert_eq!(kept(&practice).len(), 2);
}

#[actix_web::test]
async fn without_its_scanner_the_hub_keeps_no_file_and_says_so() {
    let mut clamd = Clamd::start().await;
    let practice = Practice::start_with(&[("CAREHUB_CLAMAV", clamd.socket.to_str().unwrap())]).await;
    let (ada, _) = pair(&practice).await;
    ada.upload(INTO, "a.pdf", pdf("a")).await.expect(201);
    clamd.child.kill().unwrap();
    clamd.child.wait().unwrap();
    let problem = ada.upload(INTO, "b.pdf", pdf("b")).await.refused(503, "scannerAway");
    assert!(problem["detail"].as_str().unwrap().contains("virus scanner cannot be reached"));
    assert_eq!(practice.database.query("SELECT count(*) FROM objects").await, ["1"]);
    assert!(practice.hub.logged().contains("the virus scanner cannot be reached"));
}
