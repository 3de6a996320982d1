//! The categories of all entries of a reading → without those that say nothing, and one warning for all of
//! them; the entries that say that their news is breaking → a warning where nearly all do.
//!
//! | a category | is dropped |
//! | --- | --- |
//! | that the operator keeps | never |
//! | that the operator calls junk; the site's own name; one that says nothing (`junk::Worth`) | always |
//! | that is true of any news | beside one that says more, and where every entry has it |
//! | that is a section of some papers and on everything in others | where every entry has it and says more |
//! | any other, also where every entry has it: a feed may have one topic | never |
//!
//! A category that says that the news is breaking is no topic and stays: the outputs make a flag of it.

use std::collections::{BTreeMap, BTreeSet};

use super::category_values::{self, CategoryValue};
use super::site_names::SiteNames;
use super::warning_collector::{WarningCollector, quoted};
use crate::arabic::{MatchKey, is_breaking, is_breaking_key, is_overused};
use crate::model::{BreakingSetting, CategorySettings, Entry, PlainText};

/// What stands on every entry of fewer entries may be what they are about.
const FEWEST_ENTRIES: usize = 3;
/// Dropped categories that a warning repeats.
const MOST_NAMES_IN_WARNING: usize = 5;

/// Drops the categories that say nothing.
pub(super) fn drop_meaningless_categories(
    entries: &mut [Entry],
    names: &SiteNames,
    settings: Option<&CategorySettings>,
    notes: &mut WarningCollector,
) {
    let (judged, worths) = judge_categories(entries, names, settings);
    let spreads = find_spreads(&judged, &worths);
    let mut dropped = DroppedCategories::default();
    for (entry, judged) in entries.iter_mut().zip(&judged) {
        let says_more = judged
            .iter()
            .any(|at| matches!(worths[*at], CategoryValue::Topic | CategoryValue::CatchAll));
        let mut index = 0;
        entry.categories.retain(|name| {
            let at = judged[index];
            index += 1;
            let is_junk = match worths[at] {
                CategoryValue::Meaningless => true,
                CategoryValue::General => says_more || spreads.contains_key(&at),
                CategoryValue::CatchAll => spreads.get(&at) == Some(&CategorySpread::BesideMore),
                CategoryValue::Topic | CategoryValue::Breaking => false,
            };
            if is_junk {
                dropped.add(name.as_str());
            }
            !is_junk
        });
    }
    dropped.warn(notes);
}

/// The categories of an entry, as places in the list of worths: two spellings have one.
type CategoryIndexes = Vec<usize>;

/// The categories of every entry, and what each is worth. Entries share most of theirs: a word is judged
/// once.
fn judge_categories(
    entries: &[Entry],
    names: &SiteNames,
    settings: Option<&CategorySettings>,
) -> (Vec<CategoryIndexes>, Vec<CategoryValue>) {
    let keys = |words: fn(&CategorySettings) -> &Vec<String>| {
        let words = settings.into_iter().flat_map(words);
        words.map(|name| MatchKey::of(name)).collect::<BTreeSet<MatchKey>>()
    };
    let (junk, kept) = (keys(|said| &said.junk), keys(|said| &said.keep));
    let worth = |key: &MatchKey| match key {
        key if kept.contains(key) => CategoryValue::Topic,
        key if junk.contains(key) || names.contains(key) => CategoryValue::Meaningless,
        key if is_breaking_key(key) => CategoryValue::Breaking,
        key => category_values::category_value(key),
    };
    let mut worths = Vec::new();
    let mut by_key: BTreeMap<MatchKey, usize> = BTreeMap::new();
    let mut by_name: BTreeMap<&str, usize> = BTreeMap::new();
    let mut place = |name| {
        *by_name.entry(name).or_insert_with(|| {
            let key = MatchKey::of(name);
            let worth = worth(&key);
            *by_key.entry(key).or_insert_with(|| {
                worths.push(worth);
                worths.len() - 1
            })
        })
    };
    let judged = entries.iter().map(|entry| {
        let names = entry.categories.iter().map(PlainText::as_str);
        names.map(&mut place).collect()
    });
    (judged.collect(), worths)
}

/// How a doubtful category that every entry has is spread over a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CategorySpread {
    /// Some entry has no topic beside it.
    Alone,
    /// Each has a topic beside it.
    BesideMore,
}

