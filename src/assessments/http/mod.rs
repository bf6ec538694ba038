//! The calls about assessments. Decide nothing: permission and proof, then the slice, then its answer.
//!
//! - [`due`], [`answer`], [`history`], [`emergency`]: what clients do and read
//! - [`assign`], [`record`], [`overdue`], [`before`]: what those do and read who look after them
//! - [`trend`]: scores over time, for both
//! - [`view`]: how an assessment is shown

pub mod answer;
pub mod assign;
pub mod before;
pub mod due;
pub mod emergency;
pub mod history;
pub mod overdue;
pub mod record;
pub mod trend;
pub mod view;
