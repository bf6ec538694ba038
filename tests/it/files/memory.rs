use super::{kept, pair, pdf};
use crate::support::practice::Practice;
use carehub::accounts::Role;
use futures_util::future::join_all;

const INTO: &str = "portal/messages/attachments";

/// Pieces of a quarter of a MiB: nearly 25 MiB where the build is optimised, a fifth of it in a debug build, which seals
/// as slowly as twenty browsers on a bad line.
const PIECES: usize = if cfg!(debug_assertions) { 20 } else { 100 };

/// A PDF, sent piece by piece: this process does not hold it either.
fn large() -> reqwest::Body {
    let pieces = (0..PIECES).map(|_| bytes::Bytes::from(vec![b'x'; 256 * 1024 - 100]));
    let all = std::iter::once(bytes::Bytes::from_static(b"%PDF-1.7\n")).chain(pieces);
    let all = all.chain(std::iter::once(bytes::Bytes::from_static(b"\n%%EOF\n")));
    reqwest::Body::wrap_stream(futures_util::stream::iter(all.map(Ok::<_, std::io::Error>)))
}

/// The most memory that the hub had in RAM, in KiB.
fn peak_kib(practice: &Practice) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", practice.hub.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[actix_web::test]
async fn twenty_large_files_at_once_cost_less_than_64_mib() {
    let practice = Practice::start().await;
    let (ada, _) = pair(&practice).await;
    ada.upload(INTO, "warm.pdf", pdf("warm")).await.expect(201);
    let before = peak_kib(&practice);
    ada.upload(INTO, "one.pdf", large()).await.expect(201);
    let one = peak_kib(&practice) - before;
    let mut people = Vec::new();
    for n in 0..20 {
        people.push(practice.person(&format!("Client {n}"), Role::Client).await);
    }
    let sent = join_all(people.iter().map(|person| person.upload(INTO, "large.pdf", large()))).await;
    assert!(sent.into_iter().all(|answer| answer.status == 201));
    let twenty = peak_kib(&practice) - before;
    println!("peak memory: one file {one} KiB more, 20 at once {twenty} KiB more, {before} KiB before");
    assert!(one < 32 * 1024, "one took {one} KiB");
    assert!(twenty < 64 * 1024, "twenty took {twenty} KiB");
    assert_eq!(kept(&practice).len(), 22);
}
