use super::Room;
use crate::support::practice::Caller;
use serde_json::json;
use std::process::Command;

/// The file, and what poppler reads in it.
async fn read(room: &Room, who: &Caller, path: &str) -> (Vec<u8>, String) {
    let request = room.practice.request(reqwest::Method::GET, &format!("/api/v1/{path}")).bearer_auth(&who.token);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/pdf");
    let named = response.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(named.starts_with("attachment; filename=\"form-20") && !named.contains("Ann"), "{named}");
    let file = response.bytes().await.unwrap().to_vec();
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("form.pdf");
    std::fs::write(&at, &file).unwrap();
    let text = Command::new("pdftotext").args(["-enc", "UTF-8"]).arg(&at).arg("-").output();
    let text = text.expect("pdftotext is not there; ./scripts/test installs it");
    assert!(text.status.success(), "{}", String::from_utf8_lossy(&text.stderr));
    let info = Command::new("pdfinfo").arg(&at).output().unwrap();
    let info = String::from_utf8_lossy(&info.stdout).into_owned();
    assert!(info.contains("Tagged:          yes") && info.contains("JavaScript:      no"), "{info}");
    (file, String::from_utf8(text.stdout).unwrap())
}

/// Without what lines and pages add.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[tokio::test]
async fn the_paper_says_what_the_data_says() {
    let room = Room::new().await;
    let filling = room
        .give(json!([
            {"key": "about", "label": "About you", "type": "section", "help": "Take your time."},
            {"key": "name", "label": "Your name", "type": "text", "help": "As on your passport.\nFamily names, too."},
            {"key": "story", "label": "What brings you here?", "type": "longText"},
            {"key": "weight", "label": "Weight", "type": "number", "unit": "kg"},
            {"key": "born", "label": "Date of birth", "type": "date"},
            {"key": "sleep", "label": "Sleep", "type": "scale", "min": 0, "max": 10},
            {"key": "pain", "label": "Pain", "type": "scale", "min": 1, "max": 5, "help": "On an ordinary day.",
                "minLabel": "hardly any", "maxLabel": "unbearable"},
            {"key": "with", "label": "Living with", "type": "choices",
                "options": [{"value": "p", "label": "Partner"}, {"value": "c", "label": "Children"}]},
            {"key": "never", "label": "Never asked", "type": "text",
                "showIf": {"conditions": [{"field": "sleep", "is": "equals", "value": 1}]}},
            {"key": "skipped", "label": "Left out", "type": "text"},
            {"key": "sign", "label": "Signature", "type": "signature", "intent": "I agree to be treated.",
                "help": "By hand or typed."},
        ]))
        .await;
    let story =
        (0..900).map(|n| format!("word{n}")).collect::<Vec<_>>().join(" ") + "\nÜber alles – “quoted” naïve Ωmega Дом.";
    let answers = json!({"name": "Zoë Ångström-Nuñez", "story": story, "weight": 61.5, "born": "2000-02-29", "sleep": 7, "pain": 2,
        "with": ["c", "p"], "sign": {"agrees": true, "typed": "Zoë Ångström", "drawn": [[[10, 10], [400, 200]], [[500, 100]]]}});
    let submission = filling.submitted(answers).await;
    let (file, text) = read(&room, &room.ann, &format!("portal/forms/submissions/{submission}/pdf")).await;
    let said = plain(&text);
    for words in [
        "Intake",
        "Ann Field",
        &submission,
        "About you",
        "Take your time.",
        "Your name",
        "As on your passport. Family names, too.",
        "Zoë Ångström-Nuñez",
        &story,
        "61.5 kg",
        "2000-02-29",
        "7 (from 0 to 10)",
        "On an ordinary day.",
        "2 (from 1: hardly any to 5: unbearable)",
        "Partner; Children",
        "By hand or typed.",
        "I agree to be treated.",
        "Signed: Zoë Ångström",
        "127.0.0.1",
        "Nothing in this form was changed",
        "Page 1 of",
    ] {
        // Page numbers stand between the words of a long answer: each is looked for by itself.
        for word in words.split_whitespace() {
            assert!(said.contains(word), "{word} of {words:?} is not on paper");
        }
    }
    assert!(!text.contains("Never asked"), "what was not asked is not there");
    assert!(plain("Left out Not answered.").chars().all(|c| said.contains(c)) && said.contains("Notanswered."));
    // Fonts come along, as far as they are used.
    assert!(file.len() < 200_000, "{} bytes", file.len());
    let by_staff = read(&room, &room.ben, &format!("ehr/submissions/{submission}/pdf")).await.1;
    assert_eq!(plain(&by_staff), said);
}

