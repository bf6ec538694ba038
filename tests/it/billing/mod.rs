//! Money: that it always adds up.

mod stripe;
