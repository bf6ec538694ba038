//! Files in a browser: documents of a record, files in a new conversation, files in a form.

use super::Room;
use crate::{
    files::{pdf, preview::two_pages},
    support::{Browser, Screen, browser},
};
use serde_json::json;
use std::{fs, path::PathBuf};

/// A file to choose, called so.
struct Chosen {
    path: PathBuf,
    _folder: tempfile::TempDir,
}

fn file(name: &str, content: Vec<u8>) -> Chosen {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    Chosen { path, _folder: folder }
}

/// Looks at both pages of what stands first.
async fn look(window: &Browser) {
    window.press_button("Preview").await;
    window.wait_for_text(".preview-dialog", "Page 1 of 2").await;
    let drawn = "(() => { const page = document.querySelector('.page-picture');
        const { data } = page.getContext('2d').getImageData(0, 0, page.width, page.height);
        return data.filter((value, at) => at % 4 === 0 && value < 100).length; })()";
    assert!(window.eval(drawn).await.as_u64().unwrap() > 500, "its words are on it");
    window.click(".preview-foot button:last-of-type").await;
    window.wait_for_text(".preview-dialog", "Page 2 of 2").await;
    window.fits().await;
    window.press(['\u{e00c}']).await;
    window.wait("the dialog gone", "!document.querySelector('dialog')").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_of_a_clinician_at_a_desk_is_looked_at_signed_and_taken_back_from_a_client_on_a_phone() {
    a_document_is_shared_signed_and_taken_back([Screen::Phone, Screen::Desktop]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_of_a_clinician_on_a_phone_is_looked_at_signed_and_taken_back_from_a_client_at_a_desk() {
    a_document_is_shared_signed_and_taken_back([Screen::Desktop, Screen::Phone]).await;
}

async fn a_document_is_shared_signed_and_taken_back(screens: [Screen; 2]) {
    let room = Room::new().await;
    room.practice.cares(&room.clinician, &room.client).await;
    let [ann, ben] = browser::open(&room.practice.hub.url(""), screens).await;
    let (plan, newer) = (file("Our plan.pdf", pdf("one")), file("Our plan, again.pdf", two_pages()));
    ben.sign_in(&room.clinician).await;
    ben.go(&format!("/ehr/clients/{}/documents", room.client.id)).await;
    ben.press_button("Add a document").await;
    ben.choose("care-documents input[type=file]", &plan.path).await;
    ben.click("care-documents button[type=submit]").await;
    ben.wait_for_text("care-documents .record", "Not shared").await;
    ben.click("care-documents .record a").await;
    ben.wait_for_text("h1", "Our plan").await;
    ben.press_button("Add a version").await;
    ben.choose("dialog input[type=file]", &newer.path).await;
    ben.click("dialog button[type=submit]").await;
    ben.wait_for_text("care-document", "Version 2").await;
    // The version before is still there.
    ben.wait_for_text("#versions + ul", "Version 1").await;
    look(&ben).await;
    ben.press_button("Rename").await;
    ben.write("dialog [name=title]", ", together").await;
    ben.click("dialog button[type=submit]").await;
    ben.wait_for_text("h1", ", together").await;
    ben.press_button("Share with the client").await;
    ben.wait_for_text("care-document", "Shared with the client").await;
    ben.press_button("Ask for a signature").await;
    ben.wait_for_text("care-document", "Signature asked for").await;
    ben.fits().await;
    ben.must_be_content().await;

    ann.sign_in(&room.client).await;
    ann.go("/portal/documents").await;
    ann.wait_for_text("care-documents .record", "Please sign").await;
    ann.click("care-documents .record a").await;
    ann.wait_for_text("#sign", "Please sign").await;
    look(&ann).await;
    ann.press_button("Download Our plan, again.pdf").await;
    ann.write("[name=name]", "Ann Field").await;
    ann.click("care-document input[type=checkbox]").await;
    ann.click("care-document form button[type=submit]").await;
    ann.wait_for_text(".signature", "Ann Field").await;
    ann.must_be_content().await;
    let downloaded = "SELECT count(*) FROM audit_events WHERE action = 'document.downloaded'";
    ann.wait("the download begun", "true").await;
    assert!(room.practice.database.query(downloaded).await[0] != "0");

    ben.reload().await;
    ben.wait_for_text(".signature", "Ann Field").await;
    ben.press_button("Stop sharing").await;
    ben.wait_for_text("care-document", "Not shared with the client").await;
    ann.forgive(&["status of 404"]);
    ann.reload().await;
    ann.wait_for_text("h1", "not here").await;

    let photo = file("Card.txt", b"Policy 4711".to_vec());
    ann.go("/portal/documents").await;
    ann.press_button("Send a document").await;
    ann.choose("care-documents input[type=file]", &photo.path).await;
    ann.click("care-documents button[type=submit]").await;
    ann.wait_for_text("care-documents .record", "Card").await;
    // What is refused says why, and what was chosen stays.
    let harmful = file("Card.pdf", b"<script>alert(1)</script>".to_vec());
    ann.forgive(&["status of 422"]);
    ann.press_button("Send a document").await;
    ann.choose("care-documents input[type=file]", &harmful.path).await;
    ann.click("care-documents button[type=submit]").await;
    ann.wait_for_text("care-documents .failure", "Files can be PDF").await;
    ann.must_be_content().await;
    ben.go(&format!("/ehr/clients/{}/documents", room.client.id)).await;
    ben.wait_for_text("care-documents", "Card").await;
    ben.write("care-documents input[type=search]", "plan").await;
    ben.wait(
        "what was looked for alone",
        "!document.querySelector('care-documents .records').innerText.includes('Card')",
    )
    .await;
    ben.wait_for_text("care-documents .record", ", together").await;
    ben.set("care-documents [role=search] select", "letter").await;
    ben.wait_for_text("care-documents", "Nothing like this was found.").await;
    ben.fits().await;
    ben.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_begins_with_a_file_on_either_side() {
    let room = Room::new().await;
    room.practice.cares(&room.clinician, &room.client).await;
    let [ann, ben] = browser::open(&room.practice.hub.url(""), [Screen::Phone, Screen::Desktop]).await;
    let letter = file("Letter.pdf", two_pages());
    ann.sign_in(&room.client).await;
    ann.go("/portal/new").await;
    ann.write("[name=subject]", "A letter").await;
    ann.write("[name=body]", "Here it is").await;
    ann.choose("care-attachments input", &letter.path).await;
    ann.wait_for_text(".attaching .there", "Letter.pdf").await;
    ann.click("care-new-thread button[type=submit]").await;
    ann.wait_for_text(".attachments", "Letter.pdf").await;
    look(&ann).await;
    ann.must_be_content().await;

    ben.sign_in(&room.clinician).await;
    ben.go("/ehr/new").await;
    ben.wait("the client to choose", "document.querySelectorAll('[name=client] option').length > 1").await;
    assert_eq!(ben.eval("document.querySelector('care-attachments').checkVisibility()").await, false);
    ben.set("[name=client]", &room.client.id.to_string()).await;
    ben.choose("care-attachments input", &letter.path).await;
    ben.wait_for_text(".attaching .there", "Letter.pdf").await;
    ben.write("[name=subject]", "The same").await;
    ben.write("[name=body]", "Back to you").await;
    ben.click("care-new-thread button[type=submit]").await;
    ben.wait_for_text(".attachments", "Letter.pdf").await;
    ben.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_takes_files_over_a_reload_and_the_clinician_gets_them() {
    let room = Room::new().await;
    room.practice.cares(&room.clinician, &room.client).await;
    let [ann, ben] = browser::open(&room.practice.hub.url(""), [Screen::Phone, Screen::Desktop]).await;
    let fields = json!([{"key": "card", "label": "Your insurance card", "type": "file", "required": true, "max": 2}]);
    let definition = json!({"title": "Insurance", "fields": fields});
    let made = room.clinician.post("ehr/forms", json!({"kind": "custom", "definition": definition})).await.expect(201);
    let form = format!("ehr/forms/{}", made["id"].as_str().unwrap());
    room.clinician.post(&format!("{form}/publish"), json!({"revision": 1})).await.expect(200);
    let given =
        room.clinician.post(&format!("{form}/assignments"), json!({"client": room.client.id})).await.expect(201);
    let (front, back) = (file("Front.pdf", two_pages()), file("Back.pdf", pdf("back")));

    ann.forgive(&["status of 422"]);
    ann.sign_in(&room.client).await;
    ann.go(&format!("/portal/forms/{}", given["id"].as_str().unwrap())).await;
    ann.choose("#q-card input", &front.path).await;
    ann.wait_for_text("#q-card .there", "Front.pdf").await;
    ann.wait_for_text(".save-state", "Saved at").await;
    ann.reload().await;
    ann.wait_for_text("#q-card .there", "Front.pdf").await;
    ann.click("#q-card .there button").await;
    ann.wait("the file gone", "!document.querySelector('#q-card .there')").await;
    ann.click("button[type=submit].primary").await;
    ann.wait_for_text(".failure", "Answer this question").await;
    for chosen in [&front, &back] {
        ann.choose("#q-card input", &chosen.path).await;
    }
    ann.wait("two files", "document.querySelectorAll('#q-card .there').length === 2").await;
    ann.wait("no room for a third", "[...document.querySelectorAll('#q-card button')].at(-1).disabled").await;
    ann.click("button[type=submit].primary").await;
    ann.wait("the submission", "location.pathname.startsWith('/portal/forms/submissions/')").await;
    ann.wait_for_text(".form-answers", "Back.pdf").await;
    look(&ann).await;
    ann.must_be_content().await;

    ben.sign_in(&room.clinician).await;
    ben.go("/ehr/submissions").await;
    ben.click("care-forms-to-review a").await;
    ben.wait_for_text(".form-answers", "Front.pdf").await;
    ben.wait_for_text(".form-answers", "SHA-256").await;
    let link = ben.eval("document.querySelector('.form-answers a').getAttribute('href')").await;
    assert_eq!(room.clinician.fetch(link.as_str().unwrap()).await.bytes().await.unwrap(), two_pages());
    look(&ben).await;
    ben.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_names_of_files_are_text_on_every_page_that_shows_them() {
    let room = Room::new().await;
    room.practice.cares(&room.clinician, &room.client).await;
    let ann = &room.client;
    let hostile = crate::files::names::HOSTILE;
    let given = room.give_file_form().await;
    let (mut answered, mut sent) = (Vec::new(), Vec::new());
    for name in hostile.iter().take(10) {
        ann.upload("portal/documents", name, pdf(name)).await.expect(201);
        sent.push(ann.upload("portal/messages/attachments", name, pdf(name)).await.expect(201)["id"].clone());
        let into = format!("portal/forms/{given}/files?field=card");
        answered.push(ann.upload(&into, name, pdf(name)).await.expect(201)["id"].clone());
    }
    let first = ann.get("portal/documents").await.expect(200)["items"][0]["id"].as_str().unwrap().to_owned();
    // A title is free words.
    let title = json!({"title": "<img src=x onerror='window.hit = 1'>"});
    let rename = format!("ehr/documents/{first}");
    room.clinician.call(reqwest::Method::PATCH, &rename, Some(title)).await.expect(200);
    let reply = json!({"body": "", "attachments": sent});
    ann.post(&format!("portal/messages/{}/reply", room.thread), reply).await.expect(201);
    let submit = json!({"answers": {"card": answered}});
    let submitted = ann.post(&format!("portal/forms/{given}/submit"), submit).await.expect(201);
    let submission = submitted["submission"].as_str().unwrap();

    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Phone]).await;
    window.forgive(&["status of 401"]);
    let of_client = format!("/ehr/clients/{}/documents", ann.id);
    for (who, pages) in [
        (ann, ["/portal/documents".to_owned(), format!("/portal/documents/{first}"), room.path(ann)]),
        (&room.clinician, [of_client, format!("/ehr/documents/{first}"), room.path(&room.clinician)]),
    ] {
        let submitted = match who.door() {
            "ehr" => format!("/ehr/submissions/{submission}"),
            _ => format!("/portal/forms/submissions/{submission}"),
        };
        window.sign_in(who).await;
        for path in pages.iter().chain([&submitted]) {
            window.go(path).await;
            window.wait("names", "document.querySelectorAll('main bdi').length > 0").await;
            window.settled().await;
            window.is_inert().await;
        }
        window.must_be_content().await;
        window.sign_out().await;
    }
}

impl Room {
    /// A form that asks the client for files: its assignment.
    pub(super) async fn give_file_form(&self) -> String {
        let fields = json!([{"key": "card", "label": "Your insurance card", "type": "file", "max": 10}]);
        let definition = json!({"title": "Insurance", "fields": fields});
        let made = self.clinician.post("ehr/forms", json!({"kind": "custom", "definition": definition})).await;
        let form = format!("ehr/forms/{}", made.expect(201)["id"].as_str().unwrap());
        self.clinician.post(&format!("{form}/publish"), json!({"revision": 1})).await.expect(200);
        let given = self.clinician.post(&format!("{form}/assignments"), json!({"client": self.client.id})).await;
        given.expect(201)["id"].as_str().unwrap().to_owned()
    }
}
