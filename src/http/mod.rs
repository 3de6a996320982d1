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

mod cache;
mod callback;
mod daemon_health;
mod dispatch;
mod listen;
mod metrics;
mod negotiate;
mod notice_response;
mod rendition;
mod representation;
mod route;

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use crate::model::Rendition;

pub use cache::RenditionCache;
pub use callback::{
    CALLBACK_FOLDER, CallbackEndpoint, CallbackRequest, DeliveredPush, PushAdmission,
};
pub use daemon_health::DaemonHealth;
pub use dispatch::KEY_HEADER;
pub use listen::{ShutdownResult, bind, serve_until_shutdown};
pub use metrics::{Metrics, MetricsFormat, PollMetric, PushMetric, SearchMetric};
pub use rendition::{encode_rendition, rendition_hash};
pub use route::{OutputFormat, Resource, SearchFormat};

/// A wish for something that is not on the shelf.
#[derive(Debug)]
pub struct RenderRequest {
    /// What is wanted.
    pub resource: Resource,
    /// Where the answer goes. Dropped without a word: it cannot be made now (503).
    pub reply: oneshot::Sender<Reply>,
}

/// What a wish came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Here it is.
    Ready(Arc<Rendition>),
    /// There is no such thing (404).
    NotFound,
    /// What it is made from cannot be read (503).
    Unavailable,
}

impl From<Option<Arc<Rendition>>> for Reply {
    fn from(rendition: Option<Arc<Rendition>>) -> Self {
        rendition.map_or(Self::NotFound, Self::Ready)
    }
}

/// Everything that answering needs.
#[derive(Debug, Clone)]
pub struct HttpState {
    /// What is ready.
    pub cache: Arc<RenditionCache>,
    /// Where wishes go. Its bound is the number of wishes that may wait; more are answered 503.
    pub render_requests: mpsc::Sender<RenderRequest>,
    /// Where searches go, as they take a processor's time; `None`: nothing is searched.
    pub search_requests: Option<mpsc::Sender<RenderRequest>>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Where hubs call back; closed where WebSub is off.
    pub callbacks: Arc<CallbackEndpoint>,
    /// What whoever may read the store's folder knows, and nobody else; `None`: nobody is let in.
    pub operator_key: Option<Arc<str>>,
    /// What `/healthz` and `/readyz` say.
    pub health: Arc<DaemonHealth>,
    /// What time it is, for `/healthz`: serving asks no clock itself.
    pub now: fn() -> Timestamp,
}
