//! A server on loopback that says the same to whoever comes, whatever they say, and counts them.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// What it says, and when.
#[derive(Clone)]
pub enum Says {
    /// At once.
    First(Vec<u8>),
    /// When it was sent the head of a request.
    Answers(Vec<u8>),
    Nothing,
}

/// For as long as the tests run.
pub struct OddServer {
    pub address: SocketAddr,
    came: Arc<AtomicUsize>,
}

impl OddServer {
    pub fn start(says: Says) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self { address: listener.local_addr().unwrap(), came: Arc::default() };
        let came = server.came.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                came.fetch_add(1, Ordering::SeqCst);
                let says = says.clone();
                thread::spawn(move || talk(stream, says));
            }
        });
        server
    }

    /// An answer of HTTP.
    pub fn answering(head: &str, body: &[u8]) -> Self {
        let head = format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        Self::start(Says::Answers([head.as_bytes(), body].concat()))
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// How many connections there were.
    pub fn came(&self) -> usize {
        self.came.load(Ordering::SeqCst)
    }
}

/// Whoever hangs up, hangs up.
fn talk(mut stream: TcpStream, says: Says) {
    match says {
        Says::First(bytes) => {
            let _ = stream.write_all(&bytes);
        }
        Says::Answers(bytes) => {
            let mut asked = Vec::new();
            let mut piece = [0; 4096];
            while !asked.windows(4).any(|end| end == b"\r\n\r\n") {
                match stream.read(&mut piece) {
                    Ok(0) | Err(_) => return,
                    Ok(read) => asked.extend_from_slice(&piece[..read]),
                }
            }
            let _ = stream.write_all(&bytes);
        }
        Says::Nothing => thread::sleep(Duration::from_secs(120)),
    }
    // What was not read would tear the connection down before all of it has arrived.
    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut rest = [0; 4096];
    while matches!(stream.read(&mut rest), Ok(1..)) {}
}
