//! One WebSocket connection: connect, frames in, frames out. Owns the transport's settings and the
//! answers it wants (pings); must never interpret what a frame means for a scenario.

use crate::window::Window;
use crate::wire::{Dialect, Frame};
use anyhow::{Context, Result, anyhow, bail};
use futures_util::{FutureExt, SinkExt, StreamExt};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use uuid::Uuid;

/// Where the hub is and how it is spoken to.
#[derive(Clone, Debug)]
pub struct Target {
    address: SocketAddr,
    socket_url: String,
    pub dialect: Dialect,
}

/// Why a session ended.
#[derive(Debug)]
pub enum Broken {
    /// The hub closed it, with this code.
    Closed(u16),
    /// The connection ended without a close frame, or never came to be.
    Lost(String),
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Broken::Closed(code) => write!(f, "closed by the hub with {code}"),
            Broken::Lost(why) => write!(f, "lost: {why}"),
        }
    }
}

impl std::error::Error for Broken {}

fn lost(error: impl std::fmt::Display) -> Broken {
    Broken::Lost(error.to_string())
}

/// What a connection was told when it began.
#[derive(Clone, Debug, Default)]
pub struct Welcome {
    pub window: Window,
    pub sends_per_minute: Option<u64>,
    pub epoch: String,
}

/// An open connection.
pub struct Session {
    socket: WebSocketStream<TcpStream>,
    dialect: Dialect,
}

impl Target {
    /// Understands `http://host:port` and resolves it once, so that a storm does not.
    pub async fn new(url: &str, dialect: Dialect) -> Result<Self> {
        let authority = url
            .strip_prefix("http://")
            .or_else(|| url.strip_prefix("ws://"))
            .ok_or_else(|| anyhow!("{url}: only http:// and ws:// are spoken (the generator measures on loopback)"))?;
        let authority = authority.split('/').next().unwrap_or(authority);
        let with_port = if authority.contains(':') { authority.to_owned() } else { format!("{authority}:80") };
        let address =
            tokio::net::lookup_host(&with_port).await.with_context(|| format!("cannot resolve {authority}"))?.next();
        let address = address.ok_or_else(|| anyhow!("{authority} has no address"))?;
        Ok(Self { address, socket_url: format!("ws://{authority}{}", dialect.path()), dialect })
    }

    /// The address connections go to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A plain WebSocket without sign-in, for the raw echo.
    pub fn with_socket_url(mut self, url: String) -> Self {
        self.socket_url = url;
        self
    }
}

impl Session {
    /// Connects and upgrades; `source` is the local address to come from.
    pub async fn connect(target: &Target, token: Option<&str>, source: Option<IpAddr>) -> Result<Self, Broken> {
        let socket = if target.address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }.map_err(lost)?;
        if let Some(source) = source {
            socket.bind(SocketAddr::new(source, 0)).map_err(lost)?;
        }
        let stream = socket.connect(target.address).await.map_err(lost)?;
        stream.set_nodelay(true).map_err(lost)?;
        let mut request = target.socket_url.as_str().into_client_request().map_err(lost)?;
        if let Some(token) = token {
            let value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(lost)?;
            request.headers_mut().insert("authorization", value);
        }
        if let (Some(name), Some(_)) = (target.dialect.subprotocol(), token) {
            request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static(name));
        }
        // Small buffers: ten thousand connections share this process, and each read clears its buffer.
        let config = WebSocketConfig::default()
            .read_buffer_size(4 * 1024)
            .max_message_size(Some(32 << 20))
            .max_frame_size(Some(32 << 20));
        let (socket, _) = client_async_with_config(request, stream, Some(config)).await.map_err(lost)?;
        Ok(Self { socket, dialect: target.dialect })
    }

    /// Connects, signs in and waits for the welcome.
    pub async fn open(
        target: &Target,
        token: &str,
        user: Uuid,
        threads: &[Uuid],
        source: Option<IpAddr>,
    ) -> Result<(Self, Welcome), Broken> {
        let opening = async {
            let mut session = Self::connect(target, Some(token), source).await?;
            if let Some(hello) = target.dialect.hello(user, threads) {
                session.say(hello).await?;
            }
            let welcome = session.welcome().await?;
            Ok((session, welcome))
        };
        tokio::time::timeout(Duration::from_secs(30), opening)
            .await
            .unwrap_or_else(|_| Err(lost("no welcome within 30 s")))
    }

    async fn welcome(&mut self) -> Result<Welcome, Broken> {
        loop {
            let text = self.next().await?;
            let Some(frame) = self.parse(&text)? else { continue };
            if frame.name != "welcome" {
                return Err(lost(format_args!("`{}` came before `welcome`", frame.name)));
            }
            return Ok(Welcome {
                window: frame
                    .window
                    .map_or(Window::OPEN, |limits| Window { frames: limits.frames, bytes: limits.bytes }),
                sends_per_minute: frame.limits.and_then(|limits| limits.sends_per_minute),
                epoch: frame.epoch.map(|raw| raw.get().to_owned()).unwrap_or_default(),
            });
        }
    }

    /// The language spoken.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Reads one text; `None` where it says nothing to us.
    pub fn parse<'a>(&self, text: &'a str) -> Result<Option<Frame<'a>>, Broken> {
        self.dialect.parse(text).map_err(|error| {
            lost(format_args!("a frame that is not the protocol's ({error}): {}", text.get(..120).unwrap_or(text)))
        })
    }

    /// The next text that is for the scenario. Cancel safe.
    pub async fn next(&mut self) -> Result<Utf8Bytes, Broken> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => match self.dialect.answer(&text) {
                    Some(answer) => self.say(answer.to_owned()).await?,
                    None => return Ok(text),
                },
                Some(Ok(Message::Close(frame))) => {
                    return Err(Broken::Closed(frame.map_or(1005, |frame| frame.code.into())));
                }
                // The library has queued the pong.
                Some(Ok(Message::Ping(_))) => self.flush().await?,
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(lost(error)),
                None => return Err(lost("end of stream")),
            }
        }
    }

    /// A text that is already here, without waiting.
    pub fn next_ready(&mut self) -> Option<Result<Utf8Bytes, Broken>> {
        self.next().now_or_never()
    }

    /// Queues a frame; `flush` sends what is queued.
    pub async fn feed(&mut self, text: String) -> Result<(), Broken> {
        self.socket.feed(Message::Text(text.into())).await.map_err(lost)
    }

    /// Sends what is queued.
    pub async fn flush(&mut self) -> Result<(), Broken> {
        self.socket.flush().await.map_err(lost)
    }

    /// Sends one frame at once.
    pub async fn say(&mut self, text: String) -> Result<(), Broken> {
        self.feed(text).await?;
        self.flush().await
    }

    /// Closes politely; the hub's answer is not waited for longer than a second.
    pub async fn close(mut self) {
        let farewell = async {
            if self.socket.close(None).await.is_ok() {
                while let Some(Ok(message)) = self.socket.next().await {
                    if message.is_close() {
                        break;
                    }
                }
            }
        };
        // Whoever does not answer is dropped; nothing depends on it.
        tokio::time::timeout(Duration::from_secs(1), farewell).await.ok();
    }
}

/// Refuses to start where the hub would only answer `rateLimited`.
pub fn refuse_if_limited(welcome: &Welcome, per_second: f64) -> Result<()> {
    match welcome.sends_per_minute {
        Some(limit) if (limit as f64) < per_second * 60.0 => {
            bail!(
                "the hub allows {limit} sends a minute per user, this run needs {:.0}; start it with a higher limit",
                per_second * 60.0
            )
        }
        _ => Ok(()),
    }
}
