//! The half that touches the world: it fetches, stores, serves and keeps time, and asks `feed`
//! what to think.

pub mod fetch;
pub mod publish;
pub mod run;
pub mod search;
pub mod serve;
pub mod store;
pub mod update;
