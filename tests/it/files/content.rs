use super::{kept, pair, pdf};
use crate::support::practice::Practice;
use carehub::accounts::Role;
use serde_json::json;
use std::io::Cursor;
use uuid::Uuid;

const INTO: &str = "portal/messages/attachments";

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// A photo that says where it was taken.
fn photo() -> Vec<u8> {
    let mut jpeg = Cursor::new(Vec::new());
    let picture = image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([(x * 4) as u8, (y * 5) as u8, 90]));
    picture.write_to(&mut jpeg, image::ImageFormat::Jpeg).unwrap();
    let jpeg = jpeg.into_inner();
    let exif = b"Exif\0\0GPS 48.8584 N 2.2945 E";
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], b"\xff\xe1", &length, exif, &jpeg[2..]].concat()
}

#[actix_web::test]
async fn a_file_is_kept_sealed_and_comes_back_as_it_was() {
    let practice = Practice::start().await;
    let (ada, _) = pair(&practice).await;
    let content = pdf(&"canary-in-a-file ".repeat(20_000));
    let made = ada.upload(INTO, "canary-in-a-name.pdf", content.clone()).await.expect(201);
    assert_eq!(made["mediaType"], "application/pdf");
    assert_eq!(made["bytes"], content.len());
    let thread = ada.open("Sleep", "I cannot sleep").await;
    let send = json!({"body": "", "attachments": [made["id"]]});
    ada.post(&format!("portal/messages/{thread}/reply"), send).await.expect(201);
    let path = format!("/api/v1/portal/messages/attachments/{}", made["id"].as_str().unwrap());
    assert_eq!(ada.fetch(&path).await.bytes().await.unwrap(), content);
    let files = kept(&practice);
    assert!(files.iter().any(|file| file.len() > content.len()), "it lies there");
    assert!(!files.iter().any(|file| contains(file, b"canary-in-a")), "sealed");
    let rows = practice.database.query("SELECT o::text FROM objects o").await;
    assert!(rows.len() == 1 && !rows[0].contains("canary"), "{rows:?}");
    assert!(!practice.hub.logged().contains("canary"));
}

#[actix_web::test]
async fn content_that_was_altered_cut_off_or_put_in_anothers_place_is_not_given_out_for_whole() {
    let practice = Practice::start().await;
    let (ada, _) = pair(&practice).await;
    let thread = ada.open("Sleep", "I cannot sleep").await;
    let content = pdf(&"x".repeat(200_000));
    let mut paths = Vec::new();
    for name in ["one.pdf", "two.pdf"] {
        let made = ada.upload(INTO, name, content.clone()).await.expect(201);
        let send = json!({"body": "", "attachments": [made["id"]]});
        ada.post(&format!("portal/messages/{thread}/reply"), send).await.expect(201);
        paths.push(format!("/api/v1/portal/messages/attachments/{}", made["id"].as_str().unwrap()));
    }
    let location =
        |at: usize| format!("SELECT replace(location::text, '-', '') FROM objects ORDER BY id OFFSET {at} LIMIT 1");
    let mut files = Vec::new();
    for at in [0, 1] {
        let name = practice.database.query(&location(at)).await.remove(0);
        files.push(practice.hub.outside.path().join("objects/kept").join(&name[30..]).join(&name));
    }
    let whole = std::fs::read(&files[0]).unwrap();
    let mut altered = whole.clone();
    altered[150_000] ^= 1;
    let other = std::fs::read(&files[1]).unwrap();
    for (what, wrong) in [("altered", altered), ("cut off", whole[..65_564].to_vec()), ("another's", other)] {
        std::fs::write(&files[0], &wrong).unwrap();
        // The length was promised: a connection that ends before is an error to everybody.
        let whole = async { ada.try_fetch(&paths[0]).await?.error_for_status()?.bytes().await };
        assert!(whole.await.is_err(), "{what}");
    }
    std::fs::write(&files[0], &whole).unwrap();
    assert_eq!(ada.fetch(&paths[0]).await.bytes().await.unwrap(), content);
}

