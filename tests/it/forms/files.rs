//! Files in forms: handed in while one writes, sealed with what one submits.

use super::{Filling, Room, pointers, question};
use crate::{
    files::preview::two_pages,
    support::practice::{Answer, Caller},
};
use carehub::accounts::Role;
use serde_json::{Value, json};
use std::process::Command;

fn asked() -> Value {
    json!([question("mood"), {"key": "letters", "label": "Letters of your doctor", "type": "file", "max": 2}])
}

fn pdf(words: &str) -> Vec<u8> {
    format!("%PDF-1.7\n% {words}\n%%EOF\n").into_bytes()
}

impl Filling {
    async fn add_as(&self, who: &Caller, field: &str, name: &str, content: impl Into<reqwest::Body>) -> Answer {
        who.upload(&format!("portal/forms/{}/files?field={field}", self.id), name, content).await
    }

    async fn add(&self, name: &str, content: impl Into<reqwest::Body>) -> Value {
        self.add_as(&self.ann, "letters", name, content).await.expect(201)
    }

    fn at(&self, file: &Value) -> String {
        format!("/api/v1/portal/forms/{}/files/{}", self.id, file["id"].as_str().unwrap())
    }
}

async fn stored(room: &Room) -> String {
    room.practice.database.query("SELECT count(*) FROM objects").await.remove(0)
}

#[actix_web::test]
async fn a_file_is_kept_with_the_draft_and_sealed_with_what_is_submitted() {
    let room = Room::new().await;
    let filling = room.give(asked()).await;
    let content = pdf("canary-in-a-letter");
    let file = filling.add("Letter of 3 May.pdf", content.clone()).await;
    assert_eq!((&file["mediaType"], &file["field"]), (&json!("application/pdf"), &json!("letters")));
    filling.save(None, json!({"letters": [file["id"]]})).await.expect(200);
    // Another page finds it with its name, and its client gets it; nobody else does before it is submitted.
    assert_eq!(filling.shown().await["files"], json!([file]));
    assert_eq!(room.ann.fetch(&filling.at(&file)).await.bytes().await.unwrap(), content);
    room.practice.database.query("UPDATE objects SET created_at = created_at - interval '9 days'").await;
    let submission = filling.submitted(json!({"mood": "fine"})).await;

    let (by_client, by_staff) =
        (format!("portal/forms/submissions/{submission}"), format!("ehr/submissions/{submission}"));
    for (who, path) in [(&room.ann, &by_client), (&room.ben, &by_staff)] {
        let shown = who.get(path).await.expect(200);
        assert_eq!((&shown["files"], &shown["intact"]), (&json!([file]), &json!(true)));
    }
    let path = format!("/api/v1/{by_staff}/files/{}", file["id"].as_str().unwrap());
    let given = room.ben.fetch(&path).await;
    assert!(given.headers()["content-disposition"].to_str().unwrap().starts_with("attachment;"));
    assert!(given.headers()["content-security-policy"].to_str().unwrap().ends_with("sandbox"));
    assert_eq!(given.bytes().await.unwrap(), content);
    // On paper, too: name, size and digest.
    let paper = room.ben.fetch(&format!("/api/v1/{by_staff}/pdf")).await.bytes().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("form.pdf");
    std::fs::write(&at, &paper).unwrap();
    let text = Command::new("pdftotext").arg("-raw").arg(&at).arg("-").output().unwrap().stdout;
    let text: String = String::from_utf8(text).unwrap().split_whitespace().collect();
    for words in ["Letterof3May.pdf", &format!("{}bytes", content.len()), file["sha256"].as_str().unwrap()] {
        assert!(text.contains(words), "{words} is not on paper");
    }
    let logged = "SELECT string_agg(action, ' ' ORDER BY id) FROM audit_events WHERE action LIKE '%file%'";
    let logged = room.practice.database.query(logged).await.remove(0);
    assert_eq!(logged, "file.stored form.fileAdded form.fileDownloaded submission.fileDownloaded");
    assert!(!room.practice.hub.logged().contains("canary"));
}

#[actix_web::test]
async fn a_page_of_a_file_is_shown_to_its_client_and_once_submitted_to_those_who_look_after_them() {
    let room = Room::new().await;
    let filling = room.give(asked()).await;
    let file = filling.add("Letter.pdf", two_pages()).await;
    let own = format!("{}/preview?page=2", filling.at(&file));
    let bea = room.practice.person("Bea", Role::Client).await;
    let tom = room.practice.person("Tom", Role::Clinician).await;
    let shown = async |who: &Caller, at: &str| {
        let page = who.fetch(at).await;
        assert_eq!((page.status().as_u16(), page.headers()["carehub-pages"].to_str().unwrap()), (200, "2"), "{at}");
        image::load_from_memory(&page.bytes().await.unwrap()).unwrap();
    };
    shown(&room.ann, &own).await;
    let letters = json!({"letters": [file["id"]]});
    let submission = filling.submitted(letters).await;
    let by_staff =
        format!("/api/v1/ehr/submissions/{submission}/files/{}/preview?page=2", file["id"].as_str().unwrap());
    shown(&room.ann, &own).await;
    shown(&room.ben, &by_staff).await;
    for (who, at) in [(&bea, &own), (&tom, &by_staff)] {
        assert_eq!(who.fetch(at).await.status(), 404);
    }
    // A file of this client that is none of this submission.
    let other = room.give(asked()).await;
    let draft = other.add("draft.pdf", two_pages()).await;
    let elsewhere = by_staff.replace(file["id"].as_str().unwrap(), draft["id"].as_str().unwrap());
    assert_eq!(room.ben.fetch(&elsewhere).await.status(), 404);
    let logged = "SELECT string_agg(action, ' ' ORDER BY id) FROM audit_events WHERE action LIKE '%ilePreviewed' AND outcome = 'done'";
    let logged = room.practice.database.query(logged).await.remove(0);
    assert_eq!(logged, "form.filePreviewed form.filePreviewed submission.filePreviewed");
}

