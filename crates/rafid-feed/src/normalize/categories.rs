//! The categories of all entries of a document → the meaningful ones, and one warning for all
//! dropped ones; the entries that announce breaking news → a warning if nearly all of them do.
//!
//! | a category | is dropped |
//! | --- | --- |
//! | that the operator keeps | never |
//! | that the operator calls junk; the site's own name; a meaningless one (`category_values`) | always |
//! | that is true of any news | beside a more specific one, and when every entry has it |
//! | that is a section of some outlets and on everything in others | when every entry has it beside a more specific one |
//! | any other, also when every entry has it: a feed may have one topic | never |
//!
//! A category for breaking news is not a topic and stays: the outputs turn it into a flag.

use std::collections::{BTreeMap, BTreeSet};

use super::category_values::{self, CategoryValue};
use super::site_names::SiteNames;
use super::warning_collector::{WarningCollector, quoted};
use crate::arabic::{MatchKey, is_breaking, is_breaking_key, is_overused};
use crate::model::{BreakingSetting, CategorySettings, Entry, PlainText};

/// With fewer entries, a category that all of them have may be their topic.
const FEWEST_ENTRIES: usize = 3;
/// The most dropped categories that a warning names.
const MOST_NAMES_IN_WARNING: usize = 5;

/// Drops the meaningless categories.
pub(super) fn drop_meaningless_categories(
    entries: &mut [Entry],
    names: &SiteNames,
    settings: Option<&CategorySettings>,
    warnings: &mut WarningCollector,
) {
    let (judged, values) = judge_categories(entries, names, settings);
    let spreads = find_spreads(&judged, &values);
    let mut dropped = DroppedCategories::default();
    for (entry, judged) in entries.iter_mut().zip(&judged) {
        let says_more = judged
            .iter()
            .any(|at| matches!(values[*at], CategoryValue::Topic | CategoryValue::CatchAll));
        let mut index = 0;
        entry.categories.retain(|name| {
            let at = judged[index];
            index += 1;
            let is_junk = match values[at] {
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
    dropped.warn(warnings);
}

/// The categories of an entry, as indexes into the list of values; two spellings share one index.
type CategoryIndexes = Vec<usize>;

/// The categories of every entry, and the value of each. Entries share most of their categories, so
/// each is judged once.
fn judge_categories(
    entries: &[Entry],
    names: &SiteNames,
    settings: Option<&CategorySettings>,
) -> (Vec<CategoryIndexes>, Vec<CategoryValue>) {
    let keys = |words: fn(&CategorySettings) -> &Vec<String>| {
        let words = settings.into_iter().flat_map(words);
        words.map(|name| MatchKey::of(name)).collect::<BTreeSet<MatchKey>>()
    };
    let (junk, kept) = (keys(|settings| &settings.junk), keys(|settings| &settings.keep));
    let value = |key: &MatchKey| match key {
        key if kept.contains(key) => CategoryValue::Topic,
        key if junk.contains(key) || names.contains(key) => CategoryValue::Meaningless,
        key if is_breaking_key(key) => CategoryValue::Breaking,
        key => category_values::category_value(key),
    };
    let mut values = Vec::new();
    let mut by_key: BTreeMap<MatchKey, usize> = BTreeMap::new();
    let mut by_name: BTreeMap<&str, usize> = BTreeMap::new();
    let mut place = |name| {
        *by_name.entry(name).or_insert_with(|| {
            let key = MatchKey::of(name);
            let value = value(&key);
            *by_key.entry(key).or_insert_with(|| {
                values.push(value);
                values.len() - 1
            })
        })
    };
    let judged = entries.iter().map(|entry| {
        let names = entry.categories.iter().map(PlainText::as_str);
        names.map(&mut place).collect()
    });
    (judged.collect(), values)
}

/// How a doubtful category that every entry has is distributed over a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CategorySpread {
    /// At least one entry has no topic beside it.
    Alone,
    /// Every entry has a topic beside it.
    BesideMore,
}

/// The doubtful categories that every entry has.
fn find_spreads(
    judged: &[CategoryIndexes],
    values: &[CategoryValue],
) -> BTreeMap<usize, CategorySpread> {
    let Some(first) = judged.first().filter(|_| judged.len() >= FEWEST_ENTRIES) else {
        return BTreeMap::new();
    };
    let has_topic =
        |entry: &CategoryIndexes| entry.iter().any(|at| values[*at] == CategoryValue::Topic);
    let all_have_topics = judged.iter().all(has_topic);
    let spread = if all_have_topics { CategorySpread::BesideMore } else { CategorySpread::Alone };
    let is_doubtful =
        |at: &&usize| matches!(values[**at], CategoryValue::General | CategoryValue::CatchAll);
    let everywhere = |at: &&usize| judged.iter().all(|entry| entry.contains(*at));
    first.iter().filter(is_doubtful).filter(everywhere).map(|at| (*at, spread)).collect()
}

/// The dropped categories, for the warning.
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

    fn warn(self, warnings: &mut WarningCollector) {
        if self.count == 0 {
            return;
        }
        let more = if self.names.len() > MOST_NAMES_IN_WARNING { " …" } else { "" };
        let names = self.names[..self.names.len().min(MOST_NAMES_IN_WARNING)].join(", ");
        let detail = format!("categories that say nothing are dropped: {names}{more}");
        warnings.add_many("junk-category", self.count, detail);
    }
}

/// Warns when too many entries announce breaking news for the label to mean anything, unless the
/// operator has a setting for it.
pub(super) fn warn_overused_breaking(
    entries: &[Entry],
    settings: Option<&CategorySettings>,
    warnings: &mut WarningCollector,
) {
    if settings.is_some_and(|settings| settings.breaking != BreakingSetting::Auto) {
        return;
    }
    let all = entries.len();
    let mut first_half = entries.iter().take(all.div_ceil(2));
    // In nearly all feeds no entry of the first half has the label, and the rest cannot be more
    // than half.
    if !first_half.any(is_breaking) {
        return;
    }
    let count = entries.iter().filter(|entry| is_breaking(entry)).count();
    if is_overused(count, all) {
        let detail =
            format!("{count} of {all} entries say that their news is breaking: none is believed");
        warnings.add_many("breaking-everywhere", count, detail);
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
        let mut warnings = WarningCollector::default();
        drop_meaningless_categories(&mut entries, &names, Some(settings), &mut warnings);
        let left = |entry: &Entry| {
            let names: Vec<&str> = entry.categories.iter().map(PlainText::as_str).collect();
            names.join("، ")
        };
        (entries.iter().map(left).collect(), warnings)
    }

    fn check(entries: &[&str], expected: &[&str]) {
        assert_eq!(sifted(entries, &CategorySettings::default()).0, expected, "{entries:?}");
    }

    #[test]
    fn meaningless_categories_are_dropped() {
        check(&["غير مصنف"], &[""]);
        check(&["الرئيسية، اقتصاد، Slider"], &["اقتصاد"]);
        check(&["صدى السنديان، السنديان، a.example، www.a.example، صحة"], &["صحة"]);
    }

    #[test]
    fn general_categories_stay_when_there_is_no_other() {
        check(&["أخبار، اقتصاد", "أخبار", "عام، خبر"], &["اقتصاد", "أخبار", "عام، خبر"]);
        check(&["أخبار، غير مصنف", "صحة", ""], &["أخبار", "صحة", ""]);
        // All of three entries have it; all of two do not count.
        check(&["أخبار", "اخبار، صحة", "الأخبار، أخبار"], &["", "صحة", "الأخبار"]);
        check(&["أخبار", "أخبار"], &["أخبار", "أخبار"]);
        check(&["أخبار، منوعات"], &["منوعات"]);
    }

    #[test]
    fn a_section_stays_unless_every_entry_is_in_it() {
        check(&["منوعات، صحة", "منوعات", "فن"], &["منوعات، صحة", "منوعات", "فن"]);
        check(&["منوعات، صحة", "منوعات، فن", "منوعات، سفر"], &["صحة", "فن", "سفر"]);
        // The feed of one section.
        check(&["منوعات", "منوعات", "منوعات"], &["منوعات", "منوعات", "منوعات"]);
        check(&["منوعات، صحة", "منوعات", "منوعات"], &["منوعات، صحة", "منوعات", "منوعات"]);
        check(&["رياضة", "رياضة", "رياضة"], &["رياضة", "رياضة", "رياضة"]);
    }

    #[test]
    fn a_breaking_flag_is_not_a_topic_and_stays() {
        check(&["عاجل"], &["عاجل"]);
        check(&["عاجل، أخبار"], &["عاجل، أخبار"]);
        check(&["عاجل، منوعات", "عاجل، منوعات", "عاجل، منوعات"], &["عاجل، منوعات"; 3]);
        check(&["عاجل، أخبار، سياسة"], &["عاجل، سياسة"]);
    }

    #[test]
    fn the_settings_of_the_operator_decide() {
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
    fn dropped_categories_give_one_warning() {
        let names = "سلايدر، Home، Uncategorized، Featured، مميز، Top news، صحة";
        let (_, warnings) = sifted(&[names, "home"], &CategorySettings::default());
        let [warning] = &warnings.into_warnings()[..] else { panic!("one warning") };
        assert_eq!((warning.code, warning.count), ("junk-category", 7));
        let expected = "categories that say nothing are dropped: \"سلايدر\", \"Home\", \
                        \"Uncategorized\", \"Featured\", \"مميز\" …";
        assert_eq!(warning.detail, expected);
        assert!(sifted(&["صحة", ""], &CategorySettings::default()).1.into_warnings().is_empty());
    }

    #[test]
    fn a_breaking_label_on_every_entry_gives_a_warning() {
        let check = |flagged: usize, all: usize, breaking, expected: Option<usize>| {
            let title = |index| if index < flagged { "عاجل: خبر" } else { "خبر" };
            let entries: Vec<Entry> = (0..all).map(|index| entry(title(index), "")).collect();
            let settings = CategorySettings { breaking, ..CategorySettings::default() };
            let mut warnings = WarningCollector::default();
            warn_overused_breaking(&entries, Some(&settings), &mut warnings);
            let count = warnings.into_warnings().first().map(|warning| warning.count);
            assert_eq!(count, expected, "{flagged} of {all}");
        };
        check(6, 10, BreakingSetting::Auto, Some(6));
        check(5, 10, BreakingSetting::Auto, None);
        check(9, 9, BreakingSetting::Auto, None);
        check(10, 10, BreakingSetting::Trusted, None);
        check(10, 10, BreakingSetting::Ignored, None);
    }
}
