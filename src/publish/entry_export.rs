//! The stored entries that a filter accepts → lines of JSON, oldest entry first, in memory of a fixed size.
//!
//! Everything stored is exported, also entries of sources that are no longer configured and entries that rules
//! keep out of the outputs. The last line is no entry: it is the summary, and proves that the export is complete.

use std::io::{self, Write};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::export_row::{ExportRow, StoryFacts};
use super::query_subject::query_subject;
use super::renderer::Renderer;
use super::site_reader::SiteReader;
use super::source_cards::ScopeSources;
use crate::model::{ExportFilter, Scope, StoredEntry};
use crate::query::{Query, QueryError};
use crate::store::{EntryCursor, StoreError};

/// The last line of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportSummary {
    /// The number of exported entries.
    pub exported: u64,
    /// The number of entries that cannot be read, of the whole store.
    pub unreadable: u64,
}

/// Why an export ended early.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The filter's query is not valid.
    #[error("the query is not valid: {0}")]
    Query(#[from] QueryError),
    /// The lines cannot be written.
    #[error("the export cannot be written: {0}")]
    Output(#[from] io::Error),
}

impl Renderer {
    /// Writes the entries that the filter accepts, one line of JSON each, then the summary in a line of its own.
    ///
    /// # Errors
    /// When the store cannot be read, the query is not valid, or `out` fails.
    pub fn export_entries(
        &self,
        filter: &ExportFilter,
        out: &mut dyn Write,
    ) -> Result<ExportSummary, ExportError> {
        let query = filter.query.as_deref().map(Query::parse).transpose()?;
        let reader = self.reader();
        let sources = reader.scope_sources(&Scope::All)?.unwrap_or_default();
        let export = EntryExport { reader, filter, query, sources };
        let summary = export.write_pages(out)?;
        write_line(out, &summary)?;
        Ok(summary)
    }
}

struct EntryExport<'a> {
    reader: SiteReader<'a>,
    filter: &'a ExportFilter,
    query: Option<Query>,
    sources: Arc<ScopeSources>,
}

impl EntryExport<'_> {
    fn write_pages(&self, out: &mut dyn Write) -> Result<ExportSummary, ExportError> {
        let mut summary = ExportSummary { exported: 0, unreadable: 0 };
        let mut cursor = Some(EntryCursor::default());
        while let Some(from) = cursor {
            let page = self.reader.store.scan_entries(&from)?;
            summary.unreadable += page.unreadable_count;
            for listed in &page.entries {
                if self.accepts(listed) {
                    self.write_entry(listed, out)?;
                    summary.exported += 1;
                }
            }
            // No entry is listed after it was first seen: no later one can be accepted.
            let is_past_end = self.filter.until.is_some_and(|until| {
                page.entries.last().is_some_and(|last| last.listed_at >= until)
            });
            cursor = page.next.filter(|_| !is_past_end);
        }
        Ok(summary)
    }

    fn accepts(&self, listed: &StoredEntry) -> bool {
        let ExportFilter { since, until, sources, .. } = self.filter;
        since.is_none_or(|since| listed.first_seen_at >= since)
            && until.is_none_or(|until| listed.first_seen_at < until)
            && (sources.is_empty() || sources.contains(&listed.source))
            && self.query.as_ref().is_none_or(|query| {
                query.matches(&query_subject(listed, self.sources.info(&listed.source)))
            })
    }

    fn write_entry(&self, listed: &StoredEntry, out: &mut dyn Write) -> Result<(), ExportError> {
        let story = match self.reader.store.story_record(listed.id) {
            Ok(Some(record)) => {
                let size = self.reader.store.story_size(record.assignment.story)?;
                Some(StoryFacts { record, size })
            }
            Ok(None) => None,
            Err(error @ StoreError::Database { .. }) => return Err(error.into()),
            // The entry itself is intact.
            Err(error) => {
                tracing::warn!(%error, "a story cannot be read");
                None
            }
        };
        let row = ExportRow::new(listed, self.sources.info(&listed.source), story.as_ref());
        Ok(write_line(out, &row)?)
    }
}

