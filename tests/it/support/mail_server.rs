//! A mail server on loopback that keeps what it is given, or refuses it as a test wants.

use mailin_embedded::{Handler, Response, Server, SslConfig, response};
use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr, TcpListener},
    sync::{Arc, Mutex},
    time::Duration,
};

/// An e-mail as it arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub to: String,
    /// Headers and body, with the line breaks of quoted-printable undone.
    pub text: String,
}

impl Arrived {
    /// The value of a header.
    pub fn header(&self, name: &str) -> &str {
        let found = self.text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        found.unwrap_or_else(|| panic!("no {name} in {}", self.text))
    }

    /// The secret of the link to this page.
    pub fn secret(&self, page: &str) -> String {
        let start = format!("{page}#");
        let at = self.text.find(&start).unwrap_or_else(|| panic!("no link to {page} in {}", self.text));
        let rest = &self.text[at + start.len()..];
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect()
    }
}

#[derive(Default)]
struct Box {
    arrived: Vec<Arrived>,
    /// What an address is answered with, so many times.
    refusals: HashMap<String, (u16, u32)>,
    /// Addresses whose e-mails arrive, but are never said to have.
    silent: Vec<String>,
}

/// A mail server, for as long as the tests run.
#[derive(Clone)]
pub struct MailServer {
    pub address: SocketAddr,
    kept: Arc<Mutex<Box>>,
}

#[derive(Clone)]
struct Session {
    kept: Arc<Mutex<Box>>,
    to: String,
    data: Vec<u8>,
}

impl Handler for Session {
    fn mail(&mut self, _: IpAddr, _: &str, _: &str) -> Response {
        self.data.clear();
        response::OK
    }

    fn rcpt(&mut self, to: &str) -> Response {
        to.clone_into(&mut self.to);
        match self.kept.lock().unwrap().refusals.get_mut(to) {
            Some((code, times)) if *times > 0 => {
                *times -= 1;
                Response::custom(*code, format!("{to} is not wanted"))
            }
            _ => response::OK,
        }
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.data.extend_from_slice(bytes);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let text = String::from_utf8_lossy(&self.data).replace("=\r\n", "").replace("=3D", "=");
        let mut kept = self.kept.lock().unwrap();
        kept.arrived.push(Arrived { to: self.to.clone(), text });
        if kept.silent.contains(&self.to) {
            drop(kept);
            std::thread::sleep(Duration::from_secs(600));
        }
        response::OK
    }
}

impl MailServer {
    /// Listens on a port of its own.
    pub fn start() -> Self {
        Self::start_on(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    /// Listens here.
    pub fn start_on(listener: TcpListener) -> Self {
        let server = Self { address: listener.local_addr().unwrap(), kept: Arc::default() };
        let session = Session { kept: server.kept.clone(), to: String::new(), data: Vec::new() };
        std::thread::spawn(move || {
            let mut server = Server::new(session);
            server.with_name("mail.example.org").with_ssl(SslConfig::None).unwrap();
            server.with_tcp_listener(listener).with_num_threads(8);
            server.serve().unwrap();
        });
        server
    }

    /// As `SMTP_URL` names it.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// Answers e-mails to this address with `code`, so many times.
    pub fn refuse(&self, to: &str, code: u16, times: u32) {
        self.kept.lock().unwrap().refusals.insert(to.to_owned(), (code, times));
    }

    /// Takes e-mails to this address, and never says so.
    pub fn fall_silent(&self, to: &str, silent: bool) {
        let mut kept = self.kept.lock().unwrap();
        kept.silent.retain(|address| address != to);
        if silent {
            kept.silent.push(to.to_owned());
        }
    }

    /// What arrived for this address, in its order.
    pub fn arrived(&self, to: &str) -> Vec<Arrived> {
        self.kept.lock().unwrap().arrived.iter().filter(|mail| mail.to == to).cloned().collect()
    }

    /// Waits for the `n`th e-mail to this address (the first is 1).
    pub async fn nth(&self, to: &str, n: usize) -> Arrived {
        super::eventually(&format!("e-mail {n} to {to}"), Duration::from_secs(10), async || {
            self.arrived(to).get(n - 1).cloned()
        })
        .await
    }

    /// Waits for the `n`th e-mail to this address with this subject.
    pub async fn about(&self, to: &str, subject: &str, n: usize) -> Arrived {
        super::eventually(&format!("e-mail {n} to {to}: {subject}"), Duration::from_secs(10), async || {
            self.arrived(to).into_iter().filter(|mail| mail.header("Subject") == subject).nth(n - 1)
        })
        .await
    }
}
