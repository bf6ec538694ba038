//! A PostgreSQL that acknowledges what it may lose.

use crate::{
    dev::query,
    support::{database::OwnCluster, eventually, hub::MASTER_KEY},
};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs,
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

/// A server on another's data, which ends with this.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.0), Signal::INT);
        let _ = self.0.wait();
    }
}

/// How a server was started.
fn command_line(pid: i32) -> (PathBuf, Vec<String>) {
    let program = fs::read_link(format!("/proc/{pid}/exe")).unwrap();
    let line = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap();
    (program, line.split_terminator('\0').skip(1).map(str::to_owned).collect())
}

#[tokio::test]
async fn the_hub_refuses_to_start_on_a_server_that_would_lose_what_it_acknowledged() {
    let mut own = OwnCluster::start().await;
    let home = own.place.data().postgres();
    let (program, arguments) = command_line(own.place.server_pid());
    own.cluster.take().unwrap().stop();
    let owner = fs::metadata(home.join("data")).unwrap();
    for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
        let on = format!("{setting}=on");
        assert!(arguments.contains(&on), "{arguments:?}");
        let changed = arguments.iter().map(|word| if *word == on { format!("{setting}=off") } else { word.clone() });
        let mut command = Command::new(&program);
        command.args(changed).current_dir(&home).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if rustix::process::geteuid().is_root() {
            command.uid(owner.uid()).gid(owner.gid());
        }
        let server = Server(command.spawn().unwrap());
        let current = format!("SELECT current_setting('{setting}')");
        let answers = async || query(&own.database.url, &current).await.ok();
        assert_eq!(eventually("the server", Duration::from_secs(20), answers).await, ["off"], "vacuous");

        let hub = Command::new(env!("CARGO_BIN_EXE_carehub"))
            .arg("serve")
            .env_clear()
            .envs([("DATABASE_URL", &*own.database.url), ("CAREHUB_MASTER_KEY", MASTER_KEY), ("CAREHUB_PORT", "0")])
            .stdin(Stdio::null())
            .output();
        let hub = hub.unwrap();
        let said = String::from_utf8_lossy(&hub.stderr).into_owned();
        assert!(!hub.status.success(), "{setting}=off was accepted");
        assert!(said.contains(&format!("{setting} = off")) && said.contains("Set"), "{said}");
        drop(server);
    }
}