/// The doubtful categories that every entry has.
fn find_spreads(
    judged: &[CategoryIndexes],
    worths: &[CategoryValue],
) -> BTreeMap<usize, CategorySpread> {
    let Some(first) = judged.first().filter(|_| judged.len() >= FEWEST_ENTRIES) else {
        return BTreeMap::new();
    };
    let has_topic =
        |entry: &CategoryIndexes| entry.iter().any(|at| worths[*at] == CategoryValue::Topic);
    let all_have_topics = judged.iter().all(has_topic);
    let spread = if all_have_topics { CategorySpread::BesideMore } else { CategorySpread::Alone };
    let is_doubtful =
        |at: &&usize| matches!(worths[**at], CategoryValue::General | CategoryValue::CatchAll);
    let everywhere = |at: &&usize| judged.iter().all(|entry| entry.contains(*at));
    first.iter().filter(is_doubtful).filter(everywhere).map(|at| (*at, spread)).collect()
}

/// What was dropped, for telling.
#[derive(Default)]
struct DroppedCategories {
    count: usize,
    names: Vec<String>,
}

impl DroppedCategories {
    fn add(&mut self, name: &str) {
        self.count += 1;
        if self.names.len() <= MOST_NAMES_IN_WARNING {
            let name = quoted(name);
            if !self.names.contains(&name) {
                self.names.push(name);
            }
        }
    }

    fn warn(self, notes: &mut WarningCollector) {
        if self.count == 0 {
            return;
        }
        let more = if self.names.len() > MOST_NAMES_IN_WARNING { " …" } else { "" };
        let names = self.names[..self.names.len().min(MOST_NAMES_IN_WARNING)].join(", ");
        let detail = format!("categories that say nothing are dropped: {names}{more}");
        notes.add_many("junk-category", self.count, detail);
    }
}

