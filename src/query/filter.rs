//! The operator's rules → whether an entry is published, and which rule says so.

use super::{MatchReason, Query, QueryError, SearchableEntry};
use crate::model::PublishRules;

/// The operator's filter rules, parsed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EntryFilter {
    keep: Vec<Query>,
    drop: Vec<Query>,
}

/// What the rules decide about an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilterVerdict {
    /// The entry is published: no rule drops it. The rule that keeps it; `None`: there is no rule that keeps,
    /// so all entries are kept.
    Kept(Option<MatchedRule>),
    /// None of the rules that keep matches it.
    NotKept,
    /// This rule drops it.
    Dropped(MatchedRule),
}

/// A rule and why it matches an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchedRule {
    /// The rule as written.
    pub rule: String,
    /// Which term matches in which field.
    pub reasons: Vec<MatchReason>,
}

impl EntryFilter {
    /// Parses rules.
    ///
    /// # Errors
    /// With the first rule that is not a valid query.
    pub fn from_rules(rules: &PublishRules) -> Result<Self, QueryError> {
        let keep = rules.keep.iter().map(|words| Query::parse_rule(words, rules.forms));
        let drop = rules.drop.iter().map(|words| Query::parse(words));
        Ok(Self { keep: keep.collect::<Result<_, _>>()?, drop: drop.collect::<Result<_, _>>()? })
    }

    /// Whether there are no rules, so that every entry passes.
    pub fn accepts_all(&self) -> bool {
        self.keep.is_empty() && self.drop.is_empty()
    }

    /// Whether an entry is published.
    pub fn passes(&self, subject: &SearchableEntry<'_>) -> bool {
        let is_match = |query: &Query| query.matches(subject);
        (self.keep.is_empty() || self.keep.iter().any(is_match)) && !self.drop.iter().any(is_match)
    }

    /// Whether an entry is published, with the rule that decides.
    pub fn judge(&self, subject: &SearchableEntry<'_>) -> FilterVerdict {
        let matched = |query: &Query| {
            let reasons = query.match_with_reasons(subject)?;
            Some(MatchedRule { rule: query.as_str().to_owned(), reasons })
        };
        if let Some(drop) = self.drop.iter().find_map(matched) {
            return FilterVerdict::Dropped(drop);
        }
        match self.keep.iter().find_map(matched) {
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

    fn verdict_for(title: &str, keep: &[&str], drop: &[&str]) -> FilterVerdict {
        let identity =
            Identity { kind: IdentityKind::Guid, key: "1".to_owned(), weaker_names: Vec::new() };
        let entry = Entry::titled(identity, PlainText::from_trusted(title.to_owned()));
        let source = SourceId::new("s").unwrap();
        let subject = SearchableEntry::new(&entry, &source, "", &[], None);
        let words = |rules: &[&str]| rules.iter().map(|rule| (*rule).to_owned()).collect();
        let filter = EntryFilter::from_rules(&PublishRules {
            keep: words(keep),
            drop: words(drop),
            forms: false,
        })
        .unwrap();
        let verdict = filter.judge(&subject);
        assert_eq!(filter.passes(&subject), matches!(verdict, FilterVerdict::Kept(_)), "{title}");
        verdict
    }

    #[test]
    fn drop_rules_override_keep_rules() {
        let rule = |verdict: FilterVerdict| match verdict {
            FilterVerdict::Kept(matched) => {
                format!("kept {}", matched.map_or(String::new(), |matched| matched.rule))
            }
            FilterVerdict::NotKept => "not kept".to_owned(),
            FilterVerdict::Dropped(matched) => format!("dropped {}", matched.rule),
        };
        let check = |title: &str, keep: &[&str], drop: &[&str], expected: &str| {
            assert_eq!(rule(verdict_for(title, keep, drop)), expected, "{title}");
        };
        check("كرة القدم", &[], &[], "kept ");
        check("كرة القدم", &["سياسة", "كرة"], &[], "kept كرة");
        check("كرة القدم", &["سياسة"], &[], "not kept");
        check("كرة القدم", &["كرة"], &["قدم"], "dropped قدم");
        check("كرة القدم", &[], &["سلة"], "kept ");
    }

    #[test]
    fn only_keep_rules_match_other_forms() {
        let rules = |forms| PublishRules {
            keep: vec!["مكتبة".to_owned()],
            drop: vec!["مدرسة".to_owned()],
            forms,
        };
        let identity =
            Identity { kind: IdentityKind::Guid, key: "1".to_owned(), weaker_names: Vec::new() };
        let title = PlainText::from_trusted("مكتبات المدارس".to_owned());
        let (entry, source) = (Entry::titled(identity, title), SourceId::new("s").unwrap());
        let subject = SearchableEntry::new(&entry, &source, "", &[], None);
        for forms in [false, true] {
            let filter = EntryFilter::from_rules(&rules(forms)).unwrap();
            assert_eq!(filter.passes(&subject), forms);
        }
    }
}
