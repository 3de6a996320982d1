//! Reads feeds: bytes and values in, values out.
//!
//! The pipeline is `decode → repair → parse → normalize`; [`pipeline`] runs it. The crate reads no
//! clock, file, socket, environment variable or random number, keeps no state between calls and
//! writes no log.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod arabic;
pub mod dates;
pub mod decode;
pub mod discover;
pub mod extract;
pub mod hash;
pub mod markup;
pub mod model;
pub mod normalize;
pub mod opml;
pub mod parse;
pub mod pipeline;
pub mod repair;
pub mod robots;
