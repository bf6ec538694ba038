//! What clients call.
