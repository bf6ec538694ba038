//! What leaves the hub.

mod relay;
