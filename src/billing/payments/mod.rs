//! Money that came in, and went back: by hand, and through Stripe. Each is recorded once, however often it is told.
//! Never talks to Stripe, and never lets more of a payment go back than came in.
//!
//! - [`method`]: how somebody paid; [`paid`]: a payment, and what went back of it; [`list`]: reading them
//! - [`record`]: what came in; [`refund`]: what the practice gives back, and what of it fails; [`chargeback`]: what a bank
//!   takes back

pub mod chargeback;
pub mod list;
pub mod method;
pub mod paid;
pub mod record;
pub mod refund;

pub use chargeback::{chargeback, chargeback_won};
pub use method::Method;
pub use paid::{Paid, lock};
pub use record::{NewPayment, record};
pub use refund::{NewRefund, refund, refund_failed};
