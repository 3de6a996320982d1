//! hyper's deadlines for the heads of requests → one timer for each connection.
//!
//! hyper makes a deadline for each request. With a timer behind each one, that was a twentieth of a short answer. Here
//! a request only makes the deadline, and the timer of the connection follows when it fires.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};
use tokio::time;

/// The timer of a connection, made for the first deadline that is waited for.
type SharedTimer = Arc<Mutex<Option<Pin<Box<time::Sleep>>>>>;

/// Makes the deadlines of one connection.
#[derive(Debug, Default)]
pub(super) struct HeadTimer(SharedTimer);

/// A deadline of the connection.
struct Deadline {
    at: Instant,
    timer: SharedTimer,
}

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, at: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(Deadline { at, timer: Arc::clone(&self.0) })
    }

    fn now(&self) -> Instant {
        time::Instant::now().into_std()
    }
}

impl Sleep for Deadline {}

impl Future for Deadline {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let at = time::Instant::from_std(self.at);
        let mut timer = self.timer.lock().unwrap_or_else(PoisonError::into_inner);
        let timer = timer.get_or_insert_with(|| Box::pin(time::sleep_until(at)));
        if timer.deadline() > at {
            timer.as_mut().reset(at);
        }
        while timer.as_mut().poll(context).is_ready() {
            if time::Instant::now() >= at {
                return Poll::Ready(());
            }
            timer.as_mut().reset(at);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Deadlines in seconds after the start, and when each is over; the next one begins two seconds later.
    #[tokio::test(start_paused = true)]
    async fn one_timer_serves_all_deadlines() {
        let (timer, start) = (HeadTimer::default(), time::Instant::now());
        for (seconds, is_waited_for) in
            [(10, false), (12, true), (13, true), (30, false), (20, true)]
        {
            let mut deadline = timer.sleep_until(start.into_std() + Duration::from_secs(seconds));
            // A request arrives before the deadline: it was looked at, and is dropped.
            let looked = futures_util::poll!(&mut deadline);
            assert_eq!(looked, Poll::Pending, "{seconds}");
            if is_waited_for {
                deadline.await;
                assert_eq!(start.elapsed().as_secs(), seconds);
            }
        }
    }
}
