//! Appointments: when clinicians see clients, and who has which time. Owns `appointments` and `appointment_*`,
//! `clinician_*` and `calendar_feeds`.
//!
//! Invariants: no clinician has two clients at once, by a constraint of the database; what a client holds, or is offered,
//! is theirs until the clock says otherwise; every step is one of [`state`]; a fee is booked only where it was agreed to;
//! notices and reminders are written in the transaction of the step that they tell of.
//!
//! - [`state`]: what may follow what; [`policy`]: how a practice handles appointments, and what a late change costs
//! - [`hours`], [`slots`]: when somebody is there, and which times are free (pure); [`availability`]: the rows of it
//! - [`access`]: who may see an appointment; [`list`]: reading them
//! - [`book`]: taking a time; [`course`]: every later step; [`series`]: every week, and the like
//! - [`waitlist`]: who waits, and offering them a time; [`upkeep`]: the loop that ends offers that nobody takes
//! - [`tell`]: who is told of what, and reminded when
//! - [`calendar`], [`feed`]: for calendar programs; [`room`]: where one meets over video
//! - [`http`]: the calls

pub mod access;
pub mod availability;
pub mod book;
pub mod calendar;
pub mod course;
pub mod feed;
pub mod hours;
pub mod http;
pub mod list;
pub mod policy;
pub mod room;
pub mod series;
pub mod slots;
pub mod state;
pub mod tell;
pub mod upkeep;
pub mod waitlist;

pub use access::AppointmentAccess;
pub use state::{Mode, State};
