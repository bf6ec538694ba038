//! A message as the journal takes it: recognised, where it is an emergency, and sealed, with what the hub says to it.

use super::{actor::Thread, pending::Notice};
use crate::{
    accounts::Person,
    crypto::{Place, Unsealable},
    emergency::{
        raise::{Raising, SealedNotice},
        recognise::{Recognised, Recogniser},
    },
    hub::event::NewMessage,
    ids::EntryId,
    threads::{
        commit::NewEntry,
        model::{Priority, Text},
    },
};

/// What goes to the journal, and what is kept until it is settled.
pub(super) struct Sealed {
    pub entry: NewEntry,
    pub raises: Option<Raising>,
    pub notice: Option<Notice>,
}

/// Seals a message of somebody who takes part. An emergency that was recognised has this priority from here on.
pub(super) fn seal(
    thread: &Thread,
    recogniser: &Recogniser,
    author: &Person,
    message: &mut NewMessage,
) -> Result<Sealed, Unsealable> {
    let (id, sender, body) = (message.thread, Some(author.id), &message.body.0);
    let recognised = recogniser.recognise(thread.practice, author.role, message.kind, message.priority, body);
    let sealed = thread.key.seal(Place::Entry { thread: id, id: message.id, sender }, body)?;
    let (mut raises, mut notice) = (None, None);
    if let Some(Recognised { cause, finding }) = recognised {
        message.priority = Priority::Emergency;
        let said = Notice { id: EntryId::new(), body: Text(recogniser.resources(thread.practice, &thread.language)) };
        let sealed = thread.key.seal(Place::Entry { thread: id, id: said.id, sender: None }, &said.body.0)?;
        raises = Some(Raising { cause, finding, notice: SealedNotice { id: said.id, sealed } });
        notice = Some(said);
    }
    let entry = NewEntry {
        thread: id,
        id: message.id,
        sender,
        from_staff: author.role.is_staff(),
        kind: message.kind,
        priority: message.priority,
        sealed,
        reply_to: message.reply_to,
        attachments: message.attachments.clone(),
        based_on: message.based_on,
    };
    Ok(Sealed { entry, raises, notice })
}
