//! One pass over the sources that are due (or named), and no more: for `rafid poll` and cron.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::task::JoinSet;
use url::Url;

use super::crew::{Crew, Ended, Errand};
use super::{Event, Listener, RunError, Totals, writer};
use crate::config::Config;
use crate::daemon::publish::index::IndexNotes;
use crate::daemon::store::Store;
use crate::feed::model::{PollState, Source, SourceId};

/// Which sources are polled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// Those that are due.
    Due,
    /// All of them, due or not.
    All,
    /// These, due or not.
    These(Vec<SourceId>),
}

/// Polls the chosen sources once; gives the sums, and how many sources were not due.
///
/// # Errors
/// `RunError` when the store or the system fails; a source's failure is never one.
pub async fn pass(
    store: &Store,
    config: &Config,
    choice: &Choice,
    on_event: &Listener,
) -> Result<(Totals, usize), RunError> {
    store.name_site(config.site.address.as_ref().map(Url::as_str))?;
    let (parcels, writer) =
        writer::start(store.clone(), IndexNotes::default(), writer::Gathers::Pass)?;
    let crew = Arc::new(Crew::new(config, parcels, store.clone())?);
    let mut waiting = Vec::new();
    let mut not_due = 0;
    let now = Timestamp::now();
    for source in &config.sources {
        let hash = config.source_hash(source);
        let prior = match store.poll_state(&source.id)? {
            Some(state) => state,
            None => PollState::new(hash, now),
        };
        if *choice == Choice::Due {
            crew.heed(source, &prior, now);
        }
        if is_chosen(source, &prior, hash, choice, now) {
            waiting.push((Arc::clone(source), prior, hash));
        } else {
            not_due += 1;
        }
    }
    let mut totals = Totals::default();
    let mut polls = JoinSet::new();
    let mut waiting = waiting.into_iter();
    loop {
        let several = crew.begin_several();
        while polls.len() < config.polling.concurrency {
            let Some((source, prior, config_hash)) = waiting.next() else { break };
            let (bounds, keep_entries) = (config.polling.bounds(), config.store.keep_entries);
            // Who calls from cron is no daemon that hubs could call back.
            let pushed = None;
            let errand = Errand { source, prior, config_hash, bounds, keep_entries, pushed };
            polls.spawn(poll(Arc::clone(&crew), errand));
        }
        drop(several);
        let Some(ended) = polls.join_next().await else { break };
        if let Ok((_, Some(report))) = ended {
            let report = report?;
            totals.add(&report);
            on_event(Event::Updated(&report));
        }
    }
    drop(crew);
    // The writer ends when nobody can bring it anything any more.
    let written = tokio::task::spawn_blocking(move || writer.join()).await;
    if !matches!(written, Ok(Ok(()))) {
        tracing::error!("the writer ended badly");
    }
    on_event(Event::FirstPass(totals));
    Ok((totals, not_due))
}

/// One poll, and the pages that wait then.
fn poll(crew: Arc<Crew>, errand: Errand) -> impl Future<Output = Ended> + Send + 'static {
    // Under way from now on, not from when it is first looked at.
    let sent = crew.send(errand.clone());
    async move {
        let ended = sent.await;
        if let (_, Some(Ok(report))) = &ended
            && errand.source.full_text
            && report.state.failure.is_none()
        {
            let (id, kept) = crew.ask_pages(Errand { prior: report.state.clone(), ..errand }).await;
            if let Some(Err(error)) = kept {
                return (id, Some(Err(error)));
            }
        }
        ended
    }
}

fn is_chosen(
    source: &Source,
    prior: &PollState,
    hash: [u8; 16],
    choice: &Choice,
    now: Timestamp,
) -> bool {
    match choice {
        Choice::All => true,
        Choice::Due => prior.due_at <= now || prior.config_hash != hash,
        Choice::These(ids) => ids.contains(&source.id),
    }
}
