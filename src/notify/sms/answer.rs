//! What people answer to text messages. Nobody reads it, and it is not kept: whoever writes is told so at once, and where
//! help is to be had. Three words are heard: STOP, START and HELP.

use crate::notify::{contact::consent::Word, wording};

/// What was heard, and what is sent back: nothing where Twilio itself has answered to the word.
pub fn reply(text: &str, recognised: Option<&str>) -> (Option<Word>, Option<String>) {
    if let Some(word) = recognised.and_then(Word::of_provider) {
        return (Some(word), None);
    }
    match Word::read(text) {
        Some((word, language)) => (Some(word), Some(wording::reply(Some(word), language))),
        // Whoever wrote something else may be in need, in either language.
        None => (None, Some(["en", "es"].map(|language| wording::reply(None, language)).join("\n\n"))),
    }
}

/// The document that Twilio expects: one message, or none.
pub fn document(message: Option<&str>) -> String {
    let message = message.map(|text| format!("<Message>{}</Message>", escape(text))).unwrap_or_default();
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>{message}</Response>")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
