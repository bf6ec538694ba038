//! What the hub itself says in a thread: every such text is here. Said to clients too, so never anything that is
//! staff's alone.

/// Something that the people of a thread are told.
#[derive(Clone, Copy, Debug)]
pub enum Notice<'a> {
    /// Somebody looks after the thread from now on.
    LooksAfter {
        name: &'a str,
    },
    /// One colleague handed it to another.
    HandedOver {
        from: &'a str,
        to: &'a str,
    },
    /// It went back into the pool.
    Unassigned,
    Closed,
    Reopened,
}

impl Notice<'_> {
    /// In words.
    pub fn text(&self) -> String {
        match self {
            Self::LooksAfter { name } => format!("{name} now looks after this conversation."),
            Self::HandedOver { from, to } => {
                format!("{from} handed this conversation over to {to}, who looks after it from now on.")
            }
            Self::Unassigned => "This conversation is back with the whole team, until somebody takes it up.".to_owned(),
            Self::Closed => "This conversation was closed. You can still read it.".to_owned(),
            Self::Reopened => "This conversation was reopened.".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transfer_names_both() {
        let text = Notice::HandedOver { from: "Maya Levin", to: "Tom Adeyemi" }.text();
        assert!(text.starts_with("Maya Levin") && text.contains("Tom Adeyemi"));
    }
}
