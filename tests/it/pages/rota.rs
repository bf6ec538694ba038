//! Who is on call, and the policy, written down by an administrator and read by everybody at the practice.

use super::Room;
use crate::support::{Browser, Screen, browser};
use carehub::accounts::Role;
use fantoccini::key::Key;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_fills_the_week_and_a_leave_opens_a_hole_that_is_named_in_words() {
    let room = Room::new().await;
    let admin = room.practice.person("Hal Ives", Role::Admin).await;
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Phone]).await;
    window.sign_in(&admin).await;
    window.go("/ehr/on-call").await;
    window.wait_for_text("care-on-call-now", "Nobody").await;
    window.wait_for_text("care-coverage", "On call: nobody").await;
    for day in 0..7 {
        window.press_button("Add a shift").await;
        let shift = format!("[data-shift='{day}']");
        window.find(&shift).await;
        if day == 0 {
            let person = room.clinician.id;
            window.eval(&format!("(() => {{ document.querySelector(\"{shift} [name='shifts.0.user']\").value = '{person}'; }})() ?? true")).await;
        }
    }
    window.press_button("Save the week").await;
    window.wait_for_text("care-rota [role=status]", "Saved").await;
    window.wait_for_text("care-on-call-now", "Dr. Ben Hill").await;
    window
        .wait("no hole on call", "!document.querySelector('care-coverage').innerText.includes('On call: nobody')")
        .await;
    window.wait_for_text("care-coverage", "Backup: nobody").await;

    window.press_button("Somebody is away").await;
    window.find("dialog select").await;
    window
        .eval(&format!(
            "(() => {{ document.querySelector('dialog select').value = '{}'; }})() ?? true",
            room.clinician.id
        ))
        .await;
    let soon = "new Date(Date.now() + DAYS * 86_400_000).toISOString().slice(0, 16)";
    for (name, days) in [("from", "2"), ("until", "3")] {
        let value = soon.replace("DAYS", days);
        window
            .eval(&format!("(() => {{ document.querySelector('dialog [name={name}]').value = {value}; }})() ?? true"))
            .await;
    }
    window.click("dialog button[type=submit]").await;
    window.wait_for_text("care-overrides", "Dr. Ben Hill is away").await;
    window.wait_for_text("care-coverage", "(Dr. Ben Hill is away)").await;
    window.wait_for_text("care-coverage", "On call: nobody").await;

    // Who may not change the week reads it.
    window.must_be_content().await;
    window.sign_out().await;
    window.sign_in(&room.clinician).await;
    window.go("/ehr/on-call").await;
    window.wait_for_text("care-rota", "Monday").await;
    assert_eq!(window.eval("document.querySelectorAll('care-rota button').length").await, 0);
    window.must_be_content().await;
}

impl Browser {
    /// The targets of the policy's steps, in their order.
    async fn steps(&self) -> Vec<String> {
        super::strings(
            &self
                .eval("[...document.querySelectorAll('care-policy [data-step] select')].map(({ value }) => value)")
                .await,
        )
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_is_put_in_order_by_keyboard_and_one_with_holes_is_not_switched_on() {
    let room = Room::new().await;
    let admin = room.practice.person("Hal Ives", Role::Admin).await;
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Desktop]).await;
    window.sign_in(&admin).await;
    window.go("/ehr/admin/escalation-policy").await;
    window.find("care-policy [data-step='3']").await;
    assert_eq!(window.steps().await, ["assigned", "onCall", "backup", "allClinicians"]);
    window.eval("document.querySelector(\"[data-step='1'] [data-move='-1']\").focus()").await;
    window.press([char::from(Key::Enter)]).await;
    window.wait("the new order", "document.querySelector(\"[data-step='0'] select\").value === 'onCall'").await;
    let focused = "document.activeElement.closest('[data-step]')?.dataset.step";
    assert_eq!(window.eval(focused).await, "0", "the focus did not go along");
    window.press_button("Take step 3 out").await;
    assert_eq!(window.steps().await, ["onCall", "assigned", "allClinicians"]);

    window.press_button("Check for holes").await;
    window.wait_for_text("care-policy .warning", "cannot be switched on").await;
    let found = "document.querySelectorAll('care-policy .warning li').length";
    assert!(window.eval(found).await.as_u64().unwrap() > 0);
    window.write("[name='lastResort.phone']", "12").await;
    window.press_button("Switch it on").await;
    window
        .wait("a refusal at the field", "document.querySelector(\"[name='lastResort.phone'][aria-invalid=true]\")")
        .await;
    window.find("[name='lastResort.phone']").await.clear().await.unwrap();
    window.write("[name='lastResort.phone']", "+1 (512) 555-0100").await;
    window.press_button("Switch it on").await;
    window.wait_for_text("care-policy .warning", "cannot be switched on").await;
    assert_eq!(admin.get("admin/escalation-policy").await.expect(200)["version"], json!(0), "it was switched on");
    window.forgive(&["status of 422", "status of 409"]);
    window.must_be_content().await;
}
