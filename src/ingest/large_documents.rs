//! Large documents → read one at a time, always by the same thread, the next one after the last is stored.
//!
//! Reading one takes six times its size. The allocator keeps memory for every thread and returns little of
//! it, so if any thread may read large documents, that memory is soon reserved many times.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::{io, thread};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::fetch::LargeDocPermit;

type ReadJob = Box<dyn FnOnce() + Send>;

/// The thread that reads large documents; it ends when all clones are dropped.
#[derive(Debug, Clone)]
pub struct LargeReader {
    jobs: Sender<ReadJob>,
    permits: Arc<Semaphore>,
}

/// What a document reserves until it is stored: then all clones must be dropped.
#[derive(Debug, Clone, Default)]
pub struct ReservedMemory {
    /// Its memory.
    pub(super) room: LargeDocPermit,
    /// Its permit to be read; `None`: it is not large.
    pub(super) reader_permit: Option<Arc<OwnedSemaphorePermit>>,
}

impl ReservedMemory {
    /// Whether other documents wait for it.
    pub fn is_large(&self) -> bool {
        self.room.is_large() || self.reader_permit.is_some()
    }
}

impl LargeReader {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system's error, if it cannot start a thread.
    pub fn start() -> io::Result<Self> {
        let (sender, jobs) = channel::<ReadJob>();
        let work = move || {
            while let Ok(job) = jobs.recv() {
                // The task that waits for the job notices a panic: the sender of its result is dropped.
                let _ = catch_unwind(AssertUnwindSafe(job));
            }
        };
        thread::Builder::new().name("large-reader".to_owned()).spawn(work)?;
        Ok(Self { jobs: sender, permits: Arc::new(Semaphore::new(1)) })
    }

    /// Runs `work` after the previous document is stored. The permit must be held until this one is stored;
    /// `None`: it panicked.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<(T, Arc<OwnedSemaphorePermit>)> {
        // The semaphore is never closed.
        let permit = Arc::clone(&self.permits).acquire_owned().await.ok().map(Arc::new)?;
        let (reply, answer) = oneshot::channel();
        // If the task is gone, no one needs the result.
        let job: ReadJob = Box::new(move || drop(reply.send(work())));
        self.jobs.send(job).ok()?;
        answer.await.ok().map(|done| (done, permit))
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
