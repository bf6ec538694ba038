//! Looking at a file in the page: a picture of it, in which nothing runs.

use super::{pair, pdf};
use crate::support::practice::{Caller, Practice};
use serde_json::json;

/// A PDF of two pages that says so, and would run a program where somebody let it.
pub fn two_pages() -> Vec<u8> {
    let content = "BT /F1 48 Tf 60 700 Td (Page) Tj ET";
    let mut parts = vec![
        "<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>".to_owned(),
    ];
    for _ in 0..2 {
        parts.push(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R
            /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
                .to_owned(),
        );
    }
    parts.push(format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()));
    let (mut file, mut offsets) = ("%PDF-1.7\n".to_owned(), Vec::new());
    for (number, part) in parts.iter().enumerate() {
        offsets.push(file.len());
        file.push_str(&format!("{} 0 obj\n{part}\nendobj\n", number + 1));
    }
    let table = file.len();
    file.push_str(&format!("xref\n0 {}\n0000000000 65535 f \n", parts.len() + 1));
    for offset in offsets {
        file.push_str(&format!("{offset:010} 00000 n \n"));
    }
    file.push_str(&format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n", parts.len() + 1));
    file.into_bytes()
}

async fn added(maya: &Caller, ada: &Caller, name: &str, content: Vec<u8>) -> String {
    let into = format!("ehr/clients/{}/documents?share=true", ada.id);
    maya.upload(&into, name, content).await.expect(201)["id"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn a_page_of_a_pdf_is_shown_as_a_picture_to_whoever_may_read_it() {
    let practice = Practice::start().await;
    let (ada, maya) = pair(&practice).await;
    let document = added(&maya, &ada, "plan.pdf", two_pages()).await;
    for (who, door) in [(&ada, "portal"), (&maya, "ehr")] {
        let shown = who.fetch(&format!("/api/v1/{door}/documents/{document}/preview?page=2")).await;
        assert_eq!(shown.status(), 200);
        assert_eq!(shown.headers()["content-type"], "image/png");
        assert_eq!(shown.headers()["carehub-pages"], "2");
        assert!(shown.headers()["content-security-policy"].to_str().unwrap().contains("sandbox"));
        let picture = image::load_from_memory(&shown.bytes().await.unwrap()).unwrap().into_luma8();
        assert!(picture.pixels().filter(|pixel| pixel.0[0] < 100).count() > 500, "its words are on it");
    }
    ada.get(&format!("portal/documents/{document}/preview?page=3")).await.refused(422, "invalid");
    let bea = practice.person("Bea", carehub::accounts::Role::Client).await;
    bea.get(&format!("portal/documents/{document}/preview")).await.refused(404, "notFound");
    let rows = "SELECT count(*) FROM audit_events WHERE action = 'document.previewed' AND outcome = 'done'";
    assert!(practice.database.query(rows).await[0].parse::<u32>().unwrap() >= 2);
    assert!(!practice.hub.logged().contains("Page"));
}

#[actix_web::test]
async fn what_cannot_be_drawn_is_refused_and_does_the_hub_no_harm() {
    let practice = Practice::start().await;
    let (ada, maya) = pair(&practice).await;
    // A page of pages without end, one as large as a town, and one that is none.
    let endless = String::from_utf8(two_pages()).unwrap().replace("/Kids [3 0 R 4 0 R]", "/Kids [2 0 R 2 0 R]");
    let huge = String::from_utf8(two_pages()).unwrap().replace("[0 0 612 792]", "[0 0 9e9 9e9]");
    let before = practice.hub.resident_kib();
    for (name, content) in
        [("none.pdf", pdf("words")), ("endless.pdf", endless.into_bytes()), ("notes.txt", b"words".to_vec())]
    {
        let document = added(&maya, &ada, name, content).await;
        let refused = ada.get(&format!("portal/documents/{document}/preview")).await.refused(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/file", "{name}");
    }
    let document = added(&maya, &ada, "huge.pdf", huge.into_bytes()).await;
    let shown = ada.fetch(&format!("/api/v1/portal/documents/{document}/preview")).await;
    assert!([200, 422].contains(&shown.status().as_u16()));
    assert!(practice.hub.resident_kib() < before + 64 * 1024, "memory stays");
}

#[actix_web::test]
async fn attachments_are_shown_the_same_way_and_a_picture_as_itself() {
    let practice = Practice::start().await;
    let (ada, maya) = pair(&practice).await;
    let mut png = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(9, 7, image::Rgb([9, 99, 9])).write_to(&mut png, image::ImageFormat::Png).unwrap();
    let thread = ada.open("Sleep", "I cannot sleep").await;
    maya.claim(&thread).await.expect(200);
    for (name, content, pages) in [("plan.pdf", two_pages(), "2"), ("dot.png", png.into_inner(), "1")] {
        let file = ada.upload("portal/messages/attachments", name, content).await.expect(201);
        let send = json!({"body": "", "attachments": [file["id"]]});
        ada.post(&format!("portal/messages/{thread}/reply"), send).await.expect(201);
        let path = format!("messages/attachments/{}/preview", file["id"].as_str().unwrap());
        for (who, door) in [(&ada, "portal"), (&maya, "ehr")] {
            let shown = who.fetch(&format!("/api/v1/{door}/{path}")).await;
            assert_eq!(shown.headers()["content-type"], "image/png");
            assert_eq!(shown.headers()["carehub-pages"], pages);
            assert!(image::load_from_memory(&shown.bytes().await.unwrap()).is_ok());
        }
        ada.get(&format!("portal/{path}?page=0")).await.refused(422, "invalid");
    }
    let looked = "SELECT DISTINCT actor_role FROM audit_events WHERE action = 'attachment.previewed' ORDER BY 1";
    assert_eq!(practice.database.query(looked).await, ["client", "clinician"]);
}
