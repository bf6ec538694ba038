//! All integration tests in one binary, which links once. The folders mirror `src`.

mod dev;
mod faults;
mod hub;
mod support;
