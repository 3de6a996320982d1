//! A source to a Document over the network.

mod address;
mod body;
mod freshness;
mod resolve;
mod turns;
