//! Signing in and out.

mod sign_in;
mod sign_out;
