//! What those who work for the practice call.
