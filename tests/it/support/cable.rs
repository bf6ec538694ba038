//! The network between a browser and the hub, which can be cut, stopped, and made to lose what the hub answers.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// How a connection that becomes a WebSocket begins.
const UPGRADE: &[u8] = b"GET /api/v1/ws ";

/// What the network does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    Whole,
    /// Connections are cut, and new ones are cut, too.
    Cut,
    /// What a browser sends arrives; what the hub answers does not.
    AnswersLost,
    /// The same for WebSockets alone.
    AcknowledgementsLost,
    /// Nothing passes, either way, and nobody is told.
    Stopped,
}

/// The cable, as long as this lives.
pub struct Cable {
    address: SocketAddr,
    network: watch::Sender<Network>,
    lost: Arc<AtomicUsize>,
}

impl Cable {
    /// One to this hub.
    pub async fn to(hub: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (network, seen) = watch::channel(Network::Whole);
        let lost = Arc::new(AtomicUsize::new(0));
        let count = lost.clone();
        tokio::spawn(async move {
            while let Ok((browser, _)) = listener.accept().await {
                let (seen, count) = (seen.clone(), count.clone());
                tokio::spawn(async move {
                    if *seen.borrow() != Network::Cut
                        && let Ok(hub) = TcpStream::connect(hub).await
                    {
                        carry(browser, hub, seen, &count).await;
                    }
                });
            }
        });
        Self { address, network, lost }
    }

    /// The hub's address as the browser sees it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn set(&self, network: Network) {
        self.network.send_replace(network);
    }

    /// How many bytes of answers were lost.
    pub fn lost(&self) -> usize {
        self.lost.load(Ordering::Relaxed)
    }
}

async fn carry(mut browser: TcpStream, mut hub: TcpStream, mut network: watch::Receiver<Network>, lost: &AtomicUsize) {
    let mut socket = false;
    let (mut asked, mut answered) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        let now = *network.borrow_and_update();
        let deaf = now == Network::AnswersLost || (now == Network::AcknowledgementsLost && socket);
        tokio::select! {
            read = browser.read(&mut asked), if now != Network::Stopped => match read {
                Ok(bytes @ 1..) if hub.write_all(&asked[..bytes]).await.is_ok() => {
                    socket |= asked[..bytes].starts_with(UPGRADE);
                }
                _ => return,
            },
            read = hub.read(&mut answered), if now != Network::Stopped => match read {
                Ok(bytes @ 1..) if deaf => drop(lost.fetch_add(bytes, Ordering::Relaxed)),
                Ok(bytes @ 1..) if browser.write_all(&answered[..bytes]).await.is_ok() => {}
                _ => return,
            },
            changed = network.changed() => {
                if changed.is_err() || *network.borrow() == Network::Cut {
                    return;
                }
            }
        }
    }
}
