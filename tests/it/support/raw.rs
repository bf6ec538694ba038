//! A WebSocket client byte by byte, for frames that no library would send.

use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const PATIENCE: Duration = Duration::from_secs(30);
const MASK: [u8; 4] = [0x1d, 0xe3, 0x57, 0x0b];

/// The final fragment.
pub const FIN: u8 = 0x80;
pub const CONTINUE: u8 = 0x0;
pub const TEXT: u8 = 0x1;
pub const BINARY: u8 = 0x2;
pub const CLOSE: u8 = 0x8;
pub const PING: u8 = 0x9;
pub const PONG: u8 = 0xa;

/// A connection whose frames are written by hand.
pub struct Raw {
    pub stream: TcpStream,
    buffer: Vec<u8>,
}

/// The header of a masked frame that announces `length` bytes.
pub fn header(first: u8, length: u64) -> Vec<u8> {
    let mut bytes = vec![first];
    match length {
        0..=125 => bytes.push(0x80 | length as u8),
        126..=0xffff => {
            bytes.push(0x80 | 126);
            bytes.extend_from_slice(&(length as u16).to_be_bytes());
        }
        _ => {
            bytes.push(0x80 | 127);
            bytes.extend_from_slice(&length.to_be_bytes());
        }
    }
    bytes.extend_from_slice(&MASK);
    bytes
}

/// A whole masked frame.
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = header(first, payload.len() as u64);
    bytes.extend(payload.iter().enumerate().map(|(at, byte)| byte ^ MASK[at % 4]));
    bytes
}

impl Raw {
    /// Sends an upgrade request as it is; the status of the answer, and the connection.
    pub async fn request(address: SocketAddr, request: &str) -> (u16, String, Self) {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let byte = tokio::time::timeout(PATIENCE, stream.read_u8()).await.expect("no answer").unwrap();
            head.push(byte);
        }
        let head = String::from_utf8(head).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head, Self { stream, buffer: Vec::new() })
    }

    /// Upgrades at `path`, with further header lines.
    pub async fn upgrade(address: SocketAddr, path: &str, headers: &str) -> Self {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
        );
        let (status, head, raw) = Self::request(address, &request).await;
        assert_eq!(status, 101, "{head}");
        assert!(head.to_ascii_lowercase().contains("s3pplmbitxaq9kygzzhzrbk+xoo="), "{head}");
        raw
    }

    /// Upgrades with a token and reads `welcome`.
    pub async fn connect(hub: &super::Hub, who: &super::Someone) -> Self {
        let headers = format!("Authorization: Bearer {}\r\n", who.token);
        let mut raw = Self::upgrade(hub.address, "/api/v1/ws", &headers).await;
        let (_, welcome) = raw.next().await.expect("welcome");
        assert!(welcome.starts_with(b"{\"type\":\"welcome\""));
        raw
    }

    /// Sends bytes; the other side may have closed meanwhile.
    pub async fn write(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    /// The next frame: its first byte and payload. None when the connection ended.
    pub async fn next(&mut self) -> Option<(u8, Vec<u8>)> {
        loop {
            if let Some((first, from, to)) = self.complete() {
                let payload = self.buffer[from..to].to_vec();
                self.buffer.drain(..to);
                return Some((first, payload));
            }
            self.buffer.reserve(16_384);
            let read = tokio::time::timeout(PATIENCE, self.stream.read_buf(&mut self.buffer)).await;
            if matches!(read.expect("no frame came"), Ok(0) | Err(_)) {
                return None;
            }
        }
    }

    fn complete(&self) -> Option<(u8, usize, usize)> {
        let (&first, &second) = (self.buffer.first()?, self.buffer.get(1)?);
        assert_eq!(second & 0x80, 0, "a server does not mask");
        let (from, length) = match second {
            126 => (4, u16::from_be_bytes(self.buffer.get(2..4)?.try_into().unwrap()) as usize),
            127 => (10, u64::from_be_bytes(self.buffer.get(2..10)?.try_into().unwrap()) as usize),
            short => (2, short as usize),
        };
        (self.buffer.len() >= from + length).then_some((first, from, from + length))
    }

    /// The next frame that is neither ping nor pong.
    pub async fn message(&mut self) -> Option<(u8, Vec<u8>)> {
        loop {
            let (first, payload) = self.next().await?;
            if !matches!(first & 0x0f, PING | PONG) {
                return Some((first, payload));
            }
        }
    }

    /// Reads to the end: the code of the close frame, if one came, and that the connection ended after it.
    pub async fn closed(&mut self) -> Option<u16> {
        let mut code = None;
        while let Some((first, payload)) = self.next().await {
            assert!(code.is_none(), "a frame after the close frame");
            if first & 0x0f == CLOSE {
                code = Some(payload.get(..2).map_or(1005, |code| u16::from_be_bytes([code[0], code[1]])));
            }
        }
        code
    }
}
