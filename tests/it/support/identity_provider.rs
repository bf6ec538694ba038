//! A real identity provider (npm's oidc-provider) on a port of its own, and a browser that goes there and back.

use super::{Hub, practice::Caller};
use reqwest::{Method, RequestBuilder, Response, Url, redirect::Policy};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::LazyLock,
};

/// Where it is installed, once for all tests.
static INSTALLED: LazyLock<PathBuf> = LazyLock::new(|| {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oidc");
    let into = Path::new(env!("CARGO_TARGET_TMPDIR")).join("oidc");
    std::fs::create_dir_all(&into).unwrap();
    for file in ["package.json", "provider.mjs"] {
        std::fs::copy(from.join(file), into.join(file)).unwrap();
    }
    let npm = Command::new("npm")
        .args(["install", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(&into)
        .output()
        .expect("npm");
    assert!(npm.status.success(), "npm: {}", String::from_utf8_lossy(&npm.stderr));
    into
});

/// A provider that runs. Ends when dropped.
pub struct IdentityProvider {
    pub issuer: String,
    child: Child,
}

impl IdentityProvider {
    /// Installed where it is not, and started.
    pub async fn start() -> Self {
        let start = || {
            let mut child = Command::new("node")
                .arg("provider.mjs")
                .current_dir(&*INSTALLED)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .expect("node");
            let mut said = BufReader::new(child.stdout.take().unwrap());
            let mut issuer = String::new();
            said.read_line(&mut issuer).unwrap();
            // It goes on talking, and would end if nobody listened.
            std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
            assert!(issuer.starts_with("http://127.0.0.1:"), "the provider did not start: {issuer:?}");
            Self { issuer: issuer.trim().to_owned(), child }
        };
        tokio::task::spawn_blocking(start).await.unwrap()
    }

    /// The settings of a hub that knows it by this name.
    pub fn settings(&self, name: &str) -> Vec<(String, String)> {
        let key = |what: &str| format!("OIDC_{}_{what}", name.to_uppercase());
        vec![
            (key("ISSUER"), self.issuer.clone()),
            (key("CLIENT_ID"), "carehub".into()),
            (key("CLIENT_SECRET"), "a secret of the tests".into()),
        ]
    }

    /// Sends people back to this hub.
    pub async fn know(&self, hub: &Hub, name: &str) {
        let address = |door: &str| hub.url(&format!("/api/v1/{door}/auth/oidc/{name}/callback"));
        self.set(json!({"redirects": [address("portal"), address("ehr")]})).await;
    }

    /// Who is signed in there (`sub`), and what is wrong with its tokens (`claims`, `foreignKey`).
    pub async fn set(&self, told: Value) {
        let set = reqwest::Client::new().post(format!("{}/test/set", self.issuer)).body(told.to_string());
        assert!(set.send().await.unwrap().status().is_success());
    }
}

impl Drop for IdentityProvider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A browser: keeps cookies, and is led from site to site one step at a time.
pub struct Visitor {
    http: reqwest::Client,
    hub: String,
}

/// Where the hub sends a browser that came back.
#[derive(Debug)]
pub struct Arrived {
    /// As the page says.
    pub address: String,
    /// Whether it was given a session.
    pub has_session: bool,
}

impl Visitor {
    pub fn new(hub: &Hub) -> Self {
        let http = reqwest::Client::builder().cookie_store(true).redirect(Policy::none()).build().unwrap();
        Self { http, hub: hub.url("") }
    }

    /// A request to a path of the hub's API.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/api/v1/{path}", self.hub))
    }

    /// Sets out to sign in: the address to which the provider sends this browser back.
    pub async fn sets_out(&self, door: &str, provider: &str) -> Url {
        let sent = self.request(Method::GET, &format!("{door}/auth/oidc/{provider}")).send().await.unwrap();
        assert_eq!(sent.status(), 302);
        self.follow(location(&sent)).await
    }

    /// Sets out to link somebody's account.
    pub async fn sets_out_to_link(&self, who: &Caller, provider: &str) -> Url {
        let link = self.request(Method::POST, &format!("{}/auth/oidc/{provider}/link", who.door()));
        let answer: Value = link.bearer_auth(&who.token).send().await.unwrap().json().await.unwrap();
        self.follow(answer["location"].as_str().unwrap().parse().unwrap()).await
    }

    /// Through the provider, up to its last step.
    async fn follow(&self, mut to: Url) -> Url {
        for _ in 0..8 {
            if to.as_str().starts_with(&self.hub) {
                return to;
            }
            let next = location(&self.http.get(to.clone()).send().await.unwrap());
            to = to.join(next.as_str()).unwrap();
        }
        panic!("the provider does not send anybody back, but to {to}");
    }

    /// Comes back to the hub.
    pub async fn arrives(&self, at: Url) -> Arrived {
        let page = self.http.get(at).send().await.unwrap();
        assert_eq!(page.status(), 200);
        let cookies = page.headers().get_all("set-cookie");
        let has_session = cookies.iter().any(|cookie| cookie.to_str().unwrap().starts_with("carehub_session="));
        let text = page.text().await.unwrap();
        let (_, rest) = text.split_once("url=").unwrap();
        let (address, _) = rest.split_once('"').unwrap();
        Arrived { address: address.replace("&amp;", "&").replace("&#38;", "&"), has_session }
    }
}

fn location(response: &Response) -> Url {
    let base = response.url();
    let location = response.headers().get("location").unwrap_or_else(|| panic!("{} leads nowhere", base));
    base.join(location.to_str().unwrap()).unwrap()
}
