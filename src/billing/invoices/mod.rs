//! Invoices: charges that a client is asked to pay until a day. An invoice never changes: what was wrong is voided. Its
//! status is computed. Numbers follow each other within a practice, and none is left out.
//!
//! - [`issue`]: asking, and asking again
//! - [`void`]: taking one back
//! - [`read`]: reading them, with what is paid

mod issue;
mod read;
mod void;

pub use issue::{MOST_CHARGES, issue, send_again};
pub use read::{Invoice, Page, find, of_client, of_practice};
pub use void::{void, void_reason};
