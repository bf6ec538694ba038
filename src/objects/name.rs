//! What a file is called. A name is shown, and goes into one header; it never becomes part of a path. It is somebody's
//! words: `Debug` prints none of it.

use super::media::Media;
use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// The most characters of a name.
const MOST_CHARACTERS: usize = 150;
/// Of a file whose sender gave it no name that can be shown.
const NAMELESS: &str = "file";

/// A name that can be shown and sent.
#[derive(Clone, PartialEq, Eq)]
pub struct FileName(String);

impl FileName {
    /// The last part of what a sender calls a file, without anything that does not show: controls, marks that change the
    /// direction of writing, separators of paths.
    pub fn clean(given: &str) -> Self {
        let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
        let shown: String = last.nfc().filter(|c| is_shown(*c)).collect();
        let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        let name = words.trim_matches(|c: char| c == '.' || c.is_whitespace());
        let name = if name.is_empty() { NAMELESS } else { name };
        Self(shorten(name))
    }

    /// With an ending that says what the file was found to be.
    pub fn with_ending_of(self, media: Media) -> Self {
        let (stem, ending) = match self.0.rsplit_once('.') {
            Some((stem, ending)) => (stem, ending.to_lowercase()),
            None => (self.0.as_str(), String::new()),
        };
        if media.endings().contains(&ending.as_str()) {
            return self;
        }
        let known =
            ending.is_empty() || (media.is_picture() && ["png", "jpg", "jpeg", "gif", "webp"].contains(&&*ending));
        let stem = if known { stem } else { &self.0 };
        Self(format!("{stem}.{}", media.endings()[0]))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value of `Content-Disposition` by RFC 6266: a name in ASCII for old programs, and the whole one by RFC 8187.
    pub fn disposition(&self, inline: bool) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || " .-_()".contains(c) { c } else { '_' };
        let ascii: String = self.0.chars().map(plain).collect();
        let mut encoded = String::with_capacity(self.0.len() * 3);
        for byte in self.0.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(byte.into()),
                other => encoded.push_str(&format!("%{other:02X}")),
            }
        }
        let kind = if inline { "inline" } else { "attachment" };
        format!("{kind}; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
    }
}

impl fmt::Debug for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

fn is_shown(c: char) -> bool {
    // Letters join over U+200C and U+200D in some scripts; the others only change directions, or show nothing.
    let hidden = matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{2028}' | '\u{2029}' | '\u{e0000}'..='\u{e007f}');
    !c.is_control() && !hidden && !matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*')
}

/// What is too long loses its middle: its beginning and its ending tell the most.
fn shorten(name: &str) -> String {
    let many = name.chars().count();
    if many <= MOST_CHARACTERS {
        return name.to_owned();
    }
    let tail = 20;
    let head = MOST_CHARACTERS - tail - 1;
    let start: String = name.chars().take(head).collect();
    let end: String = name.chars().skip(many - tail).collect();
    format!("{start}…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_and_never_leads_anywhere() {
        for (given, shown) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\me\\letter.pdf", "letter.pdf"),
            ("evil\r\nSet-Cookie: x.pdf", "evilSet-Cookie x.pdf"),
            ("annual\u{202e}fdp.exe", "annualfdp.exe"),
            ("<img src=x onerror=alert(1)>.png", "img src=x onerror=alert(1).png"),
            ("  ...  ", "file"),
            ("", "file"),
            ("Überweisung März.pdf", "Überweisung März.pdf"),
            ("診断書.pdf", "診断書.pdf"),
        ] {
            assert_eq!(FileName::clean(given).as_str(), shown, "{given:?}");
        }
        assert_eq!(FileName::clean(&"x".repeat(400)).as_str().chars().count(), MOST_CHARACTERS);
        assert_eq!(format!("{:?}", FileName::clean("letter.pdf")), "…");
    }

    #[test]
    fn a_names_ending_says_what_the_file_is() {
        let named = |name: &str, media| FileName::clean(name).with_ending_of(media).as_str().to_owned();
        assert_eq!(named("Scan.PDF", Media::Pdf), "Scan.PDF");
        assert_eq!(named("letter", Media::Pdf), "letter.pdf");
        assert_eq!(named("letter.exe", Media::Pdf), "letter.exe.pdf");
        assert_eq!(named("cat.webp", Media::Png), "cat.png");
        assert_eq!(named("photo.jpeg", Media::Jpeg), "photo.jpeg");
    }

    #[test]
    fn a_disposition_is_one_header_whatever_the_name() {
        let disposition = FileName::clean("a\"b\\\r\nc; ü.pdf").disposition(false);
        assert_eq!(disposition, "attachment; filename=\"c_ _.pdf\"; filename*=UTF-8''c%3B%20%C3%BC.pdf");
        assert!(
            FileName::clean("診断書.pdf").disposition(true).starts_with("inline; filename=\"___.pdf\"; filename*=")
        );
    }
}
