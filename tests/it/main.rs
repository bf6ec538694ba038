//! All integration tests in one binary, which links once. The folders mirror `src`.

mod dev;
mod hub;
mod support;
