//! What a client keeps across connections so that nothing is lost, doubled or reordered: how far it
//! has each thread, its cursor, and what it has sent without an answer. Pure: no connection in it.

use crate::clock::Nanos;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use uuid::Uuid;

/// A client's memory.
#[derive(Debug, Default)]
pub struct Resume {
    /// From the last `synced`.
    pub cursor: Option<Box<RawValue>>,
    have: BTreeMap<Uuid, u64>,
    /// Own entries acknowledged ahead of entries of others that are still to come.
    ahead: BTreeMap<Uuid, BTreeSet<u64>>,
    pending: VecDeque<Pending>,
}

/// A message without an answer.
#[derive(Clone, Debug)]
pub struct Pending {
    pub id: Uuid,
    pub thread: Uuid,
    pub body: String,
    /// When it was first sent.
    pub since: Nanos,
    /// Whether it went out on the connection of now.
    pub under_way: bool,
}

impl Resume {
    /// Begins with what is there.
    pub fn starting_at(have: BTreeMap<Uuid, u64>) -> Self {
        Self { have, ..Self::default() }
    }

    /// What `sync` tells the hub.
    pub fn have(&self) -> &BTreeMap<Uuid, u64> {
        &self.have
    }

    /// An entry arrived, or an own one was acknowledged. Returns how far the thread is complete.
    pub fn got(&mut self, thread: Uuid, seq: u64) -> u64 {
        let have = self.have.entry(thread).or_insert(0);
        let ahead = self.ahead.entry(thread).or_default();
        if seq > *have {
            ahead.insert(seq);
        }
        while ahead.remove(&(*have + 1)) {
            *have += 1;
        }
        *have
    }

    /// A new message. It stays until it is answered.
    pub fn add(&mut self, id: Uuid, thread: Uuid, body: String, since: Nanos) {
        self.pending.push_back(Pending { id, thread, body, since, under_way: true });
    }

    /// It was answered, for good. `None` where it had been already.
    pub fn answered(&mut self, id: Uuid) -> Option<Pending> {
        let index = self.pending.iter().position(|pending| pending.id == id)?;
        self.pending.remove(index)
    }

    /// Everything without an answer, in the order it was first sent; all of it is on its way now.
    pub fn again(&mut self) -> impl Iterator<Item = &Pending> {
        self.pending.iter_mut().map(|pending| {
            pending.under_way = true;
            &*pending
        })
    }

    /// The connection broke. Returns how many sends it leaves in doubt.
    pub fn broke(&mut self) -> u64 {
        self.pending.iter_mut().map(|pending| u64::from(std::mem::take(&mut pending.under_way))).sum()
    }

    pub fn unanswered(&self) -> usize {
        self.pending.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_own_entry_ahead_of_a_hole_counts_once_the_hole_is_filled() {
        let thread = Uuid::now_v7();
        let mut resume = Resume::starting_at(BTreeMap::from([(thread, 4)]));
        assert_eq!(resume.got(thread, 6), 4);
        assert_eq!(resume.have()[&thread], 4);
        assert_eq!(resume.got(thread, 5), 6);
        assert_eq!(resume.got(thread, 5), 6);
    }

    #[test]
    fn what_has_no_answer_goes_again_in_its_order_and_is_in_doubt_once_a_break() {
        let (thread, ids) = (Uuid::now_v7(), [1, 2, 3].map(Uuid::from_u128));
        let mut resume = Resume::default();
        ids.iter().for_each(|id| resume.add(*id, thread, "x".into(), 0));
        assert!(resume.answered(ids[1]).is_some());
        assert!(resume.answered(ids[1]).is_none());
        assert_eq!((resume.broke(), resume.broke()), (2, 0));
        assert_eq!(resume.again().map(|pending| pending.id).collect::<Vec<_>>(), [ids[0], ids[2]]);
        assert_eq!(resume.broke(), 2);
    }
}
