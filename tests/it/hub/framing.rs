//! RFC 6455 byte by byte: what breaks it ends that connection with its code, what is allowed works, nobody else
//! notices.

use crate::support::{
    Client, Database, Hub, Raw,
    raw::{BINARY, CLOSE, CONTINUE, FIN, PING, PONG, TEXT, frame, header},
};
use std::time::{Duration, Instant};

const PING_FRAME: &[u8] = br#"{"type":"ping"}"#;
const PONG_FRAME: &[u8] = br#"{"type":"pong"}"#;

fn close_frame(code: u16, reason: &[u8]) -> Vec<u8> {
    frame(FIN | CLOSE, &[&code.to_be_bytes(), reason].concat())
}

#[actix_web::test]
async fn every_violation_closes_with_its_code_after_what_came_before_was_answered() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let unmasked = [&[FIN | TEXT, PING_FRAME.len() as u8], PING_FRAME].concat();
    let long_ping = frame(FIN | PING, &[b'x'; 126]);
    for (what, bytes, code) in [
        ("binary", frame(FIN | BINARY, b"x"), 1003),
        ("binary, fragmented", frame(BINARY, b"x"), 1003),
        ("text that is no UTF-8", frame(FIN | TEXT, b"{\"type\":\"ping\xff\"}"), 1007),
        ("a surrogate in UTF-8", frame(FIN | TEXT, b"\xed\xa0\x80"), 1007),
        ("an overlong form", frame(FIN | TEXT, b"\xc0\xaf"), 1007),
        ("a first fragment that is no UTF-8", frame(TEXT, b"ab\xfe"), 1007),
        ("a further one", [frame(TEXT, b"ab"), frame(CONTINUE, b"c\xc3(")].concat(), 1007),
        ("a character that is never finished", [frame(TEXT, b"\xe2\x82"), frame(FIN | CONTINUE, b"")].concat(), 1007),
        ("more than 64 KiB in one frame", frame(FIN | TEXT, &[b' '; 65_537]), 1009),
        (
            "more than 64 KiB in fragments",
            [frame(TEXT, &[b' '; 40_000]), frame(CONTINUE, &[b' '; 40_000])].concat(),
            1009,
        ),
        ("reserved bit 1", frame(FIN | 0x40 | TEXT, PING_FRAME), 1002),
        ("reserved bit 2", frame(FIN | 0x20 | TEXT, PING_FRAME), 1002),
        ("reserved bit 3", frame(FIN | 0x10 | PING, b""), 1002),
        ("reserved data opcode", frame(FIN | 0x3, b""), 1002),
        ("reserved control opcode", frame(FIN | 0xb, b""), 1002),
        ("unmasked", unmasked, 1002),
        ("a ping of 126 bytes", long_ping, 1002),
        ("a ping in fragments", frame(PING, b"x"), 1002),
        ("a continuation of nothing", frame(FIN | CONTINUE, b"x"), 1002),
        ("a message inside a message", [frame(TEXT, b"{"), frame(FIN | TEXT, PING_FRAME)].concat(), 1002),
        ("a close code of one byte", frame(FIN | CLOSE, b"x"), 1002),
        ("a close of 126 bytes", close_frame(1000, &[b'x'; 124]), 1002),
        ("a close reason that is no UTF-8", close_frame(1000, b"\xff"), 1007),
    ] {
        let mut raw = Raw::connect(&hub, &pair.client).await;
        // In one write with what is wrong: it must not be overtaken.
        raw.write(&[frame(FIN | TEXT, PING_FRAME), bytes].concat()).await;
        let since = Instant::now();
        assert_eq!(raw.message().await.expect(what).1, PONG_FRAME, "{what}");
        assert_eq!(raw.closed().await, Some(code), "{what}");
        assert!(since.elapsed() < Duration::from_secs(1), "{what}: the server ends the connection");
    }
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] {
        let mut raw = Raw::connect(&hub, &pair.client).await;
        raw.write(&close_frame(code, b"")).await;
        assert_eq!(raw.closed().await, Some(1002), "{code}");
    }
}

#[actix_web::test]
async fn a_close_is_answered_with_its_code_and_the_connection_ends() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    for code in [1000, 1001, 1003, 1007, 1011, 1014, 3000, 3999, 4000, 4999] {
        let mut raw = Raw::connect(&hub, &pair.client).await;
        raw.write(&close_frame(code, "für später".as_bytes())).await;
        assert_eq!(raw.closed().await, Some(code));
    }
    let mut raw = Raw::connect(&hub, &pair.client).await;
    raw.write(&frame(FIN | CLOSE, b"")).await;
    let since = Instant::now();
    assert!(matches!(raw.closed().await, Some(1000 | 1005)));
    assert!(since.elapsed() < Duration::from_secs(1), "the server ends the connection");
    // What follows a close is not obeyed.
    let mut raw = Raw::connect(&hub, &pair.client).await;
    raw.write(&[close_frame(1000, b""), frame(FIN | TEXT, PING_FRAME)].concat()).await;
    assert_eq!(raw.closed().await, Some(1000));
}