#[actix_web::test]
async fn how_many_of_which_kind_and_where_is_judged_by_the_hub() {
    let room = Room::new().await;
    let filling = room.give(asked()).await;
    let refused = filling.add_as(&room.ann, "letters", "a.pdf", "<script>alert(1)</script>").await;
    assert_eq!(pointers(&refused.refused(422, "invalid")), ["/file"]);
    for field in ["mood", "nothing", ""] {
        let refused = filling.add_as(&room.ann, field, "a.pdf", pdf("a")).await;
        assert_eq!(pointers(&refused.refused(422, "invalid")), ["/field"], "{field}");
    }
    let mut ids = Vec::new();
    for name in ["one.pdf", "two.pdf", "three.pdf"] {
        ids.push(filling.add(name, pdf(name)).await["id"].clone());
    }
    for wrong in [json!(ids), json!([ids[0], ids[0]]), json!([uuid::Uuid::now_v7()]), json!(["x"]), json!("x")] {
        let refused = filling.submit(json!({"letters": wrong})).await.refused(422, "invalid");
        assert_eq!(pointers(&refused), ["/answers/letters"], "{wrong}");
    }
    // A file of another form of the same client is none of this one.
    let other = room.give(asked()).await;
    let foreign = other.add("other.pdf", pdf("other")).await["id"].clone();
    let refused = filling.submit(json!({"letters": [foreign]})).await.refused(422, "invalid");
    assert_eq!(pointers(&refused), ["/answers/letters"]);
    let submission = filling.submitted(json!({"letters": [ids[2], ids[0]]})).await;
    // What no answer named is gone; so is the right to add more.
    assert_eq!(stored(&room).await, "3");
    let shown = room.ben.get(&format!("ehr/submissions/{submission}")).await.expect(200);
    let names: Vec<&str> =
        shown["files"].as_array().unwrap().iter().map(|file| file["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["three.pdf", "one.pdf"]);
    filling.add_as(&room.ann, "letters", "late.pdf", pdf("late")).await.refused(409, "conflict");
}

#[actix_web::test]
async fn a_file_that_was_taken_away_is_gone_and_one_sent_again_is_the_same() {
    let room = Room::new().await;
    let filling = room.give(asked()).await;
    let (id, path) = (uuid::Uuid::now_v7(), format!("portal/forms/{}/files?field=letters", filling.id));
    let file = room.ann.upload_as(id, &path, "a.pdf", pdf("a")).await.expect(201);
    assert_eq!(room.ann.upload_as(id, &path, "a.pdf", pdf("a")).await.expect(200), file);
    let kept = filling.add("b.pdf", pdf("b")).await;
    filling.save(None, json!({"letters": [file["id"], kept["id"]]})).await.expect(200);
    filling.save(None, json!({"letters": [kept["id"]]})).await.expect(200);
    assert_eq!(room.ann.fetch(&filling.at(&file)).await.status(), 404);
    assert_eq!(room.ann.fetch(&filling.at(&kept)).await.status(), 200);
    assert_eq!(stored(&room).await, "1");
    // One who only read the draft of before does not bring it back.
    let refused = filling.submit(json!({"letters": [file["id"]]})).await.refused(422, "invalid");
    assert_eq!(pointers(&refused), ["/answers/letters"]);
}

#[actix_web::test]
async fn a_file_that_is_not_what_was_sealed_breaks_the_seal_and_nobody_else_gets_one() {
    let room = Room::new().await;
    let filling = room.give(asked()).await;
    let file = filling.add("a.pdf", pdf("a")).await;
    let submission = filling.submitted(json!({"letters": [file["id"]]})).await;
    let path = format!("ehr/submissions/{submission}");
    let bea = room.practice.person("Bea", Role::Client).await;
    let tom = room.practice.person("Tom", Role::Clinician).await;
    assert_eq!(bea.fetch(&filling.at(&file)).await.status(), 404);
    let at = format!("/api/v1/{path}/files/{}", file["id"].as_str().unwrap());
    assert_eq!(tom.fetch(&at).await.status(), 404);
    assert_eq!(room.ben.fetch(&at).await.status(), 200);
    room.practice.database.query("UPDATE objects SET bytes = bytes + 1").await;
    assert_eq!(room.ben.get(&path).await.expect(200)["intact"], false);
}

#[actix_web::test]
async fn files_of_forms_go_with_their_client() {
    let tombstones = tempfile::tempdir().unwrap();
    let room = Room::with(&[("CAREHUB_TOMBSTONES", tombstones.path().to_str().unwrap())]).await;
    let filling = room.give(asked()).await;
    let file = filling.add("a.pdf", pdf("a")).await;
    filling.submitted(json!({"letters": [file["id"]]})).await;
    let draft = room.give(asked()).await;
    draft.add("b.pdf", pdf("b")).await;
    let abe = room.practice.person("Abe", Role::Admin).await;
    let erase = json!({"reason": "Asked for.", "confirm": room.ann.email});
    abe.post(&format!("admin/clients/{}/erasure", room.ann.id), erase).await.expect(201);
    assert_eq!(stored(&room).await, "0");
    assert_eq!(room.practice.database.query("SELECT count(*) FROM object_removals").await, ["2"]);
}
