//! Who is on call. Owns `on_call_rotas`, `on_call_shifts` and `on_call_overrides`.
//!
//! - [`wall`]: from what clocks on the wall show to instants, on the days that clocks change, too
//! - [`shift`]: the week of shifts, covers and leave
//! - [`duty`]: who is on call at an instant
//! - [`coverage`]: the same for a span of time, with its holes
//! - [`change`]: changing it
//! - [`store`]: the rows of rota and week; [`overrides`]: those of covers and leave

pub mod change;
pub mod coverage;
pub mod duty;
pub mod overrides;
pub mod shift;
pub mod store;
pub mod wall;

pub use duty::Rota;
pub use shift::{Cover, Layer, Leave, Shift, Span};
