//! A source to a Document over the network.

mod address;
mod freshness;
mod resolve;
