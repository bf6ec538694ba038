//! Debian's Chromium, driven by its own ChromeDriver as a person would: windows of their own profile, real keys, real
//! clicks. A window that complained in its console, or broke the content security policy, fails its test.

use super::{Desktop, eventually, practice::Caller, temporary::Folder};
use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource, KeyAction, KeyActions},
    elements::Element,
    error::CmdError,
    key::Key,
    wd::WebDriverCompatibleCommand,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::PathBuf,
    process::{Command, Stdio},
    sync::{Arc, LazyLock, Mutex, mpsc::Sender},
    time::Duration,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

/// How long anything on a page may take; far more than it needs, for machines that do much at once.
const PATIENCE: Duration = Duration::from_secs(60);
/// Windows that are open at once, over all tests.
const WINDOWS: usize = 3;

static PLACES: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(WINDOWS)));
/// One for the whole run. It ends with this process, whatever becomes of that.
static DRIVER: LazyLock<Result<SocketAddr, String>> = LazyLock::new(|| start_driver(None));

/// What a window is like.
#[derive(Clone, Copy)]
pub enum Screen {
    Desktop,
    /// 390 by 844 points, touched instead of clicked.
    Phone,
}

/// A browser window with a profile of its own. Closed when dropped.
pub struct Browser {
    driver: SocketAddr,
    client: Client,
    session: String,
    base: String,
    forgiven: Mutex<Vec<&'static str>>,
    /// Complaints for whoever asks next.
    unheard: Mutex<Vec<String>>,
    profile: Folder,
    _place: Arc<OwnedSemaphorePermit>,
}

/// A command that WebDriver's standard does not have.
#[derive(Debug)]
struct Special(&'static str, Value);

impl WebDriverCompatibleCommand for Special {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.0))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.1.to_string()))
    }
}

/// Opens windows, all at once or none: a test that waits for its second while others wait for theirs would wait for
/// ever. `base` is the hub's address.
pub async fn open<const N: usize>(base: &str, screens: [Screen; N]) -> [Browser; N] {
    let many = u32::try_from(N).unwrap();
    let place = Arc::new(PLACES.clone().acquire_many_owned(many).await.unwrap());
    let driver = tokio::task::spawn_blocking(|| DRIVER.clone()).await.unwrap();
    let driver = driver.unwrap_or_else(|said| panic!("ChromeDriver does not start ({said}): {INSTALL}"));
    let mut windows = Vec::with_capacity(N);
    for screen in screens {
        windows.push(Browser::open(driver, base, screen, place.clone()).await);
    }
    windows.try_into().unwrap_or_else(|_| unreachable!("as many as screens"))
}

/// Opens a window whose notifications are shown on a desktop.
pub async fn open_on(desktop: &Desktop, base: &str) -> Browser {
    let place = Arc::new(PLACES.clone().acquire_owned().await.unwrap());
    let bus = desktop.bus.clone();
    let driver = tokio::task::spawn_blocking(move || start_driver(Some(bus))).await.unwrap();
    Browser::open(driver.unwrap_or_else(|said| panic!("{said}: {INSTALL}")), base, Screen::Desktop, place).await
}

impl Browser {
    async fn open(driver: SocketAddr, base: &str, screen: Screen, place: Arc<OwnedSemaphorePermit>) -> Self {
        let profile = Folder::new();
        let Value::Object(wanted) = capabilities(screen, &profile) else { unreachable!("an object") };
        let client = ClientBuilder::rustls().unwrap().capabilities(wanted).connect(&format!("http://{driver}")).await;
        let client = client.unwrap_or_else(|error| panic!("Chromium does not start: {error}; {INSTALL}"));
        let session = client.session_id().await.unwrap().unwrap();
        let (forgiven, unheard) = Default::default();
        let base = base.to_owned();
        let browser = Self { driver, client, session, base, forgiven, unheard, profile, _place: place };
        // Every window is the one that its person looks at.
        browser.looked_at(true).await;
        browser
    }

