//! Forms in a browser: building one, filling it in, looking at what was answered.

use super::Room;
use crate::support::{Screen, browser, hostile, practice::Caller};
use carehub::{accounts::Role, clock::Clock};
use serde_json::{Value, json};

const ENTER: char = '\u{e007}';
const SPACE: char = ' ';

/// A published form with these fields, given to the client: its assignment.
async fn give(room: &Room, client: &Caller, title: &str, fields: Value) -> String {
    room.practice.cares(&room.clinician, client).await;
    let definition = json!({"title": title, "intro": title, "fields": fields});
    let made = room.clinician.post("ehr/forms", json!({"kind": "initial", "definition": definition})).await.expect(201);
    let form = format!("ehr/forms/{}", made["id"].as_str().unwrap());
    room.clinician.post(&format!("{form}/publish"), json!({"revision": 1})).await.expect(200);
    let given = room.clinician.post(&format!("{form}/assignments"), json!({"client": client.id})).await.expect(201);
    given["id"].as_str().unwrap().to_owned()
}

fn intake() -> Value {
    json!([
        {"key": "why", "label": "What brings you here?", "type": "longText", "required": true},
        {"key": "meds", "label": "Any medicine?", "type": "choice", "options": [{"value": "y", "label": "Yes"}, {"value": "n", "label": "No"}]},
        {"key": "which", "label": "Which?", "type": "text", "required": true,
            "showIf": {"conditions": [{"field": "meds", "is": "equals", "value": "y"}]}},
        {"key": "sleep", "label": "Sleep", "type": "scale", "min": 0, "max": 5},
        {"key": "sign", "label": "Signature", "type": "signature", "intent": "I agree to be treated.", "required": true},
    ])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_fills_in_a_form_on_a_phone_over_a_reload_and_the_clinician_reads_and_answers_it_at_a_desk() {
    a_form_is_filled_in_read_and_answered([Screen::Phone, Screen::Desktop]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_fills_in_a_form_at_a_desk_over_a_reload_and_the_clinician_reads_and_answers_it_on_a_phone() {
    a_form_is_filled_in_read_and_answered([Screen::Desktop, Screen::Phone]).await;
}

async fn a_form_is_filled_in_read_and_answered(screens: [Screen; 2]) {
    let room = Room::new().await;
    let id = give(&room, &room.client, "Intake", intake()).await;
    let [ann, ben] = browser::open(&room.practice.hub.url(""), screens).await;
    ann.forgive(&["status of 422"]);
    ann.sign_in(&room.client).await;
    ann.go("/portal/forms").await;
    ann.click("care-forms-to-fill-in a").await;
    ann.write("#q-why", "I cannot sleep.").await;
    ann.wait("no question about which medicine", "document.getElementById('q-which').offsetParent === null").await;
    ann.click("[name=q-meds][value=y]").await;
    ann.write("#q-which", "Tea").await;
    ann.wait_for_text(".save-state", "Saved at").await;
    // Nothing of the last half-second is lost either.
    ann.write("#q-which", " and more").await;
    ann.reload().await;
    ann.wait("what was typed", "document.querySelector('#q-which')?.value === 'Tea and more'").await;
    ann.wait("what was chosen", "document.querySelector('[name=q-meds][value=y]').checked").await;

    ann.click("button[type=submit].primary").await;
    ann.wait("the focus on what is missing", "document.activeElement.matches('.failure')").await;
    ann.wait_for_text(".failure", "Signature: Answer this question.").await;
    ann.wait(
        "the signature said to be wrong",
        "document.querySelector('#q-sign').getAttribute('aria-invalid') === 'true'",
    )
    .await;
    ann.click(".failure a").await;
    ann.wait("the focus on the question", "document.activeElement.id === 'q-sign'").await;
    ann.press([SPACE]).await;
    ann.write(".question input[autocomplete=name]", "Ann Field").await;
    ann.fits().await;
    ann.click("button[type=submit].primary").await;
    ann.wait("the submission", "location.pathname.startsWith('/portal/forms/submissions/')").await;
    ann.wait_for_text(".answers", "Tea and more").await;
    ann.wait_for_text(".seal", "nothing was changed").await;
    assert_eq!(ann.eval("document.querySelector('a[download]').getAttribute('href').endsWith('/pdf')").await, true);
    ann.must_be_content().await;

    ben.sign_in(&room.clinician).await;
    ben.go("/ehr/submissions").await;
    ben.click("care-forms-to-review a").await;
    ben.wait_for_text(".answers", "I cannot sleep.").await;
    ben.write("form[aria-label=Review] textarea", "Ask about tea.").await;
    ben.write("form[aria-label=Review] label:last-of-type textarea", "Thank you, see you soon.").await;
    ben.click("form[aria-label=Review] button").await;
    ben.wait_for_text(".note-box", "Ask about tea.").await;
    ben.fits().await;
    ben.must_be_content().await;
    ann.reload().await;
    ann.wait_for_text("main", "Thank you, see you soon.").await;
    ann.click(".history summary").await;
    for happened in ["Your care team looked at it", "You submitted it", "You were given the form"] {
        ann.wait_for_text("care-form-history", happened).await;
    }
    ann.fits().await;
    assert_eq!(ann.eval("document.body.innerText.includes('Ask about tea')").await, false);
    // Who comes back to the form itself is led to what was submitted.
    ann.go(&format!("/portal/forms/{id}")).await;
    ann.wait("the submission", "location.pathname.startsWith('/portal/forms/submissions/')").await;
    ann.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_windows_offline_and_online_lose_no_word_of_a_form() {
    let room = Room::new().await;
    let id = give(&room, &room.client, "Intake", intake()).await;
    let [one, other] = browser::open(&room.practice.hub.url(""), [Screen::Desktop, Screen::Phone]).await;
    for window in [&one, &other] {
        window.forgive(&["status of 409", "net::ERR_", "WebSocket connection to"]);
        window.sign_in(&room.client).await;
        window.go(&format!("/portal/forms/{id}")).await;
        window.find("#q-why").await;
    }
    let network = async |window: &browser::Browser, offline: bool| {
        let conditions = json!({"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        window.devtools("Network.enable", json!({})).await;
        window.devtools("Network.emulateNetworkConditions", conditions).await;
    };
    // It does not learn meanwhile what the first one writes.
    network(&other, true).await;
    one.write("#q-why", "from one").await;
    one.wait_for_text(".save-state", "Saved at").await;
    other.write("#q-why", "from the other").await;
    other.wait_for_text(".save-state", "no connection").await;
    network(&other, false).await;
    other.wait_for_text(".other-answer", "from one").await;
    other.click("[name=q-meds][value=n]").await;
    other.click(".other-answer button:last-of-type").await;
    other.wait("the other's words", "document.querySelector('#q-why').value === 'from one'").await;
    other.wait_for_text(".save-state", "Saved at").await;

    network(&one, true).await;
    one.write("#q-why", ", written on a train").await;
    one.wait_for_text(".save-state", "no connection").await;
    network(&one, false).await;
    one.wait_for_text(".save-state", "Saved at").await;
    let draft = room.client.get(&format!("portal/forms/{id}")).await.expect(200)["draft"]["answers"].clone();
    assert_eq!(draft, json!({"why": "from one, written on a train", "meds": "n"}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_is_built_by_keyboard_previewed_published_and_assigned_at_a_desk() {
    a_form_is_built_previewed_published_and_assigned(Screen::Desktop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_is_built_by_keyboard_previewed_published_and_assigned_on_a_phone() {
    a_form_is_built_previewed_published_and_assigned(Screen::Phone).await;
}

async fn a_form_is_built_previewed_published_and_assigned(screen: Screen) {
    let room = Room::new().await;
    room.practice.cares(&room.clinician, &room.client).await;
    let [ben] = browser::open(&room.practice.hub.url(""), [screen]).await;
    ben.forgive(&["status of 422"]);
    ben.sign_in(&room.clinician).await;
    ben.go("/ehr/forms").await;
    ben.click("care-form-library .button.primary").await;
    ben.write("dialog [name=title]", "Sleep").await;
    ben.press([ENTER]).await;
    ben.find("[data-builder]").await;
    // Published with nothing in it, it says what is missing.
    ben.click(".form-foot .primary").await;
    ben.wait_for_text(".failure", "no question").await;
    for (kind, words) in [("text", "Second"), ("number", "First")] {
        ben.eval(&format!("document.querySelector('form[aria-label=\"Add a field\"] select').value = '{kind}'")).await;
        ben.click("[aria-label='Add the field']").await;
        ben.wait("the focus in the new field", "document.activeElement.dataset.field === 'label'").await;
        ben.press(words.chars()).await;
    }
    ben.eval("document.querySelector('[data-at=\"1\"] [data-move=\"-1\"]').focus() ?? true").await;
    ben.press([ENTER]).await;
    ben.wait(
        "the focus gone with the field",
        "document.activeElement.dataset.move === '1' && document.activeElement.closest('[data-at]').dataset.at === '0'",
    )
    .await;
    ben.click("button[aria-pressed]").await;
    ben.wait_for_text(".form-fields", "First").await;
    let order =
        "[...document.querySelectorAll('.form-fields .question')].map((question) => question.innerText.split(' (')[0])";
    assert_eq!(ben.eval(order).await, json!(["First", "Second"]));
    ben.click("button[aria-pressed]").await;
    ben.click(".form-foot .primary").await;
    ben.wait_for_text(".save-state", "Version 1 is published").await;
    ben.click("[data-assign]").await;
    ben.click("dialog [name=client]").await;
    ben.click("dialog button[type=submit]").await;
    ben.wait("the end of the dialog", "!document.querySelector('dialog')").await;
    let given = room.client.get("portal/forms").await.expect(200);
    assert_eq!(given["items"][0]["title"], "Sleep");
    ben.fits().await;
    // Every new client is given it, until it is retired.
    ben.go("/ehr/forms").await;
    ben.click("care-form-library summary").await;
    ben.click("[aria-label='New clients: Sleep']").await;
    ben.click("dialog [name=on]").await;
    ben.write("dialog [name=days]", "14").await;
    ben.click("dialog button[type=submit]").await;
    ben.wait_for_text("care-form-library", "Every new client is given it, due after 14 days.").await;
    ben.click("care-form-library summary").await;
    ben.click("[aria-label='Retire Sleep']").await;
    ben.click("dialog button[type=submit]").await;
    ben.wait_for_text("care-form-library", "There are no forms yet.").await;
    ben.fits().await;
    ben.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_is_given_from_the_clients_page_and_taken_back_at_a_desk() {
    a_form_is_given_and_taken_back(Screen::Desktop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_is_given_from_the_clients_page_and_taken_back_on_a_phone() {
    a_form_is_given_and_taken_back(Screen::Phone).await;
}

async fn a_form_is_given_and_taken_back(screen: Screen) {
    let room = Room::new().await;
    room.practice.cares(&room.clinician, &room.client).await;
    let definition = json!({"title": "Sleep", "fields": [{"key": "a", "label": "How do you sleep?", "type": "text"}]});
    let made = room.clinician.post("ehr/forms", json!({"kind": "custom", "definition": definition})).await.expect(201);
    let form = made["id"].as_str().unwrap();
    room.clinician.post(&format!("ehr/forms/{form}/publish"), json!({"revision": 1})).await.expect(200);
    let [ben] = browser::open(&room.practice.hub.url(""), [screen]).await;
    ben.sign_in(&room.clinician).await;
    ben.go("/ehr/clients").await;
    ben.click("[aria-label='Forms of Ann Field']").await;
    ben.wait_for_text("h1", "Forms of Ann Field").await;
    ben.wait_for_text("care-client-forms", "This client was not given a form yet.").await;
    ben.click("care-client-forms .button.primary").await;
    let next_year = Clock::system().now().date_naive() + chrono::TimeDelta::days(365);
    ben.set("dialog [name=dueOn]", &next_year.to_string()).await;
    ben.fits().await;
    ben.click("dialog button[type=submit]").await;
    ben.wait_for_text("care-client-forms .record", "To be filled in by").await;
    let given = room.client.get("portal/forms?open=true").await.expect(200);
    assert_eq!(given["items"][0]["dueOn"], next_year.to_string());
    let draft = format!("portal/forms/{}/save-draft", given["items"][0]["id"].as_str().unwrap());
    room.client.call(reqwest::Method::PATCH, &draft, Some(json!({"answers": {"a": "Badly"}}))).await.expect(200);
    ben.reload().await;
    ben.wait_for_text("care-client-forms .record", "Begun").await;
    ben.click("[aria-label='Take back Sleep']").await;
    ben.click("dialog button[type=submit]").await;
    ben.wait_for_text("care-client-forms", "This client was not given a form yet.").await;
    assert_eq!(room.client.get("portal/forms?open=true").await.expect(200)["items"], json!([]));
    ben.fits().await;
    ben.must_be_content().await;
}

/// B4.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hostile_form_is_shown_as_text_to_whoever_builds_fills_in_and_reads_it() {
    let room = Room::new().await;
    let client = room.practice.person("<img src=x onerror='window.hit = 1'>", Role::Client).await;
    let words: Vec<String> = hostile::MARKUP.iter().map(|words| words.replace('\u{202e}', "")).collect();
    let fields: Vec<Value> = words
        .iter()
        .enumerate()
        .map(|(at, words)| {
            json!({"key": format!("q{at}"), "label": words, "help": words,
        "type": "choice", "options": [{"value": words, "label": words}]})
        })
        .collect();
    let id = give(&room, &client, &words[0], json!(fields)).await;
    let form = room.practice.database.query("SELECT form_id FROM form_assignments").await.remove(0);
    let answers: serde_json::Map<_, _> =
        words.iter().enumerate().map(|(at, words)| (format!("q{at}"), json!(words))).collect();
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Desktop]).await;
    // A call that was under way when somebody signed out.
    window.forgive(&["status of 401"]);
    let inert = async |path: &str, css: &str, count: usize| {
        window.go(path).await;
        window.wait(&format!("{count} {css}"), &format!("document.querySelectorAll('{css}').length >= {count}")).await;
        window.is_inert().await;
        window.must_be_content().await;
    };
    window.sign_in(&client).await;
    inert("/portal/forms", "care-forms-to-fill-in .record", 1).await;
    inert(&format!("/portal/forms/{id}"), ".question", words.len()).await;
    let sent = client.post(&format!("portal/forms/{id}/submit"), json!({"answers": answers})).await.expect(201);
    let submission = sent["submission"].as_str().unwrap();
    inert(&format!("/portal/forms/submissions/{submission}"), ".answers dt", words.len()).await;
    window.sign_out().await;
    window.sign_in(&room.clinician).await;
    inert("/ehr/forms", "care-form-library .record", 1).await;
    inert(&format!("/ehr/forms/{form}"), ".build-field", words.len()).await;
    inert("/ehr/submissions", "care-forms-to-review .record", 1).await;
    inert(&format!("/ehr/submissions/{submission}"), ".answers dt", words.len()).await;
}
