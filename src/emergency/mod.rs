//! Emergencies: somebody always says "I have it". The lower half knows people, rules and rows, and may be used by the
//! hub; the upper half acts. Owns `escalations`, `pages` and `ack_links`.
//!
//! Invariants: an emergency and the message that says so are one commit; what is open is always due, or somebody has it,
//! or it came to its last resort and everybody is told so; every transition is one transaction with its pages, outbox
//! rows and audit rows; nobody is paged twice for one step, round and channel.
//!
//! - [`phrases`]: whether words tell of danger
//! - [`resources`]: where a client in danger finds help at once
//! - [`numbers`]: the telephone numbers in what is said of it
//! - [`crisis`]: what a practice sets of both
//! - [`policy`]: whom a practice calls, in which order, by which channels; never none
//! - [`rota`]: who is on call
//! - [`reach`]: the people of a step, and by which ways each is reached
//! - [`lookout`]: warns of holes in the coming week
//! - [`model`]: escalations and pages as everybody sees them
//! - [`course`]: from raised to resolved, as pure functions
//! - [`recognise`]: whether a message is an emergency; [`found`]: by which phrase, in words for staff
//! - [`raise`]: the message and its emergency in one commit
//! - [`store`]: reading and locking rows; [`pages`]: calling people; [`links`]: the links in their pages
//! - [`acts`]: what people do: take it, hand it over, pass it on, close it
//! - [`thread`]: what is said in its thread, and who is let in
//! - [`truth`]: what the client and the staff may read of it
//! - [`words`]: what the hub says in the thread of it
//! - [`drill`]: the same without an emergency; [`report`]: how both went
//! - [`bell`]: waking the loops
//! - [`engine`]: the loop that carries out what is due; [`watchdog`]: watches it
//! - [`frame`]: what those are told who are connected; [`herald`]: tells them
//! - [`http`]: the calls

pub mod acts;
pub mod bell;
pub mod course;
pub mod crisis;
pub mod drill;
pub mod engine;
pub mod found;
pub mod frame;
pub mod herald;
pub mod http;
pub mod links;
pub mod lookout;
pub mod model;
pub mod numbers;
pub mod pages;
pub mod phrases;
pub mod policy;
pub mod raise;
pub mod reach;
pub mod recognise;
pub mod report;
pub mod resources;
pub mod rota;
pub mod store;
pub mod thread;
pub mod truth;
pub mod watchdog;
pub mod words;
