//! Office documents are archives. Nothing is unpacked here: the list of parts at the end is read, and an archive whose
//! list does not add up, that would unpack into far more than it is, or that brings macros or paths, is not kept.

use super::inspect::Unwanted;

const END: &[u8] = b"PK\x05\x06";
const END_BYTES: usize = 22;
const PART: &[u8] = b"PK\x01\x02";
const PART_BYTES: usize = 46;
/// The most parts of a document.
const MOST_PARTS: usize = 1_000;
/// What its parts may unpack to, all together.
const MOST_UNPACKED: u64 = 256 << 20;
/// A part that is larger may unpack to at most so many times its size.
const SMALL_PART: u64 = 1 << 20;
const MOST_RATIO: u64 = 200;

const DAMAGED: Unwanted = Unwanted("This document is damaged or not complete. Save it anew and try again.");
const BOMB: Unwanted =
    Unwanted("This document unpacks into far more than it is, which harmful files do. It is not kept.");
const MACROS: Unwanted =
    Unwanted("This document holds macros, which are programs. Save it without them and try again.");

/// Judges an archive by its last bytes.
pub fn check(tail: &[u8]) -> Result<(), Unwanted> {
    // A comment may follow; what follows and is no comment makes it two files in one.
    let end = tail.windows(END.len()).rposition(|window| window == END).ok_or(DAMAGED)?;
    let record = tail.get(end..end + END_BYTES).ok_or(DAMAGED)?;
    let (parts, size, comment) = (u16_at(record, 10)?, u32_at(record, 12)?, u16_at(record, 20)?);
    if end + END_BYTES + usize::from(comment) != tail.len() || usize::from(parts) > MOST_PARTS {
        return Err(DAMAGED);
    }
    let size = usize::try_from(size).map_err(|_| DAMAGED)?;
    let mut list = tail.get(end.checked_sub(size).ok_or(DAMAGED)?..end).ok_or(DAMAGED)?;
    let (mut unpacked_in_all, mut is_office) = (0, false);
    for _ in 0..parts {
        if !list.starts_with(PART) {
            return Err(DAMAGED);
        }
        let (packed, unpacked) = (u64::from(u32_at(list, 20)?), u64::from(u32_at(list, 24)?));
        let name_length = usize::from(u16_at(list, 28)?);
        let further = usize::from(u16_at(list, 30)?) + usize::from(u16_at(list, 32)?);
        let name = list.get(PART_BYTES..PART_BYTES + name_length).ok_or(DAMAGED)?;
        check_name(name)?;
        is_office |= name == b"[Content_Types].xml";
        unpacked_in_all += unpacked;
        if unpacked_in_all > MOST_UNPACKED || (unpacked > SMALL_PART && unpacked > packed.saturating_mul(MOST_RATIO)) {
            return Err(BOMB);
        }
        list = list.get(PART_BYTES + name_length + further..).ok_or(DAMAGED)?;
    }
    if is_office && list.is_empty() { Ok(()) } else { Err(DAMAGED) }
}

fn check_name(name: &[u8]) -> Result<(), Unwanted> {
    let lower = name.to_ascii_lowercase();
    if lower.ends_with(b"vbaproject.bin") || lower.windows(8).any(|window| window == b"activex/") {
        return Err(MACROS);
    }
    let leads_out = lower.starts_with(b"/") || lower.split(|byte| *byte == b'/').any(|part| part == b"..");
    if leads_out || lower.contains(&b'\\') { Err(DAMAGED) } else { Ok(()) }
}

fn u16_at(bytes: &[u8], at: usize) -> Result<u16, Unwanted> {
    let bytes = bytes.get(at..at + 2).and_then(|bytes| bytes.try_into().ok()).ok_or(DAMAGED)?;
    Ok(u16::from_le_bytes(bytes))
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32, Unwanted> {
    let bytes = bytes.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).ok_or(DAMAGED)?;
    Ok(u32::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The end of an archive with these parts: name, size, size unpacked.
    fn archive(parts: &[(&str, u32, u32)]) -> Vec<u8> {
        let mut list = Vec::new();
        for (name, packed, unpacked) in parts {
            let mut part = vec![0; PART_BYTES];
            part[..4].copy_from_slice(PART);
            part[20..24].copy_from_slice(&packed.to_le_bytes());
            part[24..28].copy_from_slice(&unpacked.to_le_bytes());
            part[28..30].copy_from_slice(&(name.len() as u16).to_le_bytes());
            list.extend(part);
            list.extend_from_slice(name.as_bytes());
        }
        let mut end = vec![0; END_BYTES];
        end[..4].copy_from_slice(END);
        end[10..12].copy_from_slice(&(parts.len() as u16).to_le_bytes());
        end[12..16].copy_from_slice(&(list.len() as u32).to_le_bytes());
        [b"PK\x03\x04 parts".as_slice(), &list, &end].concat()
    }

    const TYPES: (&str, u32, u32) = ("[Content_Types].xml", 300, 1_400);

    #[test]
    fn a_document_is_judged_by_its_list_and_never_unpacked() {
        assert_eq!(check(&archive(&[TYPES, ("word/document.xml", 9_000, 90_000)])), Ok(()));
        assert_eq!(check(&archive(&[TYPES, ("word/vbaProject.bin", 9, 9)])), Err(MACROS));
        assert_eq!(check(&archive(&[TYPES, ("word/document.xml", 40_000, 400_000_000)])), Err(BOMB));
        let many = vec![("word/media/a.xml", 1_000_000, 60_000_000); 5];
        assert_eq!(check(&archive(&[&[TYPES], many.as_slice()].concat())), Err(BOMB));
        for damaged in [
            archive(&[("word/document.xml", 9, 9)]),
            archive(&[TYPES, ("../../evil", 9, 9)]),
            archive(&[TYPES, ("/etc/passwd", 9, 9)]),
            [archive(&[TYPES]), b"<script>".to_vec()].concat(),
            archive(&[TYPES])[20..].to_vec(),
            archive(&vec![TYPES; MOST_PARTS + 1]),
            b"PK\x03\x04".to_vec(),
        ] {
            assert_eq!(check(&damaged), Err(DAMAGED));
        }
    }
}
