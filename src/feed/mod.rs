//! The pure half: bytes and values in, values and bytes out. It reads no clock, file, socket,
//! environment or random number, keeps no state between calls and writes no log.

pub mod arabic;
pub mod claims;
pub mod clock;
pub mod confirmed_time;
pub mod dates;
pub mod decode;
pub mod discover;
pub mod extract;
pub mod frozen;
pub mod hash;
pub mod hijack;
pub mod likeness;
mod markup;
pub mod model;
pub mod normalize;
pub mod opml;
pub mod pages;
pub mod parse;
pub mod pipeline;
pub mod push;
pub mod query;
pub mod relate;
pub mod render;
pub mod repair;
pub mod robots;
pub mod schedule;
pub mod silence;
pub mod story;
pub mod undated;
