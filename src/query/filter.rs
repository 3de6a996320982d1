//! The operator's rules → whether an entry is published, and which rule says so.

use super::{MatchReason, Query, QueryError, SearchableEntry};
use crate::model::PublishRules;

/// Rules, read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EntryFilter {
    keep: Vec<Query>,
    drop: Vec<Query>,
}

/// What rules make of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilterVerdict {
    /// It is published: no rule speaks against it. The rule that keeps it; `None`: all are kept.
    Kept(Option<MatchedRule>),
    /// None of the rules that keep finds it.
    NotKept,
    /// This rule drops it.
    Dropped(MatchedRule),
}

/// A rule and why it finds an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchedRule {
    /// The rule as written.
    pub rule: String,
    /// What of it is found where.
    pub reasons: Vec<MatchReason>,
}

impl EntryFilter {
    /// Reads rules.
    ///
    /// # Errors
    /// With the first that is no query.
    pub fn from_rules(rules: &PublishRules) -> Result<Self, QueryError> {
        let read = |rules: &[String]| -> Result<Vec<Query>, QueryError> {
            rules.iter().map(|words| Query::parse(words)).collect()
        };
        Ok(Self { keep: read(&rules.keep)?, drop: read(&rules.drop)? })
    }

    /// Whether it lets everything pass.
    pub fn accepts_all(&self) -> bool {
        self.keep.is_empty() && self.drop.is_empty()
    }

    /// Whether an entry is published.
    pub fn passes(&self, subject: &SearchableEntry<'_>) -> bool {
        let finds = |query: &Query| query.matches(subject);
        (self.keep.is_empty() || self.keep.iter().any(finds)) && !self.drop.iter().any(finds)
    }

    /// The same with the rule that decides.
    pub fn judge(&self, subject: &SearchableEntry<'_>) -> FilterVerdict {
        let told = |query: &Query| {
            let reasons = query.match_with_reasons(subject)?;
            Some(MatchedRule { rule: query.as_str().to_owned(), reasons })
        };
        if let Some(drop) = self.drop.iter().find_map(told) {
            return FilterVerdict::Dropped(drop);
        }
        match self.keep.iter().find_map(told) {
            None if !self.keep.is_empty() => FilterVerdict::NotKept,
            kept => FilterVerdict::Kept(kept),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SourceId;
    use rafid_feed::model::{Entry, Identity, IdentityKind, PlainText};

    fn judged(title: &str, keep: &[&str], drop: &[&str]) -> FilterVerdict {
        let identity =
            Identity { kind: IdentityKind::Guid, key: "1".to_owned(), weaker_names: Vec::new() };
        let entry = Entry::titled(identity, PlainText::from_trusted(title.to_owned()));
        let source = SourceId::new("s").unwrap();
        let subject = SearchableEntry::new(&entry, &source, "", &[], None);
        let words = |rules: &[&str]| rules.iter().map(|rule| (*rule).to_owned()).collect();
        let filter =
            EntryFilter::from_rules(&PublishRules { keep: words(keep), drop: words(drop) })
                .unwrap();
        let verdict = filter.judge(&subject);
        assert_eq!(filter.passes(&subject), matches!(verdict, FilterVerdict::Kept(_)), "{title}");
        verdict
    }

    #[test]
    fn what_keeps_opens_and_what_drops_has_the_last_word() {
        let rule = |verdict: FilterVerdict| match verdict {
            FilterVerdict::Kept(told) => {
                format!("kept {}", told.map_or(String::new(), |told| told.rule))
            }
            FilterVerdict::NotKept => "not kept".to_owned(),
            FilterVerdict::Dropped(told) => format!("dropped {}", told.rule),
        };
        let check = |title: &str, keep: &[&str], drop: &[&str], expected: &str| {
            assert_eq!(rule(judged(title, keep, drop)), expected, "{title}");
        };
        check("كرة القدم", &[], &[], "kept ");
        check("كرة القدم", &["سياسة", "كرة"], &[], "kept كرة");
        check("كرة القدم", &["سياسة"], &[], "not kept");
        check("كرة القدم", &["كرة"], &["قدم"], "dropped قدم");
        check("كرة القدم", &[], &["سلة"], "kept ");
    }
}
