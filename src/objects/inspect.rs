//! What a file is, found out while it passes: from its first bytes by the signatures of formats, from all of it where it
//! claims to be text, from its end where a format has one. Remembers a few kilobytes of it. What is two things at once
//! (a PDF that is an archive, too) is refused, and so is all that browsers or Windows would run.

use super::{archive, media::Media};

/// First bytes by which formats are known.
const HEAD: usize = 8 * 1024;
/// Last bytes that are kept: an archive's list of its parts has to fit.
const TAIL: usize = 128 * 1024;
/// A PDF ends within so many bytes of its end mark.
const PDF_END: usize = 1024;
const ARCHIVE_END: &[u8] = b"PK\x05\x06";

/// Why a file is not kept, in words for its sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwanted(pub &'static str);

const UNKNOWN: Unwanted = Unwanted(Media::KEPT);
const EMPTY: Unwanted = Unwanted("This file is empty. Choose another one.");
const TWO_IN_ONE: Unwanted =
    Unwanted("This file is of two kinds at once, which harmful files often are. Save it anew and try again.");
const CUT_OFF: Unwanted = Unwanted("This file is damaged or not complete. Save it anew and try again.");

/// Looks at a file as it passes.
pub struct Inspector {
    head: Vec<u8>,
    media: Option<Media>,
    tail: Vec<u8>,
    /// A character of text that is cut in two by how the bytes came.
    broken_character: Vec<u8>,
}

impl Inspector {
    pub fn new() -> Self {
        Self { head: Vec::with_capacity(HEAD), media: None, tail: Vec::new(), broken_character: Vec::new() }
    }

    /// Looks at the next bytes.
    ///
    /// # Errors
    /// As soon as it is known that the file is not kept.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Unwanted> {
        if self.head.len() < HEAD {
            self.head.extend_from_slice(&bytes[..bytes.len().min(HEAD - self.head.len())]);
            if self.head.len() == HEAD {
                self.media = Some(recognise(&self.head)?);
            }
        }
        self.keep_tail(bytes);
        // As long as it is not recognised, it is short enough to be looked at in the end.
        if self.media == Some(Media::Text) { self.check_text(bytes) } else { Ok(()) }
    }

    /// What it is, now that all of it passed.
    ///
    /// # Errors
    /// Where it is nothing that is kept.
    pub fn finish(mut self) -> Result<Media, Unwanted> {
        if self.head.is_empty() {
            return Err(EMPTY);
        }
        let media = match self.media {
            Some(media) => media,
            None => recognise(&self.head)?,
        };
        if self.media.is_none() && media == Media::Text {
            let head = std::mem::take(&mut self.head);
            self.check_text(&head)?;
        }
        match media {
            Media::Text if !self.broken_character.is_empty() => return Err(UNKNOWN),
            Media::Pdf if !contains(&self.tail[self.tail.len().saturating_sub(PDF_END)..], b"%%EOF") => {
                return Err(CUT_OFF);
            }
            media if media.is_archive() => archive::check(&self.tail)?,
            // Whoever unpacks archives looks for them from the end.
            Media::Pdf | Media::Text if contains(&self.tail, ARCHIVE_END) => return Err(TWO_IN_ONE),
            _ => {}
        }
        Ok(media)
    }

    fn keep_tail(&mut self, bytes: &[u8]) {
        if bytes.len() >= TAIL {
            self.tail.clear();
            self.tail.extend_from_slice(&bytes[bytes.len() - TAIL..]);
            return;
        }
        // Let it grow to twice its size before it is moved.
        if self.tail.len() + bytes.len() > 2 * TAIL {
            self.tail.drain(..self.tail.len() - TAIL);
        }
        self.tail.extend_from_slice(bytes);
    }

    fn check_text(&mut self, bytes: &[u8]) -> Result<(), Unwanted> {
        let mut whole = std::mem::take(&mut self.broken_character);
        whole.extend_from_slice(bytes);
        let text = match std::str::from_utf8(&whole) {
            Ok(text) => text,
            Err(error) if error.error_len().is_none() => {
                self.broken_character = whole[error.valid_up_to()..].to_vec();
                std::str::from_utf8(&whole[..error.valid_up_to()]).map_err(|_| UNKNOWN)?
            }
            Err(_) => return Err(UNKNOWN),
        };
        let unprintable = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}');
        if text.contains(unprintable) { Err(UNKNOWN) } else { Ok(()) }
    }
}

