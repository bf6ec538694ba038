//! Proof: what is written of who did what, and that nobody can take it back unseen.

mod role;
