//! A path and query → what the operator gets as a stream, and the request for it.

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
