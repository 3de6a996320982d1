//! Large documents → read one at a time, always by the same thread.
//!
//! Reading one takes six times its bytes. The allocator keeps a store of its own for every thread and
//! gives little of it back, so that what any thread may read is soon held many times over.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use tokio::sync::oneshot;

type Job = Box<dyn FnOnce() + Send>;

/// The thread that reads large documents; it ends when all copies are dropped.
#[derive(Debug, Clone)]
pub struct LargeReader(Sender<Job>);

impl LargeReader {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system's, when it has no thread for us.
    pub fn start() -> io::Result<Self> {
        let (sender, jobs) = channel::<Job>();
        let work = move || {
            while let Ok(job) = jobs.recv() {
                // Whoever waits for the job finds out: the sender of its answer is dropped.
                let _ = catch_unwind(AssertUnwindSafe(job));
            }
        };
        thread::Builder::new().name("large-reader".to_owned()).spawn(work)?;
        Ok(Self(sender))
    }

    /// What `work` gives, once those before it are done; `None`: it panicked.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        // Whoever asked may be gone; then nobody needs it.
        let job: Job = Box::new(move || drop(reply.send(work())));
        self.0.send(job).ok()?;
        answer.await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_thread_does_all_and_outlives_a_panic() {
        let reader = LargeReader::start().unwrap();
        let id = || thread::current().id();
        let first = reader.run(id).await.unwrap();
        let panicked: Option<()> = reader.run(|| panic!("a defect")).await;
        assert_eq!(panicked, None);
        assert_eq!(reader.clone().run(id).await, Some(first));
    }
}
