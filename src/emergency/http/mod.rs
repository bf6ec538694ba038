//! The calls about emergencies. Decide nothing: permission, then the slice, then its answer.

pub mod duty;
pub mod on_call;
pub mod policy;
