//! Web push, from the press of a button to the press of a notification, in a real browser with a real desktop. The push
//! service is the tests' own: Chromium's lies on the internet. So the subscription is made there and handed to the page,
//! and what arrived there is handed to the browser; everything between is the program's and the browser's own.

use super::PATIENCE;
use crate::support::{
    Browser, Desktop, Screen, browser, eventually,
    node::NodeServer,
    practice::{Practice, answer},
};
use carehub::accounts::Role;
use serde_json::{Value, json};

/// In place of the browser's own two calls to its push service.
const SERVICE: &str = "(() => {
    const made = MADE;
    let held = null;
    const pressed = (options) => {
        globalThis.asked = { onlyShown: options.userVisibleOnly, key: options.applicationServerKey };
        held = { endpoint: made.endpoint, toJSON: () => made, unsubscribe: async () => { held = null; return true; } };
        return held;
    };
    PushManager.prototype.subscribe = async (options) => pressed(options);
    PushManager.prototype.getSubscription = async () => held;
})()";

impl Browser {
    async fn may_notify(&self, practice: &Practice) {
        let origin = practice.hub.url("");
        self.devtools("Browser.grantPermissions", json!({"origin": origin, "permissions": ["notifications"]})).await;
    }
}

async fn ask(service: &NodeServer, path: &str, body: &Value) -> Value {
    let sent = reqwest::Client::new().post(format!("{}/{path}", service.url)).json(body).send().await.unwrap();
    answer(sent).await.expect(200)["data"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_press_lets_a_device_be_woken_which_says_so_and_a_press_on_what_it_shows_opens_the_right_page() {
    let service = NodeServer::start("push-service.mjs").await;
    let mut desktop = Desktop::start().await;
    let practice = Practice::start_with(&[("CAREHUB_OUTGOING_LOOPBACK", "true")]).await;
    let ann = practice.person("Ann Field", Role::Client).await;
    let ben = practice.person("Dr. Ben Hill", Role::Clinician).await;
    let kim = practice.person("Dr. Kim Lee", Role::Clinician).await;
    let thread = ann.open("Sleep", "I cannot sleep.").await;
    ben.claim(&thread).await.expect(200);

    let key = kim.get("ehr/push-key").await.expect(200)["publicKey"].clone();
    let options = json!({"userVisibleOnly": "true", "applicationServerKey": key});
    let made = ask(&service, "subscribe", &options).await;
    let subscription = json!({"endpoint": made["endpoint"], "keys": made["keys"]});
    let window = browser::open_on(&desktop, &practice.hub.url("")).await;
    window.may_notify(&practice).await;
    let source = SERVICE.replace("MADE", &subscription.to_string());
    window.devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": source})).await;
    window.sign_in(&kim).await;
    // That a new device signed in is a notice, too: told before this device is one of those that are woken.
    let untold =
        "SELECT count(*) FROM notifications n WHERE told IS NULL OR EXISTS (SELECT FROM notification_deliveries d
        WHERE d.notification_id = n.id AND d.channel = 'push' AND d.state IN ('planned', 'queued'))";
    let told = async || (practice.database.query(untold).await == ["0"]).then_some(());
    eventually("everything so far to be told", PATIENCE, told).await;
    window.go("/ehr/account/notifications").await;
    window.press_button("Tell this device").await;
    window.wait_for_text("care-push", "Stop telling this device").await;
    assert_eq!(window.eval("globalThis.asked").await, json!({"onlyShown": true, "key": key}));
    window.wait("its worker", "navigator.serviceWorker.ready.then(({ active }) => active.state === 'activated')").await;

    // Something for her, told by a message that only this device can read.
    ben.post(&format!("ehr/threads/{thread}/hand-over"), json!({"to": kim.id})).await.expect(200);
    let client = json!({"clientHash": made["clientHash"]});
    let woken = async || ask(&service, "get-notifications", &client).await["messages"][0].as_str().map(str::to_owned);
    let woken = eventually("a push message", PATIENCE, woken).await;
    let confirmed = "SELECT count(*) FROM notification_deliveries WHERE confirmed_at IS NOT NULL";
    assert_eq!(practice.database.query(confirmed).await, ["0"], "the push service's word is none of the device's");
    window.devtools("ServiceWorker.enable", json!({})).await;
    let message = json!({"origin": practice.hub.url(""), "registrationId": "0", "data": woken});
    window.devtools("ServiceWorker.deliverPushMessage", message).await;

    let shown = desktop.nth(1).await;
    assert_eq!(shown["title"], serde_json::from_str::<Value>(&woken).unwrap()["title"]);
    for secret in ["Ann", "Sleep", "sleep", "Ben"] {
        assert!(!shown.to_string().contains(secret), "{shown}");
    }
    let confirms = async || (practice.database.query(confirmed).await == ["1"]).then_some(());
    eventually("the device's word", PATIENCE, confirms).await;

    desktop.press(&shown);
    window.to_new_window("what the notification leads to").await;
    let page = format!("location.pathname === '/ehr/threads/{thread}'");
    window.wait("the conversation", &page).await;
    window.reads("I cannot sleep.").await;
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_browsers_push_service_does_not_answer_its_person_is_told_so() {
    let practice = Practice::start().await;
    let kim = practice.person("Dr. Kim Lee", Role::Clinician).await;
    let [window] = browser::open(&practice.hub.url(""), [Screen::Phone]).await;
    window.sign_in(&kim).await;
    window.go("/ehr/account/notifications").await;
    // Nobody agreed to be notified.
    window.press_button("Tell this device").await;
    window.wait_for_text("care-push", "not allowed to show notifications").await;
    window.may_notify(&practice).await;
    window.reload().await;
    // There is no internet here: the browser asks its own service in vain.
    window.press_button("Tell this device").await;
    window.wait_for_text("care-push", "One moment").await;
    window.wait_for_text("care-push [role=alert]", "push service does not answer").await;
    assert_eq!(practice.database.query("SELECT count(*) FROM contact_points").await, ["0"]);
    window.must_be_content().await;
}
