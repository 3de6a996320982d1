//! Reports of the daemon → the task that keeps the cache of renditions current.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::program_files;
use super::publisher_event::PublisherEvent;
use super::publisher_setup::PublisherSetup;
use super::publisher_task::PublisherTask;
use super::stale_outputs::{OutputChange, SourceUpdate};
use crate::http::RenderRequest;
use crate::model::PollingPause;

/// The maximum number of waiting render requests.
const MAX_RENDER_REQUESTS: usize = 256;

/// The daemon's handle of the publisher.
#[derive(Clone)]
pub struct Publisher {
    events: mpsc::UnboundedSender<PublisherEvent>,
    /// The number of changes so far.
    changes: Arc<AtomicU64>,
}

impl Publisher {
    /// Reports that the configuration, or entries of any sources, changed. All warm outputs are rendered again soon.
    pub fn changed(&self) {
        self.send_change(OutputChange::Everything);
    }

    /// Reports that a source changed. Warm outputs that can show that are rendered again soon.
    pub fn source_changed(&self, update: SourceUpdate) {
        self.send_change(OutputChange::Source(update));
    }

    fn send_change(&self, what: OutputChange) {
        let change = self.changes.fetch_add(1, Ordering::SeqCst) + 1;
        tracing::debug!(change, "outputs are to be rendered");
        // Sending fails only when the publisher has ended because the program ends.
        let _ = self.events.send(PublisherEvent::Changed(change, what));
    }

    /// Reports that copies of pictures are there now, or no longer. Warm pages are rendered again soon.
    pub fn pictures_changed(&self) {
        let _ = self.events.send(PublisherEvent::PicturesChanged);
    }

    /// Reports that a source was polled without news. Only its health may have changed.
    pub fn polled(&self) {
        let _ = self.events.send(PublisherEvent::Polled);
    }

    /// Reports that the configuration file was refused for this reason; `None`: it is accepted again.
    pub fn config_refused(&self, reason: Option<String>) {
        let _ = self.events.send(PublisherEvent::ConfigRefused(reason));
    }

    /// Reports that no source is polled for this reason; `None`: polls go on.
    pub fn polling_paused(&self, pause: Option<PollingPause>) {
        let _ = self.events.send(PublisherEvent::PollingPaused(pause.map(Box::new)));
    }
}

/// The publisher before its start: requests can wait for it already.
pub struct PreparedPublisher {
    task: PublisherTask,
    events: mpsc::UnboundedSender<PublisherEvent>,
    event_inbox: mpsc::UnboundedReceiver<PublisherEvent>,
    request_inbox: mpsc::Receiver<RenderRequest>,
}

impl PreparedPublisher {
    /// Puts the documents that need no entries into the cache. Returns where requests go, too.
    pub fn new(setup: PublisherSetup) -> (Self, mpsc::Sender<RenderRequest>) {
        let (events, event_inbox) = mpsc::unbounded_channel();
        let (requests, request_inbox) = mpsc::channel(MAX_RENDER_REQUESTS);
        program_files::put_site_pages(&setup.cache, &setup.site.load());
        let task = PublisherTask::new(setup);
        (Self { task, events, event_inbox, request_inbox }, requests)
    }

    /// Starts the publisher; it ends when `stop` is canceled. Before, the server must serve from its cache: what it
    /// reports as rendered is served then.
    pub fn start(self, stop: CancellationToken) -> Publisher {
        tokio::spawn(self.task.run(self.event_inbox, self.request_inbox, stop));
        Publisher { events: self.events, changes: Arc::default() }
    }
}