fn write_line(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    out.write_all(&line)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::export_row::EXPORT_COLUMNS;
    use super::super::sample::{self, TestStore, at, listed};
    use super::*;
    use crate::model::SourceId;
    use rafid_feed::model::SafeHtml;

    /// The lines of an export of three entries of two sources; the second joined the story of the first.
    fn export(filter: &ExportFilter) -> Vec<Value> {
        let test = TestStore::open();
        let mut one = listed("a", "1", "افتتاح مكتبة");
        one.entry.summary = Some(SafeHtml::from_trusted("<p>نص <b>قصير</b></p>".to_owned()));
        let two =
            StoredEntry { first_seen_at: at(50), ..listed("b", "2", "مكتبة جديدة") };
        let three = StoredEntry { first_seen_at: at(90), ..listed("a", "3", "سعر الخبز") };
        let first = sample::story_record(&one, one.id, 0);
        let mut second = sample::story_record(&two, one.id, 50);
        second.assignment.score = Some(0.5);
        test.keep_with_stories("a", 0, vec![one, three], vec![first]);
        test.keep_with_stories("b", 0, vec![two], vec![second]);
        let renderer = test.renderer(vec![sample::source("a")]);
        let mut out = Vec::new();
        renderer.export_entries(filter, &mut out).unwrap();
        let lines = std::str::from_utf8(&out).unwrap().lines();
        lines.map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn rows_have_all_columns_in_their_order() {
        let lines = export(&ExportFilter::default());
        let row = lines.iter().find(|line| line["title"] == "افتتاح مكتبة").unwrap();
        let keys: std::collections::BTreeSet<&str> =
            row.as_object().unwrap().keys().map(String::as_str).collect();
        let columns = EXPORT_COLUMNS.iter().map(|(name, _)| *name).collect();
        assert_eq!(keys, columns);
        assert_eq!((&row["summary_text"], &row["content_text"]), (&"نص قصير".into(), &Value::Null));
        assert!(row["id"].as_str().unwrap().starts_with("urn:uuid:"));
        for title in ["افتتاح مكتبة", "مكتبة جديدة"] {
            let member = lines.iter().find(|line| line["title"] == title).unwrap();
            assert_eq!((&member["story_id"], &member["story_size"]), (&row["id"], &2.into()));
        }
        let gone = lines.iter().find(|line| line["source_id"] == "b").unwrap();
        assert_eq!(
            (&gone["source_name"], &gone["story_method"]),
            (&Value::Null, &"same-event".into())
        );
        assert_eq!(gone["story_score"], 0.5);
        assert_eq!(lines.last().unwrap(), &serde_json::json!({"exported": 3, "unreadable": 0}));
    }

    #[test]
    fn filters_choose_by_time_of_arrival_source_and_words() {
        let check = |filter: ExportFilter, expected: &[&str]| {
            let lines = export(&filter);
            let mut titles: Vec<&str> =
                lines[..lines.len() - 1].iter().map(|it| it["title"].as_str().unwrap()).collect();
            titles.sort_unstable();
            assert_eq!(titles, expected, "{filter:?}");
            assert_eq!(lines.last().unwrap()["exported"], expected.len());
        };
        let all = ExportFilter::default;
        check(ExportFilter { since: Some(at(50)), ..all() }, &["سعر الخبز", "مكتبة جديدة"]);
        check(ExportFilter { until: Some(at(50)), ..all() }, &["افتتاح مكتبة"]);
        check(
            ExportFilter { sources: [SourceId::new("b").unwrap()].into(), ..all() },
            &["مكتبة جديدة"],
        );
        check(ExportFilter { query: Some("خبز".to_owned()), ..all() }, &["سعر الخبز"]);
        check(ExportFilter { since: Some(at(91)), ..all() }, &[]);
    }

    #[test]
    fn a_query_with_a_mistake_is_refused() {
        let test = TestStore::open();
        let filter = ExportFilter { query: Some("(".to_owned()), ..ExportFilter::default() };
        let exported = test.renderer(Vec::new()).export_entries(&filter, &mut Vec::new());
        assert!(matches!(exported, Err(ExportError::Query(_))));
    }
}
