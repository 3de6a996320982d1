//! A source to a Document over the network.

mod address;
mod resolve;
