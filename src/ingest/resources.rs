//! What polls share: the client, the limits on reading, and requests in the name of a source.

use tokio::sync::Semaphore;
use url::Url;

use super::large_documents::LargeReader;
use crate::fetch::{Client, FetchRequest};
use crate::model::{Location, Source};

/// What polls share to fetch and read documents.
pub struct PollResources {
    /// The client.
    pub client: Client,
    /// The largest file that is read, in bytes.
    pub max_bytes: u64,
    /// Limits how many documents are read at the same time: reading is CPU work, and more of it than there
    /// are cores only needs more memory.
    pub readers: Semaphore,
    /// Reads documents that may be large (`fetch::LARGE_BYTES`).
    pub large: LargeReader,
}

impl PollResources {
    /// Runs CPU work off the async threads. `None`: it panicked, which harms this piece of work only.
    pub async fn run_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let _permit = self.readers.acquire().await.ok()?;
        tokio::task::spawn_blocking(work).await.ok()
    }
}

/// A request for `url` in the name of a source. The operator's headers are sent only to the configured origin.
pub(super) fn request_for<'a>(source: &'a Source, url: &'a Url) -> FetchRequest<'a> {
    let is_configured =
        configured_url(source).is_some_and(|configured| configured.origin() == url.origin());
    FetchRequest {
        headers: if is_configured { &source.headers } else { &[] },
        user_agent: source.user_agent.as_deref(),
        ..FetchRequest::new(url)
    }
}

/// The configured address of a source. `None`: it is a file.
pub(super) fn configured_url(source: &Source) -> Option<&Url> {
    match &source.location {
        Location::Web(configured) => Some(configured),
        Location::File(_) => None,
    }
}
