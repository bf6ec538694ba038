//! The description of the API, made from the route table and the types of its handlers: what a handler takes and gives
//! is what the document says. Nothing is written twice, so nothing can be forgotten or go stale. Knows no route.
//!
//! - [`call`]: one call, collected
//! - [`input`]: what an extractor reads of a request
//! - [`output`]: what an answer consists of
//! - [`problems`]: every refusal, with an example
//! - [`document`]: all of it as OpenAPI 3.1
//! - [`serve`]: its addresses

pub mod call;
pub mod document;
pub mod input;
pub mod output;
pub mod problems;
pub mod serve;

pub use call::Call;
pub use document::Document;

use actix_web::Handler;
use input::Input;
use output::Output;
use std::marker::PhantomData;

/// A handler, to be described by its types.
pub struct Described<H, Args>(PhantomData<(H, Args)>);

impl<H: Handler<Args>, Args> Described<H, Args> {
    /// Of this handler.
    pub fn of(_: H) -> Self {
        Self(PhantomData)
    }
}

impl<H, Args> Described<H, Args>
where
    H: Handler<Args>,
    H::Output: Output,
    Args: Input,
{
    /// Adds what the handler takes and gives.
    pub fn tell(self, call: &mut Call) {
        Args::describe(call);
        H::Output::describe(call);
    }
}
