//! All integration tests in one binary, which links once. The folders mirror `src`.

mod architecture;
mod dev;
mod documents;
mod hub;
mod support;
