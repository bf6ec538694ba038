//! The little of engine.io 4 and socket.io 5 that the peer needs: open, connect, event,
//! acknowledgement, ping. WebSocket transport only, no upgrade from polling, default namespace.

use super::Frame;
use std::borrow::Cow;
use uuid::Uuid;

/// `40{…}`: joins the default namespace and tells who we are and where we talk.
pub fn connect(user: Uuid, threads: &[Uuid]) -> String {
    let threads: Vec<String> = threads.iter().map(|thread| format!("\"{thread}\"")).collect();
    format!(r#"40{{"user":"{user}","threads":[{}]}}"#, threads.join(","))
}

/// `42["name",payload]`.
pub fn event(name: &str, payload: &str) -> String {
    format!(r#"42["{name}",{payload}]"#)
}

/// Reads one packet; `None` for those of the transport.
pub fn parse(text: &str) -> Result<Option<Frame<'_>>, serde_json::Error> {
    // Connected to the namespace: what `welcome` is in the other language.
    if text.starts_with("40") {
        return Ok(Some(Frame { name: Cow::Borrowed("welcome"), ..Frame::default() }));
    }
    if text.starts_with("44") {
        return Ok(Some(Frame { name: Cow::Borrowed("error"), code: Cow::Borrowed("forbidden"), ..Frame::default() }));
    }
    let named = if text.starts_with("43") { Some("sent") } else { event_name(text) };
    let (Some(name), Some(object)) = (named, first_object(text)) else {
        return Ok(None);
    };
    let mut frame: Frame<'_> = serde_json::from_str(object)?;
    frame.name = Cow::Borrowed(if frame.code.is_empty() { name } else { "error" });
    Ok(Some(frame))
}

fn event_name(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("42[\"")?;
    rest.split_once('"').map(|(name, _)| name)
}

/// The payload between the packet's brackets.
fn first_object(text: &str) -> Option<&str> {
    let start = text.find('{')?;
    text.strip_suffix(']').map(|inner| &inner[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(text: &str) -> Frame<'_> {
        parse(text).unwrap().unwrap()
    }

    #[test]
    fn events_acknowledgements_and_refusals_become_frames() {
        let entry = frame(r#"42["entry",{"thread":"t","seq":9,"body":"x"}]"#);
        assert_eq!((&*entry.name, entry.seq), ("entry", Some(9)));
        let sent = frame(r#"430[{"id":"i","seq":9}]"#);
        assert_eq!((&*sent.name, sent.id), ("sent", Some("i")));
        assert_eq!(&*frame(r#"430[{"id":"i","code":"internal"}]"#).name, "error");
        assert_eq!(&*frame(r#"40{"sid":"abc"}"#).name, "welcome");
    }

    #[test]
    fn packets_of_the_transport_are_no_frames() {
        assert!(parse("2").unwrap().is_none());
        assert!(parse(r#"0{"sid":"x","pingInterval":25000}"#).unwrap().is_none());
    }
}
