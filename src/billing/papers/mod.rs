//! From the ledger to what [`super::print`] sets: reading, and no more. Call within one repeatable-read transaction, so
//! that all figures of a paper are of one moment.
//!
//! - [`head`]: the practice and the client
//! - [`invoice`], [`receipt`], [`statement`], [`superbill`]: what each says

pub mod head;
pub mod invoice;
pub mod receipt;
pub mod statement;
pub mod superbill;