    /// Goes to a path of the hub.
    pub async fn go(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.base)).await.unwrap();
    }

    /// Types e-mail and password into the sign-in page, and goes in.
    pub async fn sign_in(&self, who: &Caller) {
        self.go("/sign-in").await;
        self.fill_in_sign_in(who).await;
        self.wait("somebody's own page", "!!document.body.dataset.userId").await;
    }

    /// The form of the sign-in page, wherever it is shown.
    pub async fn fill_in_sign_in(&self, who: &Caller) {
        if who.door() == "ehr" {
            self.click("[name=door][value=clinician]").await;
        }
        self.find("[name=email]").await.clear().await.unwrap();
        self.write("[name=email]", &who.email).await;
        self.write("[name=password]", super::practice::PASSWORD).await;
        self.click("form[action='/sign-in'] button").await;
    }

    /// Gives a list, a date or a number this value, as somebody does who chooses it.
    pub async fn set(&self, css: &str, value: &str) {
        self.find(css).await;
        let script = format!(
            "((one) => {{ one.value = {value:?}; for (const kind of ['input', 'change']) one.dispatchEvent(new \
            Event(kind, {{ bubbles: true }})); return one.value === {value:?}; }})(document.querySelector({css:?}))"
        );
        assert_eq!(self.eval(&script).await, true, "{css} does not take {value}");
    }

    /// Presses "Sign out" and waits for the page that says so.
    pub async fn sign_out(&self) {
        let mut said = self.complaints().await;
        self.click("form[data-sign-out] button").await;
        self.wait("the sign-in page", "location.pathname === '/sign-in'").await;
        // What the page was just asking is refused once its session has ended.
        said.extend(self.complaints().await.into_iter().filter(|words| !words.contains("status of 401")));
        *self.unheard.lock().unwrap() = said;
    }

    /// The element, once it is there and shown.
    pub async fn find(&self, css: &str) -> Element {
        let found = async || {
            let element = self.client.find(Locator::Css(css)).await.ok()?;
            element.is_displayed().await.ok()?.then_some(element)
        };
        match tokio::time::timeout(PATIENCE, eventually(css, PATIENCE * 2, found)).await {
            Ok(element) => element,
            Err(_) => self.fail(&format!("no {css}")).await,
        }
    }

    /// Clicks (or touches) what is there and enabled.
    pub async fn click(&self, css: &str) {
        let mut refused = String::new();
        for _ in 0..40 {
            match self.find(css).await.click().await {
                Ok(()) => return,
                // Drawn anew in between, or below something that is on its way out.
                Err(error) => refused = error.to_string(),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.fail(&format!("{css} cannot be clicked: {refused}")).await
    }

    /// Types into a field.
    pub async fn write(&self, css: &str, text: &str) {
        self.find(css).await.send_keys(text).await.unwrap();
    }

    /// Chooses a file in an input, which may be hidden behind a button.
    pub async fn choose(&self, css: &str, file: &std::path::Path) {
        self.wait(css, &format!("document.querySelector({})", json!(css))).await;
        let input = self.client.find(Locator::Css(css)).await.unwrap();
        input.send_keys(file.to_str().unwrap()).await.unwrap();
    }

    /// Clicks on what lets the browser save a file, and gives the file once it is whole.
    pub async fn save(&self, css: &str) -> PathBuf {
        let folder = self.profile.path().join(format!("saved-{}", uuid::Uuid::now_v7()));
        fs::create_dir(&folder).unwrap();
        self.devtools("Browser.setDownloadBehavior", json!({"behavior": "allow", "downloadPath": &folder})).await;
        self.click(css).await;
        // Until it is whole it has another name.
        let whole = async || {
            let files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
            let [file] = files.as_slice() else { return None };
            let is_part = file.extension().is_some_and(|kind| kind == "crdownload") || file.metadata().ok()?.len() == 0;
            (!is_part).then(|| file.clone())
        };
        match tokio::time::timeout(PATIENCE, eventually("a saved file", PATIENCE * 2, whole)).await {
            Ok(file) => file,
            Err(_) => self.fail(&format!("nothing was saved by {css}")).await,
        }
    }

    /// Presses keys one after another, wherever the focus is; `Key`s are characters, too.
    pub async fn press(&self, keys: impl IntoIterator<Item = char>) {
        let mut actions = KeyActions::new("keyboard".into());
        for value in keys {
            actions = actions.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        }
        self.client.perform_actions(actions).await.unwrap();
    }

    /// Tab, once.
    pub async fn tab(&self) {
        self.press([char::from(Key::Tab)]).await;
    }

    /// What an expression gives in the page.
    pub async fn eval(&self, script: &str) -> Value {
        self.try_eval(script).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    async fn try_eval(&self, script: &str) -> Result<Value, CmdError> {
        self.client.execute(&format!("return ({script});"), vec![]).await
    }

    /// Waits until an expression is true (or anything else that counts as such) in the page, and returns it.
    pub async fn wait(&self, what: &str, script: &str) -> Value {
        let truthy = |value: &Value| !matches!(value, Value::Null | Value::Bool(false)) && *value != 0 && *value != "";
        // Between two pages there is nobody to ask.
        let found = async || self.try_eval(script).await.ok().filter(truthy);
        match tokio::time::timeout(PATIENCE, eventually(what, PATIENCE * 2, found)).await {
            Ok(value) => value,
            Err(_) => self.fail(&format!("waited in vain for {what}: {script}")).await,
        }
    }

    /// Waits until an element's words contain these.
    pub async fn wait_for_text(&self, css: &str, text: &str) {
        let words = "document.querySelector(CSS)?.innerText.includes(TEXT)";
        let script = words.replace("CSS", &json!(css).to_string()).replace("TEXT", &json!(text).to_string());
        self.wait(&format!("{text:?} in {css}"), &script).await;
    }

    /// The path and query of the page that is shown.
    pub async fn path(&self) -> String {
        self.eval("location.pathname + location.search").await.as_str().unwrap().to_owned()
    }

    /// Waits until the window leads to an address that begins so, whether or not there is anybody.
    pub async fn leads_to(&self, beginning: &str) {
        let there = async || self.client.current_url().await.ok().filter(|at| at.as_str().starts_with(beginning));
        eventually(beginning, PATIENCE, there).await;
    }

    /// Goes on in a window that the page, or a notification, opened.
    pub async fn to_new_window(&self, what: &str) {
        let first = self.client.window().await.unwrap();
        let other = async || self.client.windows().await.ok()?.into_iter().find(|window| *window != first);
        let window = eventually(what, PATIENCE, other).await;
        self.client.switch_to_window(window).await.unwrap();
    }

    /// The browser's own Reload. Where the page sends itself elsewhere meanwhile, WebDriver calls that an error; what
    /// the test waits for next tells.
    pub async fn reload(&self) {
        let _ = self.client.refresh().await;
    }

    /// Leaves the hub's pages; the tab goes on.
    pub async fn leave(&self) {
        let _ = self.client.goto("about:blank").await;
        self.wait("an empty page", "location.href === 'about:blank'").await;
    }

    /// The browser's own Back; the same holds.
    pub async fn back(&self) {
        let _ = self.client.back().await;
    }

    /// A command of the Chrome DevTools Protocol.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let special = Special("goog/cdp/execute", json!({"cmd": command, "params": parameters}));
        self.client.issue_cmd(special).await.unwrap()
    }

    /// Whether the window is in front.
    pub async fn looked_at(&self, looked_at: bool) {
        self.devtools("Emulation.setFocusEmulationEnabled", json!({"enabled": looked_at})).await;
    }

    /// A width and height of the page that no window has to have.
    pub async fn resize(&self, width: u32, height: u32) {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Complaints with these words are what the test is about.
    pub fn forgive(&self, words: &[&'static str]) {
        self.forgiven.lock().unwrap().extend(words);
    }

    /// What the console said since it was asked last, without what is forgiven.
    pub async fn complaints(&self) -> Vec<String> {
        let said = self.client.issue_cmd(Special("se/log", json!({"type": "browser"}))).await.unwrap();
        let forgiven = self.forgiven.lock().unwrap();
        let bad = |entry: &&Value| entry["level"] == "SEVERE" || entry["level"] == "WARNING";
        let words = said.as_array().unwrap().iter().filter(bad).map(|entry| entry["message"].to_string());
        let unheard = std::mem::take(&mut *self.unheard.lock().unwrap());
        let all = unheard.into_iter().chain(words);
        all.filter(|message| !forgiven.iter().any(|words| message.contains(words))).collect()
    }

    /// Fails when the console has complaints.
    pub async fn must_be_content(&self) {
        let complaints = self.complaints().await;
        assert!(complaints.is_empty(), "at {}: {complaints:#?}", self.path().await);
    }

    /// Ends the test, saying all that helps to see why.
    pub async fn fail(&self, why: &str) -> ! {
        let shown = self.try_eval("[location.href, document.body.innerText]").await;
        let file = std::env::temp_dir().join(format!("carehub-test-{}.png", self.session));
        if let Ok(picture) = self.client.screenshot().await {
            let _ = std::fs::write(&file, picture);
        }
        panic!("{why}\npage: {shown:#?}\nconsole: {:#?}\npicture: {}", self.complaints().await, file.display())
    }
}

impl Drop for Browser {
    /// By hand, and waiting: the test's runtime may be on its way out already.
    fn drop(&mut self) {
        let Ok(mut driver) = TcpStream::connect(self.driver) else { return };
        let _ = driver.set_read_timeout(Some(Duration::from_secs(10)));
        let request =
            format!("DELETE /session/{} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.session, self.driver);
        let _ = driver.write_all(request.as_bytes()).and_then(|()| driver.read(&mut [0; 1024]));
    }
}

/// A machine without a mouse would be taken for a phone.
const MOUSE: &str =
    "--blink-settings=primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4";

fn capabilities(screen: Screen, profile: &Folder) -> Value {
    let profile = format!("--user-data-dir={}", profile.path().display());
    let mut chromium = json!({"args": [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost", "--lang=en-US", "--window-size=1440,900", profile,
    ]});
    match screen {
        Screen::Desktop => chromium["args"].as_array_mut().unwrap().push(MOUSE.into()),
        Screen::Phone => {
            let metrics = json!({"width": 390, "height": 844, "pixelRatio": 2, "mobile": true, "touch": true});
            chromium["mobileEmulation"] = json!({"deviceMetrics": metrics});
        }
    }
    json!({
        "browserName": "chrome",
        "goog:chromeOptions": chromium,
        "goog:loggingPrefs": {"browser": "ALL"},
        // A page that asks before it is left is answered as most people do; tests see to it that nothing is lost.
        "unhandledPromptBehavior": "accept",
    })
}

const INSTALL: &str = "run scripts/test, which installs chromium and chromedriver";

/// ChromeDriver takes a free port of IPv4 and then wants the same of IPv6; where that is taken it gives up.
const TRIES: usize = 5;

/// `bus`: that of the desktop, where there is one.
fn start_driver(bus: Option<String>) -> Result<SocketAddr, String> {
    let mut said = String::new();
    for _ in 0..TRIES {
        let (tell, told) = std::sync::mpsc::channel();
        // The signal comes when the thread that started the driver ends, so it must not be a test's.
        let bus = bus.clone();
        std::thread::spawn(move || run_driver(&tell, bus));
        for line in told {
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                return Ok(SocketAddr::from(([127, 0, 0, 1], port.trim_end_matches('.').parse().unwrap())));
            }
            said = line;
        }
    }
    Err(said)
}

/// Passes on what the driver says until it ends.
fn run_driver(tell: &Sender<String>, bus: Option<String>) {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "TERM", "chromedriver", "--port=0"]).stdin(Stdio::null()).stderr(Stdio::inherit());
    command.envs(bus.map(|bus| ("DBUS_SESSION_BUS_ADDRESS", bus)));
    match command.stdout(Stdio::piped()).spawn() {
        Ok(mut driver) => {
            let lines = BufReader::new(driver.stdout.take().unwrap()).lines();
            lines.map_while(Result::ok).for_each(|line| drop(tell.send(line)));
            let _ = driver.wait();
        }
        Err(error) => drop(tell.send(error.to_string())),
    }
}
