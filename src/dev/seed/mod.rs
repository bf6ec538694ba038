//! People and threads by the thousand, for load generators and demonstrations: written by a few set-based statements in
//! one transaction, so that an interrupted run leaves nothing behind.
//!
//! - [`rows`]: the rows of every table concerned, and their insertion
//! - [`crowd`]: pairs of one client and one clinician, or one thread with many participants
//! - [`tokens`]: access tokens that last a working day, and the file that lists them
//!
//! Never used on a production configuration; the command refuses.

pub mod crowd;
pub mod rows;
pub mod tokens;

pub use crowd::{seed_group, seed_pairs};
