//! What holds for every call.

mod answers;
mod doors;
mod origin;
