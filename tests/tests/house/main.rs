//! The rules of the house, checked by a test rather than by a reviewer.
//!
//! - [`walk`]: the files of the product.
//! - [`imports`]: which crate may use which; what core must not know.
//! - [`text`]: what no file may hold.
//! - [`outside`]: licences, bans and sources of everything that is built in.

mod imports;
mod outside;
mod text;
mod walk;
