//! Proof that nothing was changed, removed or slipped in afterwards. Owns `audit_blocks` and `audit_keys`, to which rows
//! are only ever added.
//!
//! Rows are written freely: no writer waits for the chain. A sealer puts a block over all rows whose transactions are
//! over: a digest for each, hashed onto the block before, and signed. Beside each block a checkpoint goes into a folder
//! outside of the database, so that a cut tail is missed, too. What is not yet sealed, a few seconds' worth, is guarded
//! by the rights of the database role alone.
//!
//! - [`rows`]: the bytes of a row, the same for whoever seals and whoever verifies
//! - [`block`]: what is hashed and signed
//! - [`signer`]: the keys that sign; [`checkpoint`]: what is kept outside
//! - [`seal`]: one block; [`sealer`]: the loop
//! - [`compare`]: where rows differ from their block; [`verify`]: everything from the first block on

pub mod block;
pub mod checkpoint;
pub mod compare;
pub mod rows;
pub mod seal;
pub mod sealer;
pub mod signer;
pub mod verify;
