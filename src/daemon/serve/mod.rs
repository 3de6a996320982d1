//! Requests → finished bytes: the shelf of renditions and the router.
//!
//! | file | turns |
//! | --- | --- |
//! | `rendition` | text → bytes per content coding, with their hash |
//! | `shelf` | what is wanted → the rendition that is ready |
//! | `route` | a path and query → what is wanted |
//! | `negotiate` | request headers → coding, and whether the client has it already |
//! | `answer` | a request → a response |
//! | `representation` | a rendition and request headers → 200, 304 or 412 |
//! | `notice` | what cannot be given → why, as a page or as text |
//! | `callback` | a hub's request → a call to the run loop, and its answer |
//! | `listen` | a listener → connections with limits, and an end with a deadline |
//! | `observe` | what happened → metrics and health |
//!
//! Serving never opens the store and renders nothing: what is not on the shelf is wished for
//! through a channel, and awaited for a while.

mod answer;
mod callback;
mod listen;
mod negotiate;
mod notice;
mod observe;
mod rendition;
mod representation;
mod route;
mod shelf;

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

pub use answer::KEY_HEADER;
pub use callback::{Admission, CALLBACK_FOLDER, Call, Callbacks, Delivery};
pub use listen::{Drained, bind, run};
pub use observe::{Health, Metrics, MetricsFormat, PollOutcome, PushOutcome, SearchOutcome};
pub use rendition::{finish, hash_of};
pub use route::{OutputFormat, SearchForm, Wanted};
pub use shelf::Shelf;

use crate::feed::model::Rendition;

/// A wish for something that is not on the shelf.
#[derive(Debug)]
pub struct Wish {
    /// What is wanted.
    pub wanted: Wanted,
    /// Where the answer goes. Dropped without a word: it cannot be made now (503).
    pub reply: oneshot::Sender<Reply>,
}

/// What a wish came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Here it is.
    Ready(Arc<Rendition>),
    /// There is no such thing (404).
    None,
    /// What it is made from cannot be read (503).
    Failing,
}

impl From<Option<Arc<Rendition>>> for Reply {
    fn from(rendition: Option<Arc<Rendition>>) -> Self {
        rendition.map_or(Self::None, Self::Ready)
    }
}

/// Everything that answering needs.
#[derive(Debug, Clone)]
pub struct ServeState {
    /// What is ready.
    pub shelf: Arc<Shelf>,
    /// Where wishes go. Its bound is the number of wishes that may wait; more are answered 503.
    pub wish: mpsc::Sender<Wish>,
    /// Where searches go, as they take a processor's time; `None`: nothing is searched.
    pub search: Option<mpsc::Sender<Wish>>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Where hubs call back; closed where WebSub is off.
    pub callbacks: Arc<Callbacks>,
    /// What whoever may read the store's folder knows, and nobody else; `None`: nobody is let in.
    pub key: Option<Arc<str>>,
    /// What `/healthz` and `/readyz` say.
    pub health: Arc<Health>,
    /// What time it is, for `/healthz`: serving asks no clock itself.
    pub now: fn() -> Timestamp,
}
