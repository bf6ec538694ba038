//! Text messages and push messages, made of the words of e-mails: their first sentences and the link. Anybody may see them
//! on a locked phone.

use super::{Setting, Wording, of};
use crate::{
    ids::OutboxId,
    notify::{Content, push::send::Wake},
};

/// Who writes: carriers want to see it.
const SENDER: &str = "Carehub";

/// A text message.
pub fn text(content: &Content, language: &str, setting: Setting<'_>) -> String {
    let wording = of(content, language, setting);
    let mut text = format!("{SENDER}: {}", first(&wording));
    if let Some(action) = wording.action {
        text = format!("{text} {}", action.link);
    }
    text
}

/// A push message. Its link is a path: the browser knows the rest.
pub fn wake(id: OutboxId, content: &Content, language: &str, setting: Setting<'_>, urgent: bool) -> Wake {
    let wording = of(content, language, setting);
    let link = wording.action.as_ref().and_then(|action| action.link.parse::<url::Url>().ok());
    let path = |link: url::Url| link[url::Position::BeforePath..].to_owned();
    Wake {
        body: first(&wording).to_owned(),
        url: link.map_or_else(|| "/".to_owned(), path),
        tag: id.to_string(),
        title: wording.subject,
        urgent,
        confirm: match content {
            Content::Told(told) => told.confirm.clone(),
            _ => None,
        },
    }
}

fn first(wording: &Wording) -> &str {
    wording.paragraphs.first().unwrap_or(&wording.subject)
}