impl Default for Inspector {
    fn default() -> Self {
        Self::new()
    }
}

fn recognise(head: &[u8]) -> Result<Media, Unwanted> {
    // Words that begin with BM are taken for a bitmap; a real one is no text and is refused as such.
    if let Some(kind) = infer::get(head).filter(|kind| kind.mime_type() != "image/bmp") {
        return Media::parse(kind.mime_type()).filter(|media| *media != Media::Text).ok_or(UNKNOWN);
    }
    let text = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head);
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
    // Markup of any kind, a script, or an archive that is none that is known.
    match first {
        Some(b'<') => Err(UNKNOWN),
        Some(_) if text.starts_with(b"#!") || head.starts_with(b"PK") || head.starts_with(b"MZ") => Err(UNKNOWN),
        _ => Ok(Media::Text),
    }
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inspect(bytes: &[u8], at_once: usize) -> Result<Media, Unwanted> {
        let mut inspector = Inspector::new();
        for part in bytes.chunks(at_once) {
            inspector.push(part)?;
        }
        inspector.finish()
    }

    #[test]
    fn a_file_is_what_its_content_says_however_it_comes() {
        let pdf = [b"%PDF-1.7\n".as_slice(), &vec![b'x'; 300_000], b"\n%%EOF\n"].concat();
        let text = "Grüße aus Zürich, 診断 🙂\r\n\tEnde".repeat(9_000);
        for (bytes, media) in [
            (pdf.as_slice(), Media::Pdf),
            (b"%PDF-1.4 %%EOF", Media::Pdf),
            (b"\x89PNG\r\n\x1a\n", Media::Png),
            (b"\xff\xd8\xff\xe0", Media::Jpeg),
            (b"GIF89a", Media::Gif),
            (b"RIFF\x00\x00\x00\x00WEBPVP8 ", Media::Webp),
            (text.as_bytes(), Media::Text),
            (b"a,b\n1,2\n", Media::Text),
            (b"BMI and weight", Media::Text),
        ] {
            for at_once in [1_000_003, 65_536, 4_095, 7] {
                assert_eq!(inspect(bytes, at_once), Ok(media), "{media:?} {at_once}");
            }
        }
    }

    #[test]
    fn what_browsers_or_systems_would_run_is_not_kept_and_neither_is_what_is_two_things() {
        let long_binary = [vec![b'a'; 20_000].as_slice(), &[0, 1, 2, 3]].concat();
        for bytes in [
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".as_slice(),
            b"<!DOCTYPE html><script>alert(1)</script>",
            b" \n\t<html>",
            "\u{feff}<?xml version='1.0'?>".as_bytes(),
            b"<script>",
            b"#!/bin/sh\n",
            b"MZ\x90\x00\x03",
            b"\x7fELF\x02\x01\x01\x00",
            b"PK\x03\x04 something else",
            b"\xca\xfe\xba\xbe",
            b"Rar!\x1a\x07\x00",
            b"\x1f\x8b\x08",
            b"\x00\x01\x02",
            b"BM\x36\x00\x00\x00",
            b"caf\xe9",
            b"",
            &long_binary,
            b"%PDF-1.7 but it does not end",
            b"%PDF-1.7 \nPK\x05\x06\x00\x00\x00\x00 %%EOF",
        ] {
            assert!(inspect(bytes, 4_096).is_err(), "{:?}", String::from_utf8_lossy(bytes));
        }
        assert_eq!(inspect(b"", 1), Err(EMPTY));
    }
}
