//! What clients read is in their language, English or Spanish, whatever happens.

use super::Room;
use crate::support::{Screen, browser};
use serde_json::json;
use std::{fs, path::Path};

/// Words of the English pages that no Spanish one shows.
const ENGLISH: [&str; 14] = [
    "Notifications",
    "told",
    "Phone",
    "This device",
    "Save",
    "Quiet",
    "Until",
    "Mark as",
    "New",
    "Loading",
    "Kind",
    "e-mail",
    "Nothing",
    "Emergency",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_of_notices_are_in_the_clients_language_whatever_they_say() {
    let room = Room::new().await;
    room.practice.database.query(&format!("UPDATE users SET language = 'es' WHERE id = '{}'", room.client.id)).await;
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Phone]).await;
    window.sign_in(&room.client).await;
    window.settled().await;
    window.find("care-bell a[lang=es]").await;
    for (path, spanish) in [
        ("/portal/notifications", ["Avisos", "Marcar como leído", "De qué quiero que me avisen"]),
        ("/portal/account/notifications", ["Horas de silencio", "Agregar un teléfono", "Este dispositivo"]),
    ] {
        window.go(path).await;
        window.settled().await;
        for words in spanish {
            window.wait_for_text("main > div > [lang=es]", words).await;
        }
        let shown = window.find("main > div > [lang=es]").await.text().await.unwrap();
        let left: Vec<_> = ENGLISH.iter().filter(|words| shown.contains(**words)).collect();
        assert!(left.is_empty(), "{path} says {left:?}: {shown}");
    }
    window.press_button("Guardar").await;
    window.wait_for_text("care-notification-choices [role=status]", "Guardado").await;
    // No text messages are set up here: a refusal of the hub, in the same language.
    window.press_button("Agregar un teléfono").await;
    window.write("dialog [name=number]", "+1 512 555 0123").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("dialog[lang=es] [role=alert]", "Aquí no hay mensajes de texto").await;
    window.forgive(&["status of 409"]);
    window.must_be_content().await;
}

