//! The calls: behind the client's door [`portal`] and [`submitted`], behind the practice's [`library`], [`assignments`]
//! and [`submissions`].

pub mod assignments;
pub mod library;
pub mod portal;
pub mod submissions;
pub mod submitted;
