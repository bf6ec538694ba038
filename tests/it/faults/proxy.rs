//! A way between the hub and PostgreSQL that can lose things: answers on their way back, or everything.

use crate::support::Database;
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixStream},
    sync::watch,
};

/// What the way does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Open,
    /// Questions arrive, answers are lost.
    AnswersLost,
    /// Connections are cut and refused.
    Cut,
}

/// The way, as long as this lives.
pub struct Proxy {
    pub swallowed: Arc<AtomicUsize>,
    way: watch::Sender<Way>,
}

impl Proxy {
    /// A way to the server of this database, and the database as seen through it.
    pub async fn to(database: &Database) -> (Self, Database) {
        let word = |name: &str| {
            let found = database.url.split_whitespace().find_map(|word| word.strip_prefix(name));
            found.unwrap_or_else(|| panic!("no {name} in {}", database.url)).to_owned()
        };
        let server = PathBuf::from(word("host=")).join(".s.PGSQL.5432");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (way, seen) = watch::channel(Way::Open);
        let swallowed = Arc::new(AtomicUsize::new(0));
        let count = swallowed.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (server, seen, count) = (server.clone(), seen.clone(), count.clone());
                tokio::spawn(async move {
                    if *seen.borrow() != Way::Cut
                        && let Ok(server) = UnixStream::connect(server).await
                    {
                        carry(client, server, seen, &count).await;
                    }
                });
            }
        });
        let url = format!("host=127.0.0.1 port={} user={} dbname={}", address.port(), word("user="), word("dbname="));
        (Self { swallowed, way }, database.reached_by(url))
    }

    /// Changes what the way does.
    pub fn set(&self, way: Way) {
        self.way.send_replace(way);
    }
}

async fn carry(mut client: TcpStream, mut server: UnixStream, mut way: watch::Receiver<Way>, swallowed: &AtomicUsize) {
    let (mut question, mut answer) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            read = client.read(&mut question) => match read {
                Ok(bytes @ 1..) if server.write_all(&question[..bytes]).await.is_ok() => {}
                _ => return,
            },
            read = server.read(&mut answer) => match read {
                Ok(bytes @ 1..) if *way.borrow() == Way::AnswersLost => drop(swallowed.fetch_add(bytes, Ordering::Relaxed)),
                Ok(bytes @ 1..) if client.write_all(&answer[..bytes]).await.is_ok() => {}
                _ => return,
            },
            changed = way.changed() => {
                if changed.is_err() || *way.borrow() == Way::Cut {
                    return;
                }
            }
        }
    }
}