/// Words of the English pages about appointments and questionnaires.
const OF_TIMES: [&str; 14] = [
    "Ahead",
    "Past",
    "Appointment",
    "Ask for",
    "With ",
    "Join",
    "Add to",
    "Confirmed",
    "In person",
    "free time",
    "Over time",
    "Answered",
    "score",
    "Times are",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_of_appointments_and_questionnaires_are_in_the_clients_language() {
    let room = Room::new().await;
    room.practice.database.query(&format!("UPDATE users SET language = 'es' WHERE id = '{}'", room.client.id)).await;
    room.practice.cares(&room.clinician, &room.client).await;
    room.clinician.put("ehr/availability", super::around_the_clock()).await.expect(200);
    let soon = carehub::clock::Clock::system().now() + chrono::TimeDelta::days(3);
    let made = json!({"client": room.client.id, "clinician": room.clinician.id, "startsAt": soon, "mode": "inPerson"});
    room.clinician.post("ehr/appointments", made).await.expect(201);
    let assign = format!("ehr/clients/{}/assessments", room.client.id);
    for instrument in ["gad-7", "phq-9"] {
        let once = json!({"instrument": instrument, "recurrence": {"kind": "once"}});
        room.clinician.post(&assign, once).await.expect(201);
    }
    let waiting = room.client.get("portal/assessments").await.expect(200);
    let anxiety = waiting["items"].as_array().unwrap().iter().find(|one| one["instrument"] == "gad-7").unwrap();
    let answers = json!({"answers": {"1": 0, "2": 0, "3": 0, "4": 0, "5": 0, "6": 0, "7": 0}});
    let submit = format!("portal/assessments/{}/submit", anxiety["id"].as_str().unwrap());
    room.client.post(&submit, answers).await.expect(201);
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Phone]).await;
    window.sign_in(&room.client).await;
    for (path, spanish) in [
        ("/portal/appointments", ["Próximas", "Confirmada", "Añadir al calendario", "Crear una dirección"]),
        (
            "/portal/appointments/new",
            ["horas libres", "¿De qué se trata?", "Pedir esta hora", "Avisarme de una hora libre"],
        ),
        ("/portal/questionnaires", ["Por responder", "Empezar", "En una tabla", "Su puntuación es 0 de 21"]),
    ] {
        window.go(path).await;
        window.settled().await;
        for words in spanish {
            window.wait_for_text("main > div > [lang=es]", words).await;
        }
        let shown = window.find("main > div > [lang=es]").await.text().await.unwrap();
        let left: Vec<_> = ENGLISH.iter().chain(&OF_TIMES).filter(|words| shown.contains(**words)).collect();
        assert!(left.is_empty(), "{path} says {left:?}: {shown}");
    }
    // A refusal of the hub, in the same language: somebody is there before the window knows.
    window.go("/portal/appointments").await;
    window.press_button("Cancelar").await;
    window.wait_for_text("dialog", "¿Cancelar esta cita?").await;
    room.practice.database.query("UPDATE appointments SET state = 'completed'").await;
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("dialog [role=alert]", "La cita ha cambiado").await;
    window.forgive(&["status of 409"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_of_documents_and_forms_are_in_the_clients_language() {
    let room = Room::new().await;
    room.practice.cares(&room.clinician, &room.client).await;
    room.practice.database.query(&format!("UPDATE users SET language = 'es' WHERE id = '{}'", room.client.id)).await;
    let into = format!("ehr/clients/{}/documents?share=true", room.client.id);
    let document = room.clinician.upload(&into, "Carta.pdf", crate::files::pdf("x")).await.expect(201);
    let document = format!("ehr/documents/{}", document["id"].as_str().unwrap());
    room.clinician.post(&format!("{document}/request-signature"), serde_json::json!({})).await.expect(200);
    let form = room.give_file_form().await;
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Phone]).await;
    window.forgive(&["status of 422"]);
    window.sign_in(&room.client).await;
    for (path, spanish) in [
        ("/portal/documents", ["Documentos", "Por favor, firme", "Enviar un documento al consultorio"]),
        (&document.replace("ehr", "/portal"), ["Por favor, firme", "Descargar", "Vista previa"]),
        ("/portal/forms", ["Formularios", "Para llenar", "Llenar"]),
        (&format!("/portal/forms/{form}"), ["Lo que escribe se guarda solo", "Agregar archivos", "Enviar"]),
    ] {
        window.go(path).await;
        for words in spanish {
            window.wait_for_text("main", words).await;
        }
        let shown = window.eval("document.querySelector('main').innerText").await;
        // The form's own words are the practice's.
        let english = [
            "Documents",
            "Added by",
            "Version",
            "Download",
            "Preview",
            "Sign ",
            "Category",
            "To fill in",
            "Forms",
            "Submit",
            "Saved",
            "Add ",
            "Loading",
            "optional",
        ];
        let left: Vec<_> = english.iter().filter(|words| shown.as_str().unwrap().contains(**words)).collect();
        assert!(left.is_empty(), "{path} says {left:?}: {shown}");
    }
    let harmful = tempfile::tempdir().unwrap();
    fs::write(harmful.path().join("a.pdf"), "<script>").unwrap();
    window.choose("care-attachments input", &harmful.path().join("a.pdf")).await;
    window.wait_for_text(".attaching .failed", "Los archivos pueden ser PDF").await;
    window.must_be_content().await;
}

