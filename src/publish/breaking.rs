//! A source and its newest entries → whether its breaking-news label is trusted.

use rafid_feed::arabic::is_overused;
use rafid_feed::model::BreakingSetting;

use crate::model::Source;
use crate::store::{LabelUse, Store, StoreError};

/// Whether the label of a source is trusted: as the operator configured it, else as the source's own use of it
/// shows.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn trusts_breaking_label(store: &Store, source: &Source) -> Result<bool, StoreError> {
    match source.labels.breaking {
        BreakingSetting::Trusted => Ok(true),
        BreakingSetting::Ignored => Ok(false),
        BreakingSetting::Auto => {
            let LabelUse { labeled, checked } = store.label_use(&source.id)?;
            Ok(!is_overused(labeled, checked))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::model::StoredEntry;

    #[test]
    fn a_label_is_trusted_until_it_is_overused() {
        let shop = sample::TestStore::open();
        let mut source = sample::source("a");
        let news = |from: i64, title: &str| -> Vec<_> {
            let one = |number: i64| StoredEntry {
                listed_at: sample::at(number),
                ..sample::listed("a", &number.to_string(), &format!("{title} {number}"))
            };
            (from..from + 10).map(one).collect()
        };
        let trusted = |source: &Source| trusts_breaking_label(&shop.store, source).unwrap();
        assert!(trusted(&source), "no evidence against it");
        shop.keep("a", 1, news(0, "خبر"));
        assert!(trusted(&source));
        shop.keep("a", 2, news(100, "عاجل: خبر"));
        assert!(trusted(&source), "half of its news is labeled");
        shop.keep("a", 2, news(200, "عاجل: خبر"));
        assert!(!trusted(&source), "most of its news is labeled");
        source.labels.breaking = BreakingSetting::Trusted;
        assert!(trusted(&source));
        source.labels.breaking = BreakingSetting::Ignored;
        assert!(!trusted(&source));
        source.labels.breaking = BreakingSetting::Auto;
        shop.keep("a", 2, news(300, "خبر"));
        assert!(trusted(&source), "half of its news is labeled");
    }
}
