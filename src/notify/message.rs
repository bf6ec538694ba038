//! An e-mail as it goes over the wire: the same words as plain text and as HTML. Loads nothing from anywhere: opening an
//! e-mail tells nobody that it was opened.

use super::wording::Wording;
use crate::ids::OutboxId;
use anyhow::Context;
use askama::Template;
use lettre::{
    Message,
    message::{Mailbox, MultiPart, header},
};
use url::Url;

#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    wording: &'a Wording,
}

/// The message. A row that is sent twice, because a crash came between sending and noting it, has the same id both
/// times: mail servers and programs show it once. `unsubscribe` is where such e-mails are ended, if they may be.
///
/// # Errors
/// When the address is none.
pub fn build(
    id: OutboxId,
    from: &Mailbox,
    to: &str,
    wording: &Wording,
    unsubscribe: Option<&Url>,
) -> anyhow::Result<Message> {
    let to = to.parse().map(|address| Mailbox::new(None, address)).map_err(|_| anyhow::anyhow!("no e-mail address"))?;
    let html = Html { wording }.render().context("an e-mail's HTML")?;
    let mut builder = Message::builder();
    if let Some(link) = unsubscribe {
        builder = builder.header(ListUnsubscribe(format!("<{link}>"))).header(OneClick);
    }
    builder
        .message_id(Some(format!("<{id}@{}>", from.email.domain())))
        .from(from.clone())
        .to(to)
        .subject(&wording.subject)
        .header(AutoSubmitted)
        .multipart(MultiPart::alternative_plain_html(plain(wording), html))
        .context("an e-mail")
}

fn plain(wording: &Wording) -> String {
    let mut text = wording.paragraphs.join("\n\n");
    if let Some(action) = &wording.action {
        text += &format!("\n\n{}:\n{}", action.label, action.link);
    }
    text += &format!("\n\n-- \n{}\n", wording.footer);
    text
}

/// RFC 3834: no automatic answers, please.
#[derive(Clone)]
struct AutoSubmitted;

impl header::Header for AutoSubmitted {
    fn name() -> header::HeaderName {
        header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> header::HeaderValue {
        header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// RFC 2369: where these e-mails are ended.
#[derive(Clone)]
struct ListUnsubscribe(String);

impl header::Header for ListUnsubscribe {
    fn name() -> header::HeaderName {
        header::HeaderName::new_from_ascii_str("List-Unsubscribe")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> header::HeaderValue {
        header::HeaderValue::new(Self::name(), self.0.clone())
    }
}

/// RFC 8058: by one click, without asking again.
#[derive(Clone)]
struct OneClick;

impl header::Header for OneClick {
    fn name() -> header::HeaderName {
        header::HeaderName::new_from_ascii_str("List-Unsubscribe-Post")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> header::HeaderValue {
        header::HeaderValue::new(Self::name(), "List-Unsubscribe=One-Click".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::{
        Mail,
        mail::SecurityNotice,
        wording::{self, Setting},
    };
    use chrono::DateTime;

    fn sent(mail: &Mail, language: &str) -> String {
        let hub = "https://portal.example.org".parse().unwrap();
        let setting = Setting { hub: &hub, zone: chrono_tz::America::Chicago };
        let wording = wording::word(mail, language, setting);
        let from = "Carehub <hub@example.org>".parse().unwrap();
        let message = build(OutboxId::new(), &from, "eli.novak@example.com", &wording, None).unwrap();
        String::from_utf8(message.formatted()).unwrap()
    }

    #[test]
    fn an_e_mail_says_the_same_plain_and_in_html_and_names_the_link_as_it_is() {
        let path = "/reset-password#a_b-c".to_owned();
        let expires_at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        for (language, word) in [("en", "Choose a new password"), ("es-MX", "Elegir una nueva contrase=C3=B1a")] {
            let text = sent(&Mail::ResetPassword { path: path.clone(), expires_at }, language);
            // Lines that are too long are broken by "=" at their end.
            let text = text.replace("=\r\n", "");
            for part in text.split("Content-Type: text/").skip(1) {
                assert!(part.contains("https://portal.example.org/reset-password#a_b-c"), "{part}");
                assert!(part.contains(word), "{part}");
                assert!(part.contains("2027-01-15 02:00 CST"), "{part}");
            }
        }
    }

    #[test]
    fn nothing_in_a_practices_name_becomes_a_header_or_markup() {
        let practice = "Elm\r\nBcc: eve@example.org\r\n\r\n<script>alert(1)</script>".to_owned();
        let expires_at = DateTime::UNIX_EPOCH;
        let text = sent(&Mail::Invitation { practice, path: "/invitation#x".into(), expires_at }, "en");
        let (headers, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(!headers.contains("Bcc") && !headers.contains("Elm"), "{headers}");
        let html = body.split("Content-Type: text/html").nth(1).unwrap();
        assert!(!html.contains("<script"), "{html}");
    }

    #[test]
    fn what_is_no_address_gets_no_e_mail() {
        let wording = wording::word(
            &Mail::Security { notice: SecurityNotice::NewSignIn, at: DateTime::UNIX_EPOCH },
            "en",
            Setting { hub: &"https://portal.example.org".parse().unwrap(), zone: chrono_tz::UTC },
        );
        let from = "hub@example.org".parse().unwrap();
        for address in ["", "a", "a@b\r\nBcc: eve@example.org", "a@b, eve@example.org", "Eve <eve@example.org>"] {
            assert!(build(OutboxId::new(), &from, address, &wording, None).is_err(), "{address:?}");
        }
    }
}
