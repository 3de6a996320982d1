//! Large documents → read one at a time, always by the same thread, the next one when the last is kept.
//!
//! Reading one takes six times its bytes. The allocator keeps a store of its own for every thread and
//! gives little of it back, so that what any thread may read is soon held many times over.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::{io, thread};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::fetch::LargeDocPermit;

type ReadJob = Box<dyn FnOnce() + Send>;

/// The thread that reads large documents; it ends when all copies are dropped.
#[derive(Debug, Clone)]
pub struct LargeReader {
    jobs: Sender<ReadJob>,
    permits: Arc<Semaphore>,
}

/// What a document takes from others until it is kept: all copies are to be dropped then.
#[derive(Debug, Clone, Default)]
pub struct ReservedMemory {
    /// Its room in memory.
    pub(super) room: LargeDocPermit,
    /// Its turn at being read; `None`: it is not large.
    pub(super) reader_permit: Option<Arc<OwnedSemaphorePermit>>,
}

impl ReservedMemory {
    /// Whether others wait for what it takes.
    pub fn is_large(&self) -> bool {
        self.room.is_large() || self.reader_permit.is_some()
    }
}

impl LargeReader {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system's, when it has no thread for us.
    pub fn start() -> io::Result<Self> {
        let (sender, jobs) = channel::<ReadJob>();
        let work = move || {
            while let Ok(job) = jobs.recv() {
                // Whoever waits for the job finds out: the sender of its answer is dropped.
                let _ = catch_unwind(AssertUnwindSafe(job));
            }
        };
        thread::Builder::new().name("large-reader".to_owned()).spawn(work)?;
        Ok(Self { jobs: sender, permits: Arc::new(Semaphore::new(1)) })
    }

    /// What `work` gives, once what was read before is kept, and the turn, which is to be held until this
    /// is kept, too; `None`: it panicked.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<(T, Arc<OwnedSemaphorePermit>)> {
        // The semaphore is never closed.
        let turn = Arc::clone(&self.permits).acquire_owned().await.ok().map(Arc::new)?;
        let (reply, answer) = oneshot::channel();
        // Whoever asked may be gone; then nobody needs it.
        let job: ReadJob = Box::new(move || drop(reply.send(work())));
        self.jobs.send(job).ok()?;
        answer.await.ok().map(|done| (done, turn))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn one_thread_does_all_and_outlives_a_panic() {
        let reader = LargeReader::start().unwrap();
        let id = || thread::current().id();
        let (first, turn) = reader.run(id).await.unwrap();
        assert!(reader.run(id).now_or_never().is_none(), "the first is not kept yet");
        drop(turn);
        assert!(reader.run(|| panic!("a defect")).await.map(|((), _)| ()).is_none());
        let (second, _) = reader.clone().run(id).await.unwrap();
        assert_eq!(second, first);
    }
}
