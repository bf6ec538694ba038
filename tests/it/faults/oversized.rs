//! Frames far larger than allowed, in one piece and in many.

use super::processes::cpu_time;
use crate::support::{Client, Database, Hub, Someone, client::upgrade};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const MEGABYTES: usize = 64;

/// A frame's header with the mask 0, which leaves the payload as it is.
fn header(first: u8, length: usize) -> Vec<u8> {
    let mut bytes = vec![first];
    match length {
        0..126 => bytes.push(0x80 | length as u8),
        126..65_536 => {
            bytes.push(0x80 | 126);
            bytes.extend((length as u16).to_be_bytes());
        }
        _ => {
            bytes.push(0x80 | 127);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes
}

/// Connects, sends these bytes while reading what comes, and tells the close code.
async fn closed_after(hub: &Hub, who: &Someone, bytes: Vec<u8>) -> Option<u16> {
    let stream = TcpStream::connect(hub.address).await.unwrap();
    let request = upgrade(hub, &[("authorization", &format!("Bearer {}", who.token))]);
    let (socket, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
    let (mut read, mut write) = socket.into_inner().into_split();
    // The hub may hang up in the middle.
    let sending = tokio::spawn(async move {
        let _ = write.write_all(&bytes).await;
        write
    });
    let mut heard = Vec::new();
    let mut some = [0; 4_096];
    let until = tokio::time::Instant::now() + Duration::from_secs(10);
    while let Ok(Ok(count @ 1..)) = tokio::time::timeout_at(until, read.read(&mut some)).await {
        heard.extend_from_slice(&some[..count]);
    }
    drop(sending.await);
    // `welcome` and pings, then the close frame with its code.
    let mut rest = &heard[..];
    while rest.len() > 3 {
        let (start, length) = match rest[1] {
            126 => (4, usize::from(u16::from_be_bytes([rest[2], rest[3]]))),
            short => (2, usize::from(short)),
        };
        if rest[0] == 0x88 {
            return Some(u16::from_be_bytes([rest[2], rest[3]]));
        }
        rest = rest.get(start + length..)?;
    }
    None
}

#[tokio::test]
async fn sixty_four_megabytes_in_one_frame_or_in_fragments_or_byte_by_byte_cost_neither_memory_nor_time() {
    let _alone = super::alone().await;
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut other = Client::synced(&hub, &pair.clinician).await;
    // The first connection also pays for what a first connection needs.
    assert_eq!(closed_after(&hub, &pair.client, header(0x82, 1)).await, Some(1003));

    let one = [header(0x81, MEGABYTES << 20), vec![b'a'; MEGABYTES << 20]].concat();
    let piece = |first| [header(first, 16_384), vec![b'a'; 16_384]].concat();
    let fragments = [piece(0x01), piece(0x00).repeat((MEGABYTES << 20) / 16_384)].concat();
    let single = |first| [header(first, 1), vec![b'a']].concat();
    let bytes = [single(0x01), single(0x00).repeat(1_000_000)].concat();
    for (what, sent) in [("one frame", one), ("fragments", fragments), ("single bytes", bytes)] {
        let (memory, time) = (hub.resident_kib(), cpu_time(hub.pid()));
        let code = closed_after(&hub, &pair.client, sent).await;
        let (grown, used) = (hub.resident_kib().saturating_sub(memory), cpu_time(hub.pid()) - time);
        println!("{what}: closed with {code:?}, {grown} KiB more, {used:?} of processor time");
        assert_eq!(code, Some(1009), "{what}");
        assert!(grown < 2 * 1024, "{what}: {grown} KiB");
        assert!(used < Duration::from_secs(1), "{what}: {used:?}");
    }
    other.say_and_wait(&pair.thread, "nothing noticed").await;
}
