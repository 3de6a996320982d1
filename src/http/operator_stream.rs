//! A request of the operator → a response that is written piece by piece: what it holds is larger than memory
//! should be, or comes over time.
//!
//! The pieces come through a channel that holds a few of them, so that their writer waits for a slow client;
//! a client that takes nothing is cut off (`listen`). A response that cannot be finished ends without its last
//! chunk (RFC 9112 section 7.1), so that the client sees that it is incomplete.

use axum::body::Body;
use futures_util::stream;
use http::Response;
use http::header::{self, HeaderValue};
use tokio::sync::mpsc;

use super::HttpState;
use super::stream_route::{PollRequest, StreamPiece, StreamRequest, StreamResource};
use crate::model::{Notice, SourceId};

/// The media type of one JSON object a line.
const LINES_OF_JSON: &str = "application/jsonl; charset=utf-8";
/// The pieces that wait for the client.
const MAX_WAITING_PIECES: usize = 4;

/// The response, whose pieces are requested through the channel of `state`.
pub(super) fn respond_with_stream(
    state: &HttpState,
    resource: StreamResource,
) -> Result<Response<Body>, Notice> {
    let media_type = match resource {
        StreamResource::Entries(_) => LINES_OF_JSON,
        StreamResource::Backup => "application/octet-stream",
    };
    let (pieces, inbox) = mpsc::channel(MAX_WAITING_PIECES);
    let request = StreamRequest { resource, pieces };
    state.stream_requests.try_send(request).map_err(|_| Notice::NotReady)?;
    Ok(stream_response(inbox, media_type))
}

/// The response about polls that the operator requests: a line for each source, as soon as it is polled.
pub(super) fn respond_with_polls(
    state: &HttpState,
    sources: Vec<SourceId>,
) -> Result<Response<Body>, Notice> {
    let (outcomes, inbox) = mpsc::channel(sources.len().max(1));
    let request = PollRequest { sources, outcomes };
    state.poll_requests.try_send(request).map_err(|_| Notice::NotReady)?;
    Ok(stream_response(inbox, LINES_OF_JSON))
}

fn stream_response(inbox: mpsc::Receiver<StreamPiece>, media_type: &'static str) -> Response<Body> {
    let body = stream::unfold(inbox, |mut inbox| async {
        let piece: StreamPiece = inbox.recv().await?;
        Some((piece, inbox))
    });
    let mut response = Response::new(Body::from_stream(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}
