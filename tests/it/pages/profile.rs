//! What clients say about themselves, and who reads it.

use super::Room;
use crate::support::{Screen, browser};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_says_how_to_be_called_and_whom_to_call_and_the_clinician_reads_it() {
    let room = Room::new().await;
    room.practice.cares(&room.clinician, &room.client).await;
    let [ann, ben] = browser::open(&room.practice.hub.url(""), [Screen::Phone, Screen::Desktop]).await;
    ann.forgive(&["status of 422"]);
    ann.sign_in(&room.client).await;
    ann.press_button("Account").await;
    ann.wait("her name", "document.querySelector('[name=name]')?.value === 'Ann Field'").await;
    ann.settled().await;
    let save = |of: &str| format!("care-form:has([name={of}]) button[type=submit]");
    ann.write("[name=preferredName]", "Annie").await;
    ann.write("[name=phone]", "call me").await;
    ann.click(&save("phone")).await;
    ann.wait_for_text(".field-error", "no telephone number").await;
    ann.find("[name=phone]").await.clear().await.unwrap();
    ann.write("[name=phone]", "555 010 0199").await;
    ann.click(&save("phone")).await;
    ann.wait_for_text("care-form [role=status]", "Saved").await;

    // Nobody is kept without a number; what was typed stays.
    ann.press_button("Add somebody").await;
    ann.write("care-emergency-contacts [name$=name]", "Sue Field").await;
    ann.click("care-emergency-contacts button[type=submit]").await;
    ann.find("care-emergency-contacts .field-error").await;
    ann.write("care-emergency-contacts [name$=phone]", "555 010 0123").await;
    ann.click("care-emergency-contacts button[type=submit]").await;
    ann.wait_for_text("care-emergency-contacts [role=status]", "Saved").await;
    ann.eval("document.querySelector('[name=language]').value = 'es'").await;
    ann.click(&save("language")).await;
    ann.wait(
        "what was saved",
        "[...document.querySelectorAll('care-form [role=status]')].at(-1).innerText === 'Saved.'",
    )
    .await;
    ann.reload().await;
    ann.wait("the choice", "document.querySelector('[name=language]')?.value === 'es'").await;
    ann.wait("her sister", "document.querySelector('care-emergency-contacts [name$=name]')?.value === 'Sue Field'")
        .await;

    ben.sign_in(&room.clinician).await;
    ben.go("/ehr/clients").await;
    let button = "document.querySelector('[aria-label=\"Profile: Ann Field\"]')";
    ben.wait("the button", &format!("!!{button}")).await;
    ben.eval(&format!("{button}.focus() ?? true")).await;
    ben.press(['\u{e007}']).await;
    ben.wait_for_text("dialog", "Annie").await;
    ben.wait_for_text("dialog .records", "Sue Field").await;
    ben.click("dialog button[type=submit]").await;
    ben.wait("the end of the dialog", "!document.querySelector('dialog')").await;
    assert_eq!(ben.eval("document.activeElement.ariaLabel").await, "Profile: Ann Field", "the focus is lost");

    ann.go("/portal/account/privacy").await;
    // In the language that she has just chosen.
    ann.wait_for_text("care-access-log", "Miró su perfil").await;
    ann.must_be_content().await;
    ben.must_be_content().await;
}
