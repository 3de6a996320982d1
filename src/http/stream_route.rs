//! A path and query → what the operator gets as a stream, or requests to be polled, and the request for it.

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::model::{ExportFilter, SourceId};

/// The longest query in bytes, as for searches.
const MAX_QUERY_BYTES: usize = 4_000;

/// What is written piece by piece; for the operator only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StreamResource {
    /// Stored entries, as lines of JSON.
    Entries(ExportFilter),
    /// A backup of the store.
    Backup,
}

/// Some bytes of a stream, or why it ends early.
pub type StreamPiece = std::io::Result<Bytes>;

/// A request for a stream.
#[derive(Debug)]
pub struct StreamRequest {
    /// What is to be written.
    pub resource: StreamResource,
    /// Where the pieces go. Closed: the client is gone.
    pub pieces: mpsc::Sender<StreamPiece>,
}

/// A request to poll sources now. `Debug` shows no more than their ids.
#[derive(Debug)]
pub struct PollRequest {
    /// Which sources, each once.
    pub sources: Vec<SourceId>,
    /// Where a line of JSON about each goes; it has room for all of them.
    pub outcomes: mpsc::Sender<StreamPiece>,
}

/// Sources of one request to poll: more are no few sources that an operator looks at.
pub const MAX_REQUESTED_POLLS: usize = 100;

/// The sources that a POST requests to be polled. Parameters: any number of `source`. `None`: it addresses nothing, or
/// names no source, too many, or what is no id.
pub(super) fn parse_post(path: &str, query: Option<&str>) -> Option<Vec<SourceId>> {
    if path != "/poll" {
        return None;
    }
    let mut sources = Vec::new();
    for (key, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        if key == "source" {
            let id = SourceId::new(&value).ok()?;
            if !sources.contains(&id) {
                sources.push(id);
            }
        }
    }
    (1..=MAX_REQUESTED_POLLS).contains(&sources.len()).then_some(sources)
}

/// An export. Parameters: `since`, `until`, `query`; any number of `source`. `None`: one of them is not valid.
pub(super) fn parse_export(query: Option<&str>) -> Option<StreamResource> {
    let mut filter = ExportFilter::default();
    for (key, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        match &*key {
            "since" => filter.since = Some(value.parse().ok()?),
            "until" => filter.until = Some(value.parse().ok()?),
            "query" if value.len() > MAX_QUERY_BYTES => return None,
            "query" => filter.query = Some(value.into_owned()),
            "source" => drop(filter.sources.insert(SourceId::new(&value).ok()?)),
            _ => {}
        }
    }
    Some(StreamResource::Entries(filter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_to_poll_are_named_each_once() {
        let parse = |query: &str| {
            let sources = parse_post("/poll", Some(query))?;
            Some(sources.iter().map(SourceId::as_str).collect::<Vec<_>>().join(","))
        };
        assert_eq!(parse("source=b&x=y&source=a&source=b"), Some("b,a".to_owned()));
        assert_eq!((parse(""), parse("source=.."), parse_post("/poll", None)), (None, None, None));
        let many = |count: usize| {
            (0..count).map(|number| format!("source=s{number}")).collect::<Vec<_>>().join("&")
        };
        assert!(parse(&many(MAX_REQUESTED_POLLS)).is_some());
        assert_eq!(parse(&many(MAX_REQUESTED_POLLS + 1)), None);
        assert_eq!(parse_post("/backup", Some("source=a")), None);
    }

    #[test]
    fn an_export_is_filtered_by_its_parameters() {
        let check = |query: Option<&str>, expected: Option<ExportFilter>| {
            assert_eq!(parse_export(query), expected.map(StreamResource::Entries), "{query:?}");
        };
        check(None, Some(ExportFilter::default()));
        let words = "since=2026-11-01T00%3A00%3A00Z&until=2026-11-02T00:00:00Z&source=b&source=a&query=%D8%A3+b";
        check(
            Some(words),
            Some(ExportFilter {
                since: "2026-11-01T00:00:00Z".parse().ok(),
                until: "2026-11-02T00:00:00Z".parse().ok(),
                sources: ["a", "b"].map(|id| SourceId::new(id).unwrap()).into(),
                query: Some("أ b".to_owned()),
            }),
        );
        check(Some("since=24h"), None);
        check(Some("source=.."), None);
        check(Some(&format!("query={}", "a".repeat(4_001))), None);
    }
}