/// Tells that so many entries say that their news is breaking that it says nothing, unless the operator
/// decided about it.
pub(super) fn warn_overused_breaking(
    entries: &[Entry],
    settings: Option<&CategorySettings>,
    notes: &mut WarningCollector,
) {
    if settings.is_some_and(|said| said.breaking != BreakingSetting::Auto) {
        return;
    }
    let all = entries.len();
    let mut first_half = entries.iter().take(all.div_ceil(2));
    // In nearly all feeds no entry of the first half says so, and the rest cannot be more than half.
    if !first_half.any(is_breaking) {
        return;
    }
    let count = entries.iter().filter(|entry| is_breaking(entry)).count();
    if is_overused(count, all) {
        let detail =
            format!("{count} of {all} entries say that their news is breaking: none is believed");
        notes.add_many("breaking-everywhere", count, detail);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Identity, IdentityKind};
    use crate::normalize::SourceHints;

    fn entry(title: &str, categories: &str) -> Entry {
        let plain = |words: &str| PlainText::from_trusted(words.trim().to_owned());
        let identity =
            Identity { kind: IdentityKind::Guid, key: title.into(), weaker_names: Vec::new() };
        let names = categories.split('،').filter(|name| !name.trim().is_empty());
        Entry { categories: names.map(plain).collect(), ..Entry::titled(identity, plain(title)) }
    }

    fn sifted(entries: &[&str], settings: &CategorySettings) -> (Vec<String>, WarningCollector) {
        let title = PlainText::from_trusted("صدى السنديان".to_owned());
        let hints = SourceHints { name: Some("السنديان"), ..SourceHints::default() };
        let names = SiteNames::collect(Some(&title), Some("https://www.a.example/"), &hints);
        let mut entries: Vec<Entry> = entries.iter().map(|names| entry("x", names)).collect();
        let mut notes = WarningCollector::default();
        drop_meaningless_categories(&mut entries, &names, Some(settings), &mut notes);
        let left = |entry: &Entry| {
            let names: Vec<&str> = entry.categories.iter().map(PlainText::as_str).collect();
            names.join("، ")
        };
        (entries.iter().map(left).collect(), notes)
    }

    fn check(entries: &[&str], expected: &[&str]) {
        assert_eq!(sifted(entries, &CategorySettings::default()).0, expected, "{entries:?}");
    }

    #[test]
    fn what_says_nothing_goes() {
        check(&["غير مصنف"], &[""]);
        check(&["الرئيسية، اقتصاد، Slider"], &["اقتصاد"]);
        check(&["صدى السنديان، السنديان، a.example، www.a.example، صحة"], &["صحة"]);
    }

    #[test]
    fn what_is_true_of_any_news_stays_where_nothing_else_is_said() {
        check(&["أخبار، اقتصاد", "أخبار", "عام، خبر"], &["اقتصاد", "أخبار", "عام، خبر"]);
        check(&["أخبار، غير مصنف", "صحة", ""], &["أخبار", "صحة", ""]);
        // It stands on all of three, but not of two, entries.
        check(&["أخبار", "اخبار، صحة", "الأخبار، أخبار"], &["", "صحة", "الأخبار"]);
        check(&["أخبار", "أخبار"], &["أخبار", "أخبار"]);
        check(&["أخبار، منوعات"], &["منوعات"]);
    }

    #[test]
    fn a_section_stays_unless_everything_is_in_it() {
        check(&["منوعات، صحة", "منوعات", "فن"], &["منوعات، صحة", "منوعات", "فن"]);
        check(&["منوعات، صحة", "منوعات، فن", "منوعات، سفر"], &["صحة", "فن", "سفر"]);
        // The feed of a section.
        check(&["منوعات", "منوعات", "منوعات"], &["منوعات", "منوعات", "منوعات"]);
        check(&["منوعات، صحة", "منوعات", "منوعات"], &["منوعات، صحة", "منوعات", "منوعات"]);
        check(&["رياضة", "رياضة", "رياضة"], &["رياضة", "رياضة", "رياضة"]);
    }

    #[test]
    fn a_flag_is_no_topic_and_stays() {
        check(&["عاجل"], &["عاجل"]);
        check(&["عاجل، أخبار"], &["عاجل، أخبار"]);
        check(&["عاجل، منوعات", "عاجل، منوعات", "عاجل، منوعات"], &["عاجل، منوعات"; 3]);
        check(&["عاجل، أخبار، سياسة"], &["عاجل، سياسة"]);
    }

    #[test]
    fn the_operator_has_the_last_word() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let settings = CategorySettings {
            junk: words(&["ملفّات", "عاجل", "News Feed"]),
            keep: words(&["اخبار", "slider", "السنديان"]),
            ..CategorySettings::default()
        };
        let (left, _) =
            sifted(&["ملفات، أخبار، صحة، عاجل، Slider، news-feed، السنديان"], &settings);
        assert_eq!(left, ["أخبار، صحة، Slider، السنديان"]);
    }

    #[test]
    fn what_was_dropped_is_told_once() {
        let names = "سلايدر، Home، Uncategorized، Featured، مميز، Top news، صحة";
        let (_, notes) = sifted(&[names, "home"], &CategorySettings::default());
        let [warning] = &notes.into_warnings()[..] else { panic!("one warning") };
        assert_eq!((warning.code, warning.count), ("junk-category", 7));
        let expected = "categories that say nothing are dropped: \"سلايدر\", \"Home\", \
                        \"Uncategorized\", \"Featured\", \"مميز\" …";
        assert_eq!(warning.detail, expected);
        assert!(sifted(&["صحة", ""], &CategorySettings::default()).1.into_warnings().is_empty());
    }

    #[test]
    fn a_source_that_cries_on_every_entry_is_told() {
        let check = |flagged: usize, all: usize, breaking, expected: Option<usize>| {
            let title = |index| if index < flagged { "عاجل: خبر" } else { "خبر" };
            let entries: Vec<Entry> = (0..all).map(|index| entry(title(index), "")).collect();
            let settings = CategorySettings { breaking, ..CategorySettings::default() };
            let mut notes = WarningCollector::default();
            warn_overused_breaking(&entries, Some(&settings), &mut notes);
            let told = notes.into_warnings().first().map(|warning| warning.count);
            assert_eq!(told, expected, "{flagged} of {all}");
        };
        check(6, 10, BreakingSetting::Auto, Some(6));
        check(5, 10, BreakingSetting::Auto, None);
        check(9, 9, BreakingSetting::Auto, None);
        check(10, 10, BreakingSetting::Trusted, None);
        check(10, 10, BreakingSetting::Ignored, None);
    }
}