#[tokio::test]
async fn a_form_in_spanish_is_spanish_on_paper_for_whoever_reads_it_and_as_it_was_in_its_version() {
    let room = Room::new().await;
    let fields = json!([
        {"key": "about", "label": "Sobre usted", "type": "section", "help": "Tómese su tiempo."},
        {"key": "pain", "label": "Dolor", "type": "scale", "min": 1, "max": 5, "help": "En un día normal.",
            "minLabel": "casi nada", "maxLabel": "insoportable"},
        {"key": "sleep", "label": "Sueño", "type": "scale", "min": 0, "max": 10, "maxLabel": "excelente"},
        {"key": "skipped", "label": "Otros", "type": "text", "help": "Si quiere."},
        {"key": "sign", "label": "Firma", "type": "signature", "help": "Con el dedo.", "intent": "Estoy de acuerdo."},
    ]);
    let definition =
        json!({"title": "Primera cita", "intro": "Gracias por venir.", "language": "es", "fields": fields});
    let form = room.publish_whole(definition.clone()).await;
    let filling = room.give_form(&form).await;
    // What is published since is another version.
    let mut newer = definition;
    newer["fields"][1]["help"] = json!("Ahora mismo.");
    newer["fields"][1]["minLabel"] = json!("nada");
    let path = format!("ehr/forms/{form}");
    let revision = room.ben.get(&path).await.expect(200)["revision"].clone();
    let kept = room.ben.put(&path, json!({"kind": "initial", "revision": revision, "definition": newer})).await;
    let revision = kept.expect(200)["revision"].clone();
    room.ben.post(&format!("{path}/publish"), json!({"revision": revision})).await.expect(200);
    let answers = json!({"pain": 2, "sleep": 7, "sign": {"agrees": true, "drawn": [[[10, 10], [400, 200]]]}});
    let submission = filling.submitted(answers).await;
    let (file, text) = read(&room, &room.ann, &format!("portal/forms/submissions/{submission}/pdf")).await;
    let said = plain(&text);
    let mut rest = said.as_str();
    for words in [
        "Primera cita",
        "Cliente",
        "Consultorio",
        "Enviado",
        "Versión del formulario",
        "Referencia",
        "Gracias por venir.",
        "Sobre usted",
        "Tómese su tiempo.",
        "Dolor En un día normal. 2 (de 1: casi nada a 5: insoportable)",
        "Sueño 7 (de 0 a 10: excelente)",
        "Otros Si quiere. Sin respuesta.",
        "Firma Con el dedo. Estoy de acuerdo. Firmado a mano.",
        "Firmado el",
        "Sello",
        "Nada en este formulario cambió desde que se envió",
        "Página 1 de 1",
    ] {
        let at =
            rest.find(&plain(words)).unwrap_or_else(|| panic!("{words:?} is not there, or not in its place: {text}"));
        rest = &rest[at + plain(words).len()..];
    }
    for english in ["Client ", "Practice", "Submitted", "Signed", "answered", "Seal", "Page ", " from ", " with "] {
        assert!(!text.contains(english), "{english:?} in {text}");
    }
    assert!(String::from_utf8_lossy(&file).contains("/Lang(es)"), "a screen reader is told");
    let by_staff = read(&room, &room.ben, &format!("ehr/submissions/{submission}/pdf")).await.1;
    assert_eq!(plain(&by_staff), said);
}

#[tokio::test]
async fn words_in_any_script_are_on_paper_also_where_no_font_draws_them() {
    let room = Room::new().await;
    let filling = room.give(json!([{"key": "name", "label": "名前 / שם", "type": "text"}])).await;
    let submission = filling.submitted(json!({"name": "漢字 שלום 🦊 Ελένη Дарья"})).await;
    let said = plain(&read(&room, &room.ann, &format!("portal/forms/submissions/{submission}/pdf")).await.1);
    for word in ["漢字", "🦊", "Ελένη", "Дарья", "名前"] {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert!("שלום".chars().all(|c| said.contains(c)), "{said}");
}

/// B4.
#[tokio::test]
async fn hostile_words_in_labels_and_answers_are_inert_on_paper() {
    const HOSTILE: [&str; 6] = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "javascript:alert(1)",
        ") Tj ET /JS (app.alert(1)) >> endobj",
        "/OpenAction << /S /JavaScript /JS (app.alert(1)) >>",
        "=HYPERLINK(\"https://evil.example\")",
    ];
    let room = Room::new().await;
    let fields: Vec<_> = HOSTILE
        .iter()
        .enumerate()
        .map(|(n, words)| json!({"key": format!("q{n}"), "label": words, "help": words, "type": "text"}))
        .collect();
    let filling = room.give(json!(fields)).await;
    let answers: serde_json::Map<_, _> =
        HOSTILE.iter().enumerate().map(|(n, words)| (format!("q{n}"), json!(words))).collect();
    let submission = filling.submitted(json!(answers)).await;
    let (file, text) = read(&room, &room.ann, &format!("portal/forms/submissions/{submission}/pdf")).await;
    for words in HOSTILE {
        assert!(plain(&text).matches(&plain(words)).count() >= 2, "{words} is there as text, asked and answered");
    }
    let bytes = String::from_utf8_lossy(&file);
    for acting in ["/JavaScript", "/JS", "/OpenAction", "/Launch", "/URI", "/EmbeddedFile", "/AA "] {
        assert!(!bytes.contains(acting), "{acting} in the file");
    }
}
