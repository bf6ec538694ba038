//! `carehub bench-echo`: the bare socket takes text and binary up to 20 MiB, in any fragments.

use crate::support::{
    Raw,
    raw::{BINARY, CLOSE, CONTINUE, FIN, PING, PONG, TEXT, frame, header},
};
use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

struct Echo {
    address: SocketAddr,
    child: Child,
}

impl Echo {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_carehub"))
            .args(["bench-echo", "--port", "0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().trim_start_matches("echo on ws://").trim_end_matches('/').parse().expect(&line);
        Self { address, child }
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends while it reads: neither side's buffers hold 16 MiB.
async fn echoed(raw: &mut Raw, bytes: &[u8]) -> (u8, Vec<u8>) {
    let (mut read, mut write) = raw.stream.split();
    let reading = async {
        use tokio::io::AsyncReadExt;
        let first = read.read_u8().await.unwrap();
        let length = match read.read_u8().await.unwrap() {
            126 => u64::from(read.read_u16().await.unwrap()),
            127 => read.read_u64().await.unwrap(),
            short => u64::from(short),
        };
        let mut payload = vec![0; length as usize];
        read.read_exact(&mut payload).await.unwrap();
        (first, payload)
    };
    let writing = async {
        use tokio::io::AsyncWriteExt;
        write.write_all(bytes).await.unwrap();
    };
    tokio::join!(reading, writing).0
}

fn fragments(opcode: u8, payload: &[u8], size: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(payload.len() + payload.len() / size * 14);
    let count = payload.len().div_ceil(size);
    for (number, piece) in payload.chunks(size).enumerate() {
        let first = if number == 0 { opcode } else { CONTINUE };
        bytes.extend(frame(if number + 1 == count { FIN | first } else { first }, piece));
    }
    bytes
}

#[actix_web::test]
async fn text_and_binary_of_every_size_come_back_as_they_were() {
    let echo = Echo::start();
    let mut raw = Raw::upgrade(echo.address, "/", "").await;
    for size in [0, 1, 125, 126, 127, 65_535, 65_536, 1 << 20, 20 << 20] {
        let binary: Vec<u8> = (0..size).map(|at| (at * 31 % 251) as u8).collect();
        assert!(echoed(&mut raw, &frame(FIN | BINARY, &binary)).await == (FIN | BINARY, binary), "{size} binary");
        let text: Vec<u8> = "héllo €".bytes().cycle().take(size / 10 * 10).collect();
        assert!(echoed(&mut raw, &frame(FIN | TEXT, &text)).await == (FIN | TEXT, text), "{size} text");
    }
}

#[actix_web::test]
async fn sixteen_mebibytes_in_pieces_come_back_whole() {
    let echo = Echo::start();
    let mut raw = Raw::upgrade(echo.address, "/", "").await;
    let payload: Vec<u8> = (0..16 << 20).map(|at| b'a' + (at % 23) as u8).collect();
    for opcode in [TEXT, BINARY] {
        let bytes = fragments(opcode, &payload, 64 << 10);
        assert!(echoed(&mut raw, &bytes).await == (FIN | opcode, payload.clone()));
    }
    let few = &payload[..20_000];
    assert!(echoed(&mut raw, &fragments(TEXT, few, 1)).await == (FIN | TEXT, few.to_vec()), "byte by byte");
}

#[actix_web::test]
async fn pings_violations_and_closes_are_those_of_the_hub() {
    let echo = Echo::start();
    let mut raw = Raw::upgrade(echo.address, "/", "").await;
    raw.write(&[frame(TEXT, b"fra"), frame(FIN | PING, b"p"), frame(FIN | CONTINUE, b"gment")].concat()).await;
    assert_eq!(raw.next().await, Some((FIN | PONG, b"p".to_vec())));
    assert_eq!(raw.next().await, Some((FIN | TEXT, b"fragment".to_vec())));
    raw.write(&frame(FIN | CLOSE, &4_321_u16.to_be_bytes())).await;
    assert_eq!(raw.closed().await, Some(4_321));
    for (bytes, code) in [
        (header(FIN | BINARY, (20 << 20) + 1), 1009),
        (frame(FIN | TEXT, b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80"), 1007),
        (frame(FIN | 0x70 | TEXT, b""), 1002),
    ] {
        let mut raw = Raw::upgrade(echo.address, "/", "").await;
        raw.write(&bytes).await;
        assert_eq!(raw.closed().await, Some(code));
    }
}
