//! Without a mouse, and without seeing.

use super::{BOX, Room};
use crate::support::{Browser, Screen, browser, practice::PASSWORD};
use carehub::accounts::Role;
use fantoccini::key::Key;
use serde_json::{Value, json};

/// More stops than any of these pages has before what is looked for.
const STOPS: usize = 40;
const FOCUS: &str = "(() => {
    const { activeElement: at } = document;
    // Past the last stop the focus is the browser's own for a moment.
    if (at === document.body) return { ring: true, seen: true };
    const { outlineStyle, outlineWidth } = getComputedStyle(at);
    const { top, bottom, width, height } = at.getBoundingClientRect();
    return { words: at.outerHTML.slice(0, 120), ring: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
        seen: width > 0 && height > 0 && bottom > 0 && top < innerHeight };
})()";

impl Browser {
    /// Presses Tab until the focus is there, and sees it at each stop.
    async fn tab_to(&self, css: &str) {
        for _ in 0..STOPS {
            self.tab().await;
            let stop = self.eval(FOCUS).await;
            assert!(stop["ring"] == true && stop["seen"] == true, "the focus cannot be seen: {stop}");
            if self.eval(&format!("document.activeElement.matches({})", json!(css))).await == true {
                return;
            }
        }
        self.fail(&format!("Tab does not come to {css}")).await
    }

    /// What a screen reader would find missing on this page.
    async fn barriers(&self) -> Vec<String> {
        let mut found: Vec<String> = super::strings(&self.eval(STRUCTURE).await);
        self.devtools("Accessibility.enable", json!({})).await;
        let tree = self.devtools("Accessibility.getFullAXTree", json!({})).await;
        let named = [
            "button", "link", "textbox", "combobox", "checkbox", "radio", "image", "heading", "dialog", "group",
            "region",
        ];
        for node in tree["nodes"].as_array().unwrap().iter().filter(|node| node["ignored"] == false) {
            let role = node["role"]["value"].as_str().unwrap_or_default();
            let name = node["name"]["value"].as_str().unwrap_or_default();
            if named.contains(&role) && name.trim().is_empty() {
                found.push(format!("a {role} without a name: {}", node["properties"]));
            }
        }
        found
    }
}

/// Says what is wrong with a page's outline.
const STRUCTURE: &str = "(() => {
    const wrong = [];
    const count = (css) => [...document.querySelectorAll(css)].filter((element) => element.checkVisibility()).length;
    if (document.documentElement.lang !== 'en') wrong.push('no language');
    if (!/^\\S.* · Carehub$/.test(document.title)) wrong.push(`title ${document.title}`);
    if (count('h1:not([aria-level=\"2\"])') !== 1) wrong.push(`${count('h1')} h1`);
    if (count('main') !== 1) wrong.push(`${count('main')} main`);
    if (document.querySelectorAll('img:not([alt])').length > 0) wrong.push('a picture without alt');
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    if (new Set(ids).size !== ids.length) wrong.push('an id twice');
    for (const element of document.querySelectorAll('[aria-describedby], [aria-labelledby]'))
        for (const id of `${element.getAttribute('aria-describedby') ?? ''} ${element.getAttribute('aria-labelledby') ?? ''}`.trim().split(/\\s+/))
            if (!document.getElementById(id)) wrong.push(`nothing is called ${id}`);
    let level = 1;
    for (const heading of document.querySelectorAll('h1, h2, h3, h4')) {
        const own = Number(heading.ariaLevel ?? heading.tagName[1]);
        if (own > level + 1) wrong.push(`${heading.outerHTML} after h${level}`);
        level = own;
    }
    return wrong;
})()";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_signs_in_writes_reads_back_and_signs_out_by_keyboard_alone() {
    let room = Room::new().await;
    for number in 0..60 {
        let body = json!({"body": format!("line {number}")});
        room.client.post(&format!("portal/messages/{}/reply", room.thread), body).await.expect(201);
    }
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Desktop]).await;
    window.go("/sign-in").await;
    window.wait("the focus", "document.activeElement.name === 'email'").await;
    window.press(room.client.email.chars()).await;
    window.tab_to("[name=password]").await;
    window.press(PASSWORD.chars().chain([char::from(Key::Enter)])).await;
    window.find("li.row a").await;
    window.tab_to("li.row a").await;
    window.press([char::from(Key::Enter)]).await;
    window.connected().await;

    // The short way to the box is seen only by those who come to it.
    let covers = "(() => { const { left, top, width, height } = document.querySelector('.button.skip').getBoundingClientRect();
        return document.elementsFromPoint(left + width / 2, Math.max(1, top + height / 2)).some((one) => one.matches('.button.skip')); })()";
    assert_eq!(window.eval(covers).await, false, "the short way is in the way");
    window.tab_to(".button.skip").await;
    assert_eq!(window.eval(covers).await, true);
    window.press([char::from(Key::Enter)]).await;
    window.wait("the box", &format!("document.activeElement.matches('{BOX}')")).await;

    window.tab_to(".scroller").await;
    let count = "document.querySelectorAll('li.entry').length";
    let shown = window.eval(count).await.as_u64().unwrap();
    window.press([char::from(Key::Home)]).await;
    window.wait("older entries", &format!("{count} > {shown}")).await;

    window.tab_to(BOX).await;
    window.press("Written without a mouse".chars().chain([char::from(Key::Enter)])).await;
    window.reads("Written without a mouse").await;
    window.holds("").await;
    assert_eq!(room.stored().await.last().unwrap(), "Written without a mouse");

    // What arrives is said aloud; what one wrote is not.
    let reply = json!({"body": "Read this to me"});
    room.clinician.post(&format!("ehr/threads/{}/reply", room.thread), reply).await.expect(201);
    window.wait_for_text("[aria-live=polite][role=log]", "Dr. Ben Hill, Read this to me").await;
    let aloud = window.eval("document.querySelector('[aria-live=polite][role=log]').textContent").await;
    assert!(!aloud.as_str().unwrap().contains("without a mouse"), "{aloud}");

    window.tab_to("form[data-sign-out] button").await;
    window.press([char::from(Key::Enter)]).await;
    window.wait("the sign-in page", "location.pathname === '/sign-in'").await;
    window.must_be_content().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_has_an_outline_and_every_control_a_name() {
    let room = Room::new().await;
    let staff = room.practice.person("Flo Gray", Role::Staff).await;
    let note = json!({"body": "A note"});
    room.clinician.post(&format!("ehr/threads/{}/notes", room.thread), note).await.expect(201);
    let of_nobody = room.client.open("Another, of nobody yet", "Hello").await;
    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Desktop]).await;
    window.go("/sign-in").await;
    assert_eq!(window.barriers().await, Vec::<String>::new(), "sign-in");
    let mut wrong = Vec::new();
    for who in [&room.client, &room.clinician, &staff] {
        window.sign_in(who).await;
        // Staff see what nobody has claimed.
        let thread = if who.role == Role::Staff { &of_nobody } else { &room.thread };
        for path in super::pages_of(who, thread) {
            window.go(&path).await;
            window.settled().await;
            wrong.extend(window.barriers().await.iter().map(|what| format!("{} at {path}: {what}", who.name)));
        }
        window.sign_out().await;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(window.eval("document.title").await, Value::from("Sign in · Carehub"));
}
