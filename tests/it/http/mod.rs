//! What holds for every call.

mod access;
mod answers;
mod openapi;
mod origin;
mod page_addresses;
mod page_scripts;
pub mod pages;
mod sign_in_page;
