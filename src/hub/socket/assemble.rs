//! Fragments into one message. Bounded by the guard, which counts fragments together; checks UTF-8 as it arrives.

use crate::hub::wire::Disconnect;
use bytes::{Bytes, BytesMut};
use bytestring::ByteString;

/// A whole message.
pub enum Message {
    Text(ByteString),
    Binary(Bytes),
}

/// The message that is being put together.
#[derive(Default)]
pub struct Assembly {
    text: bool,
    bytes: BytesMut,
    /// Up to here the bytes are valid UTF-8.
    checked: usize,
}

impl Assembly {
    /// The first fragment.
    pub fn begin(&mut self, text: bool, fragment: &[u8]) -> Result<(), Disconnect> {
        *self = Self { text, ..Self::default() };
        self.add(fragment)
    }

    /// A further fragment.
    pub fn add(&mut self, fragment: &[u8]) -> Result<(), Disconnect> {
        self.bytes.extend_from_slice(fragment);
        if !self.text {
            return Ok(());
        }
        match std::str::from_utf8(&self.bytes[self.checked..]) {
            Ok(_) => self.checked = self.bytes.len(),
            // A character may be cut in two by the end of a fragment.
            Err(error) if error.error_len().is_none() => self.checked += error.valid_up_to(),
            Err(_) => return Err(Disconnect::InvalidUtf8),
        }
        Ok(())
    }

    /// The last fragment: the message.
    pub fn end(&mut self, fragment: &[u8]) -> Result<Message, Disconnect> {
        self.add(fragment)?;
        let bytes = std::mem::take(&mut self.bytes).freeze();
        self.checked = 0;
        if !self.text {
            return Ok(Message::Binary(bytes));
        }
        ByteString::try_from(bytes).map(Message::Text).map_err(|_| Disconnect::InvalidUtf8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_may_span_fragments_but_nonsense_ends_at_once() {
        let mut assembly = Assembly::default();
        let euro = "€".as_bytes();
        assert!(assembly.begin(true, &euro[..1]).is_ok());
        assert!(assembly.add(&euro[1..2]).is_ok());
        assert!(matches!(assembly.end(&euro[2..]), Ok(Message::Text(text)) if text == "€"));
        assert_eq!(assembly.begin(true, b"ok\xff").err(), Some(Disconnect::InvalidUtf8));
        assert!(assembly.begin(true, &euro[..1]).is_ok());
        assert_eq!(assembly.end(b"x").err(), Some(Disconnect::InvalidUtf8));
    }
}