#[actix_web::test]
async fn what_is_not_on_the_list_is_refused_by_its_content_whatever_it_is_called() {
    let practice = Practice::start().await;
    let (ada, _) = pair(&practice).await;
    for (name, content) in [
        ("letter.pdf", b"<html><script>alert(1)</script></html>".to_vec()),
        ("picture.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec()),
        ("notes.txt", b"MZ\x90\x00\x03\x00".to_vec()),
        ("notes.txt", b"#!/bin/sh\nrm -rf /\n".to_vec()),
        ("two.pdf", b"%PDF-1.7\nPK\x05\x06\x00\x00\x00\x00 %%EOF".to_vec()),
        ("plan.docx", b"PK\x03\x04not a document".to_vec()),
        ("empty.pdf", Vec::new()),
        ("photo.jpg", b"\xff\xd8\xff\xe0 no photo".to_vec()),
    ] {
        let problem = ada.upload(INTO, name, content).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/file", "{name}");
    }
    assert_eq!(practice.database.query("SELECT count(*) FROM objects").await, ["0"]);
    assert!(kept(&practice).is_empty(), "nothing is left");
    // What is no file at all is told how to send one.
    ada.post(INTO, json!({"file": "x"})).await.refused(400, "badRequest");
}

#[actix_web::test]
async fn a_photo_loses_where_it_was_taken_and_a_pixel_flood_is_refused_at_once() {
    let practice = Practice::start().await;
    let (ada, _) = pair(&practice).await;
    let thread = ada.open("Sleep", "I cannot sleep").await;
    assert!(contains(&photo(), b"48.8584"));
    let made = ada.upload(INTO, "photo.jpg", photo()).await.expect(201);
    ada.post(&format!("portal/messages/{thread}/reply"), json!({"body": "", "attachments": [made["id"]]}))
        .await
        .expect(201);
    let path = format!("/api/v1/portal/messages/attachments/{}", made["id"].as_str().unwrap());
    let response = ada.fetch(&path).await;
    assert_eq!(response.headers()["content-type"], "image/jpeg");
    let stored = response.bytes().await.unwrap();
    assert!(!contains(&stored, b"48.8584") && !contains(&stored, b"Exif"));
    assert_eq!(image::load_from_memory(&stored).unwrap().width(), 64);

    let before = practice.hub.resident_kib();
    let flood = flood(30_000, 30_000);
    let since = std::time::Instant::now();
    let problem = ada.upload(INTO, "flood.png", flood).await.refused(422, "invalid");
    assert!(problem["errors"][0]["message"].as_str().unwrap().contains("pixels"), "{problem}");
    assert!(since.elapsed() < std::time::Duration::from_secs(5), "{:?}", since.elapsed());
    assert!(practice.hub.resident_kib() < before + 64 * 1024, "memory stays");
}

/// A PNG of this size whose pixels all are one byte, packed as tightly as can be.
fn flood(width: u32, height: u32) -> Vec<u8> {
    fn chunk(kind: &[u8], data: &[u8]) -> Vec<u8> {
        let checked = [kind, data].concat();
        let mut sum = !0_u32;
        for byte in &checked {
            sum ^= u32::from(*byte);
            for _ in 0..8 {
                sum = (sum >> 1) ^ if sum & 1 == 1 { 0xedb8_8320 } else { 0 };
            }
        }
        [&u32::try_from(data.len()).unwrap().to_be_bytes(), checked.as_slice(), &(!sum).to_be_bytes()].concat()
    }
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[1, 0, 0, 0, 0]].concat();
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    png.extend(chunk(b"IHDR", &header));
    png.extend(chunk(b"IDAT", b"\x78\x9c\x63\x00\x01\x00\x00\x05\x00\x01"));
    png.extend(chunk(b"IEND", b""));
    png
}

#[actix_web::test]
async fn a_file_has_25_mib_at_most_and_one_that_does_not_say_how_long_it_is_is_cut_while_it_streams() {
    let practice = Practice::start().await;
    let (ada, _) = pair(&practice).await;
    const MOST: usize = 25 << 20;
    let fill = |length: usize| {
        let mut content = pdf("");
        let at = content.len() - 7;
        content.splice(at..at, std::iter::repeat_n(b'x', length - content.len()));
        content
    };
    let whole = ada.upload(INTO, "large.pdf", fill(MOST)).await.expect(201);
    assert_eq!(whole["bytes"], MOST);
    ada.upload(INTO, "large.pdf", fill(MOST + 1)).await.refused(413, "tooLarge");
    // Without a length: the hub may hang up while we still send.
    let pieces = (0..64).map(|_| Ok::<_, std::io::Error>(bytes::Bytes::from(vec![b'x'; 1 << 20])));
    let body = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
    let request = reqwest::Client::new().post(practice.hub.url(&format!("/api/v1/{INTO}"))).bearer_auth(&ada.token);
    let request = request.header("content-type", "application/octet-stream").body(body);
    if let Ok(response) = request.send().await {
        assert_eq!(response.status(), 413);
    }
    assert_eq!(practice.database.query("SELECT count(*) FROM objects WHERE state = 'stored'").await, ["1"]);
}

#[actix_web::test]
async fn a_file_that_is_sent_again_is_the_same_file_and_its_id_is_nobody_elses() {
    let practice = Practice::start().await;
    let (ada, _) = pair(&practice).await;
    let bea = practice.person("Bea", Role::Client).await;
    let id = Uuid::now_v7();
    let first = ada.upload_as(id, INTO, "a.pdf", pdf("one")).await.expect(201);
    assert_eq!(first["id"], id.to_string());
    assert_eq!(ada.upload_as(id, INTO, "a.pdf", pdf("one")).await.expect(200), first);
    ada.upload_as(id, INTO, "a.pdf", pdf("two")).await.refused(409, "conflict");
    bea.upload_as(id, INTO, "a.pdf", pdf("one")).await.refused(409, "conflict");
    // A photo that is painted anew is the same photo, too.
    let id = Uuid::now_v7();
    let first = ada.upload_as(id, INTO, "b.jpg", photo()).await.expect(201);
    assert_eq!(ada.upload_as(id, INTO, "b.jpg", photo()).await.expect(200), first);
    assert_eq!(practice.database.query("SELECT count(*) FROM objects").await, ["2"]);
}

#[actix_web::test]
async fn nobody_hands_in_more_within_a_day_than_their_quota() {
    let practice = Practice::start_with(&[("CAREHUB_UPLOAD_QUOTA_MIB", "26")]).await;
    let (ada, _) = pair(&practice).await;
    let bea = practice.person("Bea", Role::Client).await;
    let content = pdf(&"x".repeat(2 << 20));
    ada.upload(INTO, "a.pdf", content.clone()).await.expect(201);
    let problem = ada.upload(INTO, "b.pdf", pdf("b")).await.refused(413, "tooLarge");
    assert!(problem["detail"].as_str().unwrap().contains("within a day"));
    bea.upload(INTO, "a.pdf", content).await.expect(201);
    practice.database.query("UPDATE objects SET created_at = created_at - interval '25 hours'").await;
    ada.upload(INTO, "b.pdf", pdf("b")).await.expect(201);
}
