//! `carehub` without a command, run as a user runs it: started, interrupted, killed, started again.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use super::{Place, query};

/// A demo that runs, on a port of its own.
struct Demo {
    child: Child,
    output: BufReader<ChildStdout>,
    page: String,
}

fn command(place: &Place, port: u16) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carehub"));
    command
        .current_dir(place.path())
        .env_remove("DATABASE_URL")
        .env_remove("CAREHUB_MASTER_KEY")
        .env("CAREHUB_DATA_DIR", place.data().path())
        .env("CAREHUB_PORT", port.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

impl Demo {
    /// Starts the demo and waits until it says that its page is open.
    fn start(place: &Place) -> Self {
        let mut child = command(place, 0).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("is open: ") {
            line.clear();
            if output.read_line(&mut line).unwrap() == 0 {
                let mut error = String::new();
                child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
                panic!("the demo ended: {error}");
            }
        }
        let page = line.split("is open: ").nth(1).unwrap().trim().to_owned();
        Self { child, output, page }
    }

    /// The hub's process, which the demo starts again when it dies.
    fn hub(&self) -> Option<i32> {
        fs::read_to_string(format!("/proc/{0}/task/{0}/children", self.child.id())).ok()?.trim().parse().ok()
    }

    fn send(&self, signal: Signal) {
        kill_process(Pid::from_raw(self.child.id() as i32).unwrap(), signal).unwrap();
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is_gone(pid: i32) -> bool {
    let patience = Instant::now() + Duration::from_secs(10);
    while Instant::now() < patience {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        if test_kill_process(Pid::from_raw(pid).unwrap()).is_err() || stat.contains(") Z ") {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

#[tokio::test]
async fn the_demo_opens_stops_on_request_and_is_back_in_under_three_seconds() {
    let place = Place::new();
    for signal in [Signal::TERM, Signal::INT] {
        let started = Instant::now();
        let mut demo = Demo::start(&place);
        if signal == Signal::INT {
            assert!(started.elapsed() < Duration::from_secs(3), "took {:?}", started.elapsed());
        }
        assert!(demo.page.starts_with("http://localhost:"), "{}", demo.page);
        let running: serde_json::Value = serde_json::from_slice(&fs::read(place.data().running()).unwrap()).unwrap();
        assert_eq!(running["pageUrl"], demo.page);
        let url = running["databaseUrl"].as_str().unwrap();
        let people = query(url, "SELECT count(*) FROM users").await.unwrap();
        assert_eq!(people, ["11"], "the practice is written once");

        let server = place.server_pid();
        demo.send(signal);
        assert!(demo.child.wait().unwrap().success());
        assert!(is_gone(server), "PostgreSQL goes with the demo");
        assert!(!place.data().running().exists());
        let mut rest = String::new();
        demo.output.read_to_string(&mut rest).unwrap();
        assert!(rest.contains("harbor-lane-demo") && rest.contains("maya.lindqvist@example.org"));
    }
}

#[tokio::test]
async fn a_demo_that_was_killed_takes_its_server_along_and_starts_again_at_once() {
    let place = Place::new();
    let mut killed = Demo::start(&place);
    let server = place.server_pid();
    let running: serde_json::Value = serde_json::from_slice(&fs::read(place.data().running()).unwrap()).unwrap();
    let keep = "INSERT INTO practices (id, name, time_zone) VALUES (gen_random_uuid(), 'Kept', 'UTC')";
    query(running["databaseUrl"].as_str().unwrap(), keep).await.unwrap();
    killed.send(Signal::KILL);
    killed.child.wait().unwrap();

    let again = Demo::start(&place);
    assert!(is_gone(server));
    let running: serde_json::Value = serde_json::from_slice(&fs::read(place.data().running()).unwrap()).unwrap();
    assert_eq!(running["pid"], again.hub().unwrap());
    let kept = "SELECT time_zone FROM practices WHERE name = 'Kept'";
    assert_eq!(query(running["databaseUrl"].as_str().unwrap(), kept).await.unwrap(), ["UTC"]);
}

#[tokio::test]
async fn a_folder_of_an_earlier_version_gets_the_rota_that_it_does_not_have_and_keeps_one_that_it_has() {
    let place = Place::new();
    let url = || {
        let running: serde_json::Value = serde_json::from_slice(&fs::read(place.data().running()).unwrap()).unwrap();
        running["databaseUrl"].as_str().unwrap().to_owned()
    };
    let shifts = "SELECT count(*) FROM on_call_shifts";
    let mut demo = Demo::start(&place);
    assert_eq!(query(&url(), shifts).await.unwrap(), ["14"]);
    for statement in ["DELETE FROM on_call_shifts", "DELETE FROM on_call_rotas", "DELETE FROM client_care"] {
        query(&url(), statement).await.unwrap();
    }
    demo.send(Signal::TERM);
    demo.child.wait().unwrap();

    let mut again = Demo::start(&place);
    assert_eq!(query(&url(), shifts).await.unwrap(), ["14"]);
    assert_eq!(query(&url(), "SELECT max(version) FROM escalation_policies").await.unwrap(), ["1"]);
    assert_ne!(query(&url(), "SELECT count(*) FROM client_care").await.unwrap(), ["0"]);
    query(&url(), "DELETE FROM on_call_shifts WHERE weekday = 7").await.unwrap();
    again.send(Signal::TERM);
    again.child.wait().unwrap();

    let _third = Demo::start(&place);
    assert_eq!(query(&url(), shifts).await.unwrap(), ["12"], "what somebody changed stays");
}

#[tokio::test]
async fn a_hub_that_dies_is_back_by_itself_with_its_data() {
    let place = Place::new();
    let demo = Demo::start(&place);
    let first = demo.hub().unwrap();
    kill_process(Pid::from_raw(first).unwrap(), Signal::KILL).unwrap();
    assert!(is_gone(first));
    let patience = Instant::now() + Duration::from_secs(20);
    let alive = loop {
        let running = fs::read(place.data().running()).unwrap_or_default();
        let running: serde_json::Value = serde_json::from_slice(&running).unwrap_or_default();
        // On a free port, which is another one then.
        let ready = format!("{}readyz", running["pageUrl"].as_str().unwrap_or_default());
        let answered = reqwest::get(ready).await.is_ok_and(|response| response.status().is_success());
        if answered || Instant::now() > patience {
            break answered;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert!(alive, "nobody came back");
    assert_ne!(demo.hub().unwrap(), first);
    demo.send(Signal::TERM);
}

#[test]
fn commands_find_the_running_demo_and_a_second_demo_is_refused() {
    let place = Place::new();
    let demo = Demo::start(&place);
    let mut seed = command(&place, 0);
    let seeded = seed.args(["seed", "--pairs", "1", "--tokens", "pairs.jsonl"]).output().unwrap();
    assert!(seeded.status.success(), "{}", String::from_utf8_lossy(&seeded.stderr));

    let second = command(&place, 0).output().unwrap();
    let error = String::from_utf8(second.stderr).unwrap();
    assert!(!second.status.success());
    assert!(error.contains(&demo.page) && error.contains(&demo.hub().unwrap().to_string()), "{error}");
}

#[test]
fn a_port_in_use_is_said_before_anything_is_made() {
    let place = Place::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let refused = command(&place, port).output().unwrap();
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success());
    assert!(error.contains(&port.to_string()) && error.contains("CAREHUB_PORT"), "{error}");
    assert!(!place.data().path().exists());
}

#[test]
fn serve_without_a_database_or_a_master_key_says_what_to_set() {
    let place = Place::new();
    let refused = command(&place, 0).arg("serve").output().unwrap();
    assert!(!refused.status.success());
    assert!(String::from_utf8(refused.stderr).unwrap().contains("DATABASE_URL"));
    let refused = command(&place, 0).arg("serve").env("DATABASE_URL", "host=/nonexistent").output().unwrap();
    assert!(!refused.status.success());
    assert!(String::from_utf8(refused.stderr).unwrap().contains("CAREHUB_MASTER_KEY"));
}
