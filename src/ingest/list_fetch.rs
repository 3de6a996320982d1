//! A list of feeds that is kept elsewhere → what is there now. It is requested as a feed is: conditionally, through the
//! queue of its host, and not while the host wants to be left alone. `robots.txt` is for programs that find addresses by
//! themselves, and the operator gave this one.

use jiff::Timestamp;
use rafid_feed::model::{Document, Validators};

use crate::fetch::{self, Accept, Client, FetchError, FetchRequest, FetchResponse};
use crate::model::{Freshness, Location, RemoteList};

/// What a refresh of a list brought.
#[derive(Debug)]
pub enum ListResponse {
    /// It has not changed (304).
    NotModified {
        /// The new validators; `None`: the old ones remain valid.
        validators: Option<Validators>,
        /// What the headers allow.
        freshness: Freshness,
    },
    /// There is a document.
    Document {
        /// The document, whole.
        document: Document,
        /// Its validators.
        validators: Option<Validators>,
        /// What the headers allow.
        freshness: Freshness,
    },
    /// No request was sent: the host wants to be left alone.
    Postponed {
        /// For how long.
        freshness: Freshness,
    },
    /// There is no whole document.
    Failed {
        /// Why, without secrets.
        message: String,
        /// The status of the response; 0: there was none.
        status: u16,
        /// What the headers allow.
        freshness: Freshness,
    },
}

/// Requests a list. `validators` are those of the last good document.
pub async fn fetch_list(
    client: &Client,
    list: &RemoteList,
    validators: Option<&Validators>,
    max_bytes: u64,
    now: Timestamp,
) -> ListResponse {
    let url = match &list.location {
        Location::Web(url) => url,
        Location::File(path) => {
            return match fetch::read_file(path, max_bytes).await {
                Ok(document) => {
                    let freshness = Freshness::default();
                    ListResponse::Document { document, validators: None, freshness }
                }
                Err(error) => failed_response(&error),
            };
        }
    };
    let request = FetchRequest {
        validators,
        headers: &list.headers,
        accept: Accept::List,
        ..FetchRequest::new(url)
    };
    match client.get(&request, now).await {
        Ok(FetchResponse::NotModified { validators, freshness, .. }) => {
            ListResponse::NotModified { validators, freshness }
        }
        Ok(FetchResponse::Fresh { cut: Some(why), status, freshness, .. }) => {
            ListResponse::Failed { message: format!("it ends early: {why}"), status, freshness }
        }
        Ok(FetchResponse::Fresh { document, validators, freshness, .. }) => {
            ListResponse::Document { document, validators, freshness }
        }
        Err(error) => failed_response(&error),
    }
}

fn failed_response(error: &FetchError) -> ListResponse {
    if matches!(error, FetchError::HostBackoff { .. }) {
        return ListResponse::Postponed { freshness: error.freshness() };
    }
    ListResponse::Failed {
        message: error.to_string(),
        status: error.status().unwrap_or(0),
        freshness: error.freshness(),
    }
}