/// Words of the English pages of conversations and of one's own account.
const OF_ONESELF: [&str; 34] = [
    "Messages",
    "Conversation",
    "conversation",
    "Subject",
    "Message",
    "Send",
    "Sign out",
    "Signed in",
    "Account",
    "Profile",
    "Security",
    "Privacy",
    "Password",
    "Loading",
    "Back",
    "With ",
    "Delivered",
    "You:",
    "You ",
    "Your ",
    "Today",
    "Yesterday",
    "Show ",
    "Save",
    "Telephone",
    "Address",
    "Remove",
    "Add ",
    "Set up",
    "This ",
    "Who ",
    "Make ",
    "Read a",
    "clinician",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conversations_and_ones_own_account_are_in_the_clients_language() {
    let room = Room::new().await;
    room.practice.database.query(&format!("UPDATE users SET language = 'es' WHERE id = '{}'", room.client.id)).await;
    let reply = format!("ehr/threads/{}/reply", room.thread);
    room.clinician.post(&reply, json!({"body": "Hola, Ann."})).await.expect(201);
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Desktop]).await;
    window.sign_in(&room.client).await;
    for (path, spanish) in [
        ("/portal", ["Mensajes", "Nueva conversación", "Cerrar sesión"]),
        ("/portal/new", ["Asunto", "Es urgente", "Adjuntar archivos"]),
        (&room.path(&room.client), ["Hola, Ann.", "Hoy", "Urgente"]),
        ("/portal/account/profile", ["Cómo quiere que le llamen", "Agregar a alguien", "Zona horaria"]),
        ("/portal/account/security", ["Contraseña actual", "Agregar una llave de acceso", "Este dispositivo"]),
        ("/portal/account/privacy", ["Quién abrió su expediente", "Acceso de emergencia", "Hacer una copia"]),
    ] {
        window.go(path).await;
        window.settled().await;
        for words in spanish {
            window.wait_for_text("body", words).await;
        }
        assert_eq!(window.eval("document.documentElement.lang").await, "es");
        // What stands in another language says so; what was written in a conversation stays as it was written.
        let shown = "(() => { const body = document.body.cloneNode(true);
            body.querySelectorAll('[lang=en], option, noscript, .entry .text, .entry.notice, .row-preview').forEach((part) => part.remove());
            return body.textContent + [...body.querySelectorAll('[aria-label], [placeholder]')].map((part) =>
                `${part.ariaLabel} ${part.placeholder ?? ''}`).join(' ') + document.title; })()";
        let shown = window.eval(shown).await;
        let left: Vec<_> = OF_ONESELF.iter().filter(|words| shown.as_str().unwrap().contains(**words)).collect();
        assert!(left.is_empty(), "{path} says {left:?}: {shown}");
    }
    // Refusals stand beside their fields, and are said by the browser as the hub says them.
    window.go("/portal/account/security").await;
    window.write("[name=currentPassword]", "not the password").await;
    window.write("[name=newPassword]", "as wrong as the other one").await;
    window.press_button("Cambiar la contraseña").await;
    window.wait_for_text(".field-error", "Esa no es su contraseña").await;
    window.forgive(&["status of 4"]);
    window.must_be_content().await;
}

#[test]
fn every_refusal_that_is_translated_is_one_that_the_hub_still_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let script = fs::read_to_string(root.join("pages/assets/refusals-es.js")).unwrap();
    let list = &script[script.find("REFUSALS = {").unwrap()..script.find("};").unwrap()];
    let mut said = String::new();
    read_all(&root, &mut said);
    let english: Vec<_> = list.lines().filter_map(|line| line.trim().strip_prefix('\'')?.split_once("':")).collect();
    assert!(english.len() > 5, "{english:?}");
    for (sentence, _) in english {
        assert!(said.contains(sentence), "the hub does not say this any more: {sentence}");
    }
}

/// All text of the source but the list itself, without the line breaks within texts.
fn read_all(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(&path, into);
        } else if path.extension().is_some_and(|kind| kind == "rs" || kind == "js") && !path.ends_with("refusals-es.js")
        {
            let text = fs::read_to_string(path).unwrap();
            let joined: Vec<_> = text.split("\\\n").map(str::trim_start).collect();
            into.push_str(&joined.concat());
        }
    }
}
