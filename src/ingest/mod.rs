//! One update, from bytes to the commit: `poll` fetches and reads a source (many at the same time), then
//! `decide_poll` decides what it means and what to commit (one after another).

pub mod full_text;
mod large_documents;
mod list_fetch;
mod picture_fetch;
mod poll_result;
mod push;
mod read_document;
mod rediscovery;
mod resources;
mod update;
mod update_error;
mod update_report;

use std::sync::Arc;

use jiff::Timestamp;
use rafid_feed::hash;
use rafid_feed::model::{Document, Stage, Warning};

use crate::decide::redirect_adoption::address_to_request;
use crate::fetch::{self, Accept, FetchError, FetchRequest, FetchResponse, LargeDocPermit};
use crate::model::{Freshness, Location, PollState, Source};
use crate::websub::find_hub_offer;
use read_document::{is_truncated, read_document};
use resources::request_for;

pub use crate::decide::basis::NetworkStatus;
pub use crate::decide::clock_offset::ClockChange;
pub use crate::decide::hub_discovery::HubDiscovery;
pub use crate::decide::lost_feed::RediscoveryResult;
pub use crate::decide::process_feed::format_warning;
pub use crate::decide::redirect_adoption::poll_address;
pub use crate::decide::reuse_conditions::ReuseConditions;
pub use large_documents::{LargeReader, ReservedMemory};
pub use list_fetch::{ListResponse, fetch_list};
pub use picture_fetch::{MAX_PICTURE_BYTES, PICTURE_TIMEOUT, PictureFetcher};
pub use poll_result::{PollBody, PollResult, is_postponed};
pub use push::{PushReadResult, SignedPush, read_push};
pub use resources::PollResources;
pub use update::{DecideInput, decide_poll, decide_push};
pub use update_error::{UpdateError, is_network_failure};
pub use update_report::UpdateReport;

/// Fetches and reads one source, and searches for its feed if that has been gone for days. Never fails: a
/// failure is a result.
pub async fn poll(
    resources: &PollResources,
    source: &Arc<Source>,
    state: &PollState,
    conditions: ReuseConditions,
    now: Timestamp,
) -> PollResult {
    let result = fetch_and_read(resources, source, state, conditions, now).await;
    let rediscovery = rediscovery::find_lost_feed(resources, source, state, &result, now).await;
    PollResult { rediscovery, ..result }
}

async fn fetch_and_read(
    resources: &PollResources,
    source: &Arc<Source>,
    state: &PollState,
    conditions: ReuseConditions,
    now: Timestamp,
) -> PollResult {
    let is_reusable = conditions.allow_reuse(&state.document);
    match fetch_source(resources, source, state, conditions, now).await {
        Err(error) => {
            let (status, freshness) = (error.status().unwrap_or(0), error.freshness());
            PollResult::new(PollBody::Failed(error.into()), status, freshness, Vec::new())
        }
        Ok(FetchResponse::NotModified { validators, freshness, hops }) => {
            PollResult::new(PollBody::NotModified { validators }, 304, freshness, hops)
        }
        Ok(FetchResponse::Fresh {
            document,
            validators,
            freshness,
            status,
            hops,
            links,
            cut,
            room,
            ..
        }) => {
            let url = document.url.clone();
            let body_hash = hash::digest_128(&document.bytes);
            let is_whole = cut.is_none() && status != fetch::IM_USED;
            let body = if is_reusable && state.document.body_hash == Some(body_hash) {
                PollBody::SameBody { validators }
            } else {
                let date_order = state.learned_date_order(conditions.config_hash);
                match read_document(resources, document, Arc::clone(source), date_order, now).await
                {
                    Ok((mut reading, reader_permit)) => {
                        reading.feed.warnings.extend(cut.as_deref().map(cut_warning));
                        let body_hash = is_whole.then_some(body_hash);
                        let validators = validators.filter(|_| !is_truncated(&reading));
                        let offer = url.and_then(|url| find_hub_offer(&links, &reading.feed, &url));
                        let held = ReservedMemory { room, reader_permit };
                        PollBody::Changed { reading, validators, body_hash, offer, held }
                    }
                    Err(error) => PollBody::Failed(error.with_cut_reason(cut)),
                }
            };
            PollResult::new(body, status, freshness, hops)
        }
    }
}

async fn fetch_source(
    resources: &PollResources,
    source: &Source,
    state: &PollState,
    conditions: ReuseConditions,
    now: Timestamp,
) -> Result<FetchResponse, FetchError> {
    let configured = match &source.location {
        Location::File(path) => {
            return fetch::read_file(path, resources.max_bytes).await.map(file_response);
        }
        Location::Web(configured) => configured,
    };
    let url = address_to_request(configured, &state.address);
    let is_reusable = conditions.allow_reuse(&state.document);
    let request = FetchRequest {
        validators: state.document.validators.as_ref().filter(|_| is_reusable),
        accept: source.page.as_ref().map_or(Accept::Feed, |_| Accept::Page),
        ..request_for(source, &url)
    };
    resources.client.get(&request, now).await
}

fn file_response(document: Document) -> FetchResponse {
    FetchResponse::Fresh {
        document,
        validators: None,
        freshness: Freshness::default(),
        status: 0,
        hops: Vec::new(),
        links: Vec::new(),
        wire_bytes: 0,
        cut: None,
        room: LargeDocPermit::default(),
    }
}

fn cut_warning(reason: &str) -> Warning {
    let detail = format!("the answer ends before its end ({reason}); what came is kept");
    Warning::new(Stage::Fetch, "body-cut", detail)
}

#[cfg(test)]
mod tests;
