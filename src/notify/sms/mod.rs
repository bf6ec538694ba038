//! Text messages, by Twilio's REST API.
//!
//! - [`twilio`]: giving a message to Twilio
//! - [`signature`]: whether a request really comes from Twilio
//! - [`report`]: what became of a message
//! - [`answer`]: what people answer to messages

pub mod answer;
pub mod report;
pub mod signature;
pub mod twilio;

pub use twilio::Twilio;