#[actix_web::test]
async fn fragments_pings_inside_them_and_bytes_one_by_one_are_fine() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut raw = Raw::connect(&hub, &pair.client).await;
    // A character cut in two by fragments, an empty fragment, pings between them.
    let text = "{\"type\":\"ping\",\"ref\":\"€\"}".as_bytes();
    let middle = text.iter().position(|byte| *byte == 0xe2).unwrap() + 1;
    let bytes = [
        frame(TEXT, &text[..middle]),
        frame(FIN | PING, b"one"),
        frame(CONTINUE, b""),
        frame(FIN | PONG, b"unasked"),
        frame(CONTINUE, &text[middle..middle + 1]),
        frame(FIN | PING, &[b'x'; 125]),
        frame(FIN | CONTINUE, &text[middle + 1..]),
    ]
    .concat();
    for byte in &bytes {
        raw.write(&[*byte]).await;
    }
    assert_eq!(raw.next().await, Some((FIN | PONG, b"one".to_vec())));
    assert_eq!(raw.next().await, Some((FIN | PONG, vec![b'x'; 125])));
    assert_eq!(raw.next().await, Some((FIN | TEXT, "{\"type\":\"pong\",\"ref\":\"€\"}".into())));
    // A thousand one-byte fragments; a message of exactly the limit; many messages in one write.
    let padded = [PING_FRAME, &[b' '; 1_000]].concat();
    let mut bytes = frame(TEXT, b"");
    padded.iter().for_each(|byte| bytes.extend(frame(CONTINUE, &[*byte])));
    bytes.extend(frame(FIN | CONTINUE, b""));
    bytes.extend(frame(FIN | TEXT, &[PING_FRAME, &vec![b' '; 65_536 - PING_FRAME.len()]].concat()));
    (0..100).for_each(|_| bytes.extend(frame(FIN | TEXT, PING_FRAME)));
    raw.write(&bytes).await;
    for _ in 0..102 {
        assert_eq!(raw.message().await, Some((FIN | TEXT, PONG_FRAME.to_vec())));
    }
}

#[actix_web::test]
async fn what_is_too_large_is_refused_when_announced_and_costs_no_memory() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut warm = Raw::connect(&hub, &pair.client).await;
    warm.write(&frame(FIN | TEXT, &[PING_FRAME, &[b' '; 60_000]].concat())).await;
    warm.message().await.unwrap();
    let before = hub.resident_kib();
    let some = vec![b'x'; 1 << 20];
    for announced in [65_537, 1 << 31, 8 << 30, i64::MAX as u64, u64::MAX] {
        let mut raw = Raw::connect(&hub, &pair.client).await;
        let since = Instant::now();
        raw.write(&header(FIN | TEXT, announced)).await;
        let (first, close) = raw.next().await.unwrap();
        assert_eq!((first, &close[..2]), (FIN | CLOSE, &1009_u16.to_be_bytes()[..]), "{announced}");
        assert_eq!(raw.next().await, None);
        assert!(since.elapsed() < Duration::from_secs(1), "at once, without a byte of it");
        // Sending it all the same gets nowhere.
        let mut raw = Raw::connect(&hub, &pair.client).await;
        raw.write(&header(FIN | TEXT, announced)).await;
        for _ in 0..16 {
            if raw.stream.writable().await.is_err()
                || tokio::time::timeout(Duration::from_millis(200), raw.write(&some)).await.is_err()
            {
                break;
            }
        }
    }
    // Fragments without an end: many connections, each just below the limit, then over it.
    for _ in 0..40 {
        let mut raw = Raw::connect(&hub, &pair.client).await;
        raw.write(&frame(TEXT, &[b' '; 60_000])).await;
        for _ in 0..20 {
            raw.write(&frame(CONTINUE, &[b' '; 60_000])).await;
        }
        assert_eq!(raw.closed().await, Some(1009));
    }
    let grown = hub.resident_kib().saturating_sub(before);
    assert!(grown < 24 * 1024, "{grown} KiB more");
    warm.write(&frame(FIN | TEXT, PING_FRAME)).await;
    assert_eq!(warm.message().await, Some((FIN | TEXT, PONG_FRAME.to_vec())), "nobody else noticed");
}

#[actix_web::test]
async fn a_frame_that_was_announced_and_does_not_come_is_not_waited_for() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let stall = async |bytes: Vec<u8>, trickle: bool| {
        let mut raw = Raw::connect(&hub, &pair.client).await;
        raw.write(&bytes).await;
        let since = Instant::now();
        if trickle {
            for _ in 0..9 {
                tokio::time::sleep(Duration::from_secs(1)).await;
                raw.write(b"x").await;
            }
        }
        let code = raw.closed().await;
        (code, since.elapsed())
    };
    let half = frame(FIN | TEXT, PING_FRAME);
    let all = tokio::join!(
        stall(header(FIN | TEXT, 60_000), false),
        stall(header(FIN | TEXT, 60_000), true),
        stall(half[..half.len() - 1].to_vec(), false),
        stall(vec![FIN | TEXT], false),
        stall([frame(TEXT, b"{"), header(FIN | CONTINUE, 100)].concat(), false),
    );
    for (code, took) in [all.0, all.1, all.2, all.3, all.4] {
        assert_eq!(code, Some(1008));
        assert!((9.5..12.0).contains(&took.as_secs_f64()), "{took:?}");
    }
}

#[actix_web::test]
async fn a_broken_client_costs_another_ones_connection_nothing() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    for seq in 1..=10 {
        let mut broken = Raw::connect(&hub, &pair.client).await;
        broken.write(&frame(FIN | TEXT, b"\xff\xff")).await;
        client.say_and_wait(&pair.thread, "x").await;
        assert_eq!(clinician.expect("entry").await["seq"], seq);
        assert_eq!(broken.closed().await, Some(1007));
    }
    let logged = hub.logged();
    assert!(!logged.contains("panicked") && !logged.contains("ERROR"), "{logged}");
}
