//! A source to a Document over the network.
