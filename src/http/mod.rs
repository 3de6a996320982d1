//! Requests → finished bytes: the cache of renditions and the router.
//!
//! | file | turns |
//! | --- | --- |
//! | `rendition` | text → bytes with their hash |
//! | `content_coding` | bytes → the same in a content coding |
//! | `cache_policy` | a resource → who may cache a response with it |
//! | `security_headers` | the headers of a response → the same with what browsers are denied |
//! | `rendition_headers` | a rendition → the headers of all responses with it |
//! | `served_rendition` | a rendition → its headers and content codings, made once |
//! | `cache` | a resource → the rendition that is ready |
//! | `resource` | what clients can request |
//! | `route` | a path and query → the resource |
//! | `entity_tag` | a rendition in a coding ↔ its entity tag |
//! | `feed_variants` | a feed → the other documents that its address gives |
//! | `stream_route` | the same, for what the operator gets as a stream |
//! | `negotiate` | request headers → coding, and whether the client has it already |
//! | `access_rules` | what the operator decided about who may see what, and at which address a request arrived |
//! | `request_access` | a request → what its sender may see |
//! | `logins`, `password` | the credentials of a request → whether they are those of a user |
//! | `dispatch` | a request → a response |
//! | `representation` | a rendition and request headers → 200, 226, 304 or 412 |
//! | `operator_stream` | a request of the operator → a response that is written piece by piece |
//! | `notice_response` | a request that gets no content → the reason, as a page or as text |
//! | `opening_notice` | a request while the store is being opened → why it cannot be served yet |
//! | `callback` | a hub's request → a message to the event loop, and its response |
//! | `listen` | a listener → connections with limits, and a shutdown with a deadline |
//! | `server` | an address → the server there; what it serves can be replaced |
//! | `metrics` | events → counters |
//! | `daemon_health` | events → whether the program is alive and ready |
//!
//! Serving never opens the store and renders nothing: a resource that is not in the cache is requested
//! through a channel, and the request waits for it up to a limit.

mod access_rules;
mod cache;
mod cache_policy;
mod callback;
mod content_coding;
mod daemon_health;
mod dispatch;
mod entity_tag;
mod feed_variants;
mod listen;
mod logins;
mod metrics;
mod negotiate;
mod notice_response;
mod opening_notice;
mod operator_stream;
mod password;
mod rendition;
mod rendition_headers;
mod representation;
mod request_access;
mod resource;
mod route;
mod security_headers;
mod served_rendition;
mod server;
mod stream_route;

use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

pub use access_rules::AccessRules;
pub use cache::RenditionCache;
pub use callback::{
    CALLBACK_FOLDER, CallbackEndpoint, CallbackRequest, DeliveredPush, PushAdmission,
};
pub use daemon_health::{DaemonHealth, OpeningNotice};
pub use feed_variants::RAW_PARAMETER;
pub use listen::{ShutdownResult, serve_until_shutdown};
pub use logins::Logins;
pub use metrics::{
    ALL_METRICS, MetricKind, MetricRow, MetricTotals, Metrics, MetricsFormat, PollMetric,
    PushMetric, SearchMetric, SuccessAge, unix_seconds,
};
pub use password::hash_password;
pub use rendition::{encode_rendition, rendition_hash};
pub use request_access::KEY_HEADER;
pub use resource::{Audience, OutputFormat, Resource, SearchFormat};
pub use served_rendition::ServedRendition;
pub use server::{DRAIN_TIMEOUT, Server};
pub use stream_route::{
    MAX_REQUESTED_POLLS, PollRequest, StreamPiece, StreamRequest, StreamResource,
};

/// A request to render a resource that is not in the cache.
#[derive(Debug)]
pub struct RenderRequest {
    /// The resource to render.
    pub resource: Resource,
    /// Where the reply goes. Dropped without a reply: the resource cannot be rendered now (503).
    pub reply: oneshot::Sender<Reply>,
}

/// The result of a render request.
#[derive(Debug, Clone)]
pub enum Reply {
    /// The rendition.
    Ready(Arc<ServedRendition>),
    /// The resource does not exist (404).
    NotFound,
    /// The resource existed and was deleted (410).
    Gone,
    /// Its data cannot be read (503).
    Unavailable,
}

impl From<Option<Arc<ServedRendition>>> for Reply {
    fn from(rendition: Option<Arc<ServedRendition>>) -> Self {
        rendition.map_or(Self::NotFound, Self::Ready)
    }
}

/// Everything that answering a request needs.
#[derive(Debug, Clone)]
pub struct HttpState {
    /// The renditions that are ready.
    pub cache: Arc<RenditionCache>,
    /// Where render requests go. The channel's bound limits how many wait; further ones are answered 503.
    pub render_requests: mpsc::Sender<RenderRequest>,
    /// Where searches go: they have a channel of their own because they take CPU time. `None`: search is off.
    pub search_requests: Option<mpsc::Sender<RenderRequest>>,
    /// Where requests for copies of pictures go. `None`: pages show no pictures.
    pub picture_requests: Option<mpsc::Sender<RenderRequest>>,
    /// Where requests for streams go; further ones are answered 503.
    pub stream_requests: mpsc::Sender<StreamRequest>,
    /// Where the operator's requests to poll go; further ones are answered 503.
    pub poll_requests: mpsc::Sender<PollRequest>,
    /// The counters.
    pub metrics: Arc<Metrics>,
    /// Where hubs call back; closed while WebSub is off.
    pub callbacks: Arc<CallbackEndpoint>,
    /// A key that only those who can read the store's folder know; `None`: no one is admitted as the
    /// operator.
    pub operator_key: Option<Arc<str>>,
    /// Who may see what; a `Server` replaces it by its own.
    pub access: Arc<ArcSwap<AccessRules>>,
    /// What `/healthz` and `/readyz` report.
    pub health: Arc<DaemonHealth>,
    /// The current time, for `/healthz`: the HTTP code reads no clock itself.
    pub now: fn() -> Timestamp,
}

impl HttpState {
    /// Without a store: nothing is rendered, no hub is answered, no operator is admitted.
    pub fn without_store(
        cache: Arc<RenditionCache>,
        health: Arc<DaemonHealth>,
        now: fn() -> Timestamp,
    ) -> Self {
        let (render_requests, stream_requests) = (mpsc::channel(1).0, mpsc::channel(1).0);
        Self {
            cache,
            render_requests,
            search_requests: None,
            picture_requests: None,
            stream_requests,
            poll_requests: mpsc::channel(1).0,
            metrics: Arc::default(),
            callbacks: Arc::new(CallbackEndpoint::new().0),
            operator_key: None,
            access: Arc::default(),
            health,
            now,
        }
    }
}
