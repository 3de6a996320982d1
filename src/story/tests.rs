//! Tests of the story memory: what joins a story, what stays separate, and that a restart changes nothing.

use jiff::{SignedDuration, Timestamp};
use rafid_feed::model::{Identity, IdentityKind};

use super::*;

mod memory;
mod nearest;

/// Some events, each reported in three ways: title and lead.
const EVENTS: [[(&str, &str); 3]; 4] = [
    [
        (
            "زلزال يضرب جزيرة السنديان ويخلف عشرات القتلى",
            "ضرب زلزال بقوة 6.8 درجات جزيرة السنديان فجر اليوم وخلف عشرات القتلى ومئات الجرحى",
        ),
        (
            "ارتفاع حصيلة زلزال السنديان إلى أربعين قتيلا",
            "ارتفع عدد قتلى الزلزال الذي ضرب جزيرة السنديان إلى أربعين قتيلا ومئات الجرحى",
        ),
        (
            "عشرات القتلى في زلزال بجزيرة السنديان",
            "لقي العشرات مصرعهم في الزلزال الذي هز جزيرة السنديان وفق السلطات",
        ),
    ],
    [
        (
            "البنك المركزي يرفع سعر الفائدة نصف نقطة",
            "قرر البنك المركزي رفع سعر الفائدة نصف نقطة لمواجهة التضخم المرتفع",
        ),
        (
            "رفع الفائدة نصف نقطة مئوية لكبح التضخم",
            "رفع البنك المركزي سعر الفائدة بمقدار نصف نقطة مئوية لكبح التضخم",
        ),
        (
            "المركزي يرفع الفائدة والتضخم يواصل الصعود",
            "أعلن البنك المركزي رفع سعر الفائدة نصف نقطة فيما يواصل التضخم صعوده",
        ),
    ],
    [
        (
            "النخيل يتوج بكأس الاتحاد بركلات الترجيح",
            "توج فريق النخيل بكأس الاتحاد بعد فوزه على الساحل بركلات الترجيح في النهائي",
        ),
        (
            "ركلات الترجيح تهدي النخيل كأس الاتحاد",
            "أحرز النخيل كأس الاتحاد على حساب الساحل بركلات الترجيح في المباراة النهائية",
        ),
        (
            "النخيل بطلا لكأس الاتحاد على حساب الساحل",
            "فاز النخيل على الساحل بركلات الترجيح في نهائي كأس الاتحاد",
        ),
    ],
    [
        (
            "افتتاح أكبر مكتبة عامة في مدينة الرمان",
            "افتتحت في مدينة الرمان أكبر مكتبة عامة تضم مليون كتاب ومخطوطات نادرة",
        ),
        (
            "مدينة الرمان تفتتح مكتبة عامة بمليون كتاب",
            "تضم المكتبة العامة التي افتتحت في مدينة الرمان مليون كتاب ومخطوطات نادرة",
        ),
        (
            "مليون كتاب في مكتبة الرمان الجديدة",
            "افتتاح مكتبة عامة في مدينة الرمان هي الأكبر وتضم مخطوطات نادرة",
        ),
    ],
];

struct Entry {
    source: SourceId,
    id: EntryId,
    at: Timestamp,
    title: String,
    summary: String,
    text: String,
}

impl Entry {
    fn story_input(&self) -> StoryInput<'_> {
        StoryInput {
            id: self.id,
            source: &self.source,
            listed_at: self.at,
            seen_at: self.at,
            title: &self.title,
            summary: &self.summary,
            text: &self.text,
        }
    }
}

fn entry(source: &str, minutes: i64, title: &str, summary: &str) -> Entry {
    let source = SourceId::new(source).unwrap();
    let key = format!("{minutes} {title}");
    let identity = Identity { kind: IdentityKind::Guid, key, weaker_names: Vec::new() };
    let at = Timestamp::UNIX_EPOCH
        + SignedDuration::from_hours(24 * 15_000)
        + SignedDuration::from_mins(minutes);
    Entry {
        id: EntryId::for_identity(&source, &identity),
        source,
        at,
        title: title.to_owned(),
        summary: summary.to_owned(),
        text: String::new(),
    }
}

/// The events in turn, each reported every `minutes` by three sources, repeatedly with a new number.
fn stream(rounds: i64, minutes: i64) -> Vec<Entry> {
    let mut entries = Vec::new();
    for round in 0..rounds {
        for input in 0..3_usize {
            for (number, event) in EVENTS.iter().enumerate() {
                let (title, summary) = event[input];
                let at = minutes * i64::try_from(entries.len()).unwrap();
                let summary = format!("{summary} جولة{round} {}", number + input);
                entries.push(entry(["a", "b", "c"][input], at, title, &summary));
            }
        }
    }
    entries
}

fn assign_all(memory: &mut StoryMemory, entries: &[Entry]) -> Vec<StoryAssignment> {
    entries.iter().map(|entry| memory.assign(&entry.story_input())).collect()
}

#[test]
fn entries_about_one_event_join_and_events_stay_apart() {
    let entries = stream(1, 10);
    let assignments = assign_all(&mut StoryMemory::default(), &entries);
    for (index, assignment) in assignments.iter().enumerate() {
        let first = &entries[index % EVENTS.len()];
        assert_eq!(assignment.story, first.id, "entry {index} {assignment:?}");
        let expected =
            if index < EVENTS.len() { StoryMethod::First } else { StoryMethod::SameEvent };
        assert_eq!(assignment.method, expected, "entry {index}");
        assert_eq!(assignment.text_group, entries[index].id, "the texts differ");
    }
    assert!(assignments[4].score.unwrap() > assignments[3].score.unwrap_or(0.0));
    assert_eq!(assignments[4].nearest, Some(entries[0].id));
}

#[test]
fn the_same_text_under_another_headline_is_a_text_group() {
    let body = EVENTS.iter().flatten().map(|(_, lead)| *lead).collect::<Vec<_>>().join("\n");
    let mut one = entry("a", 0, EVENTS[0][0].0, "");
    one.text = format!("السنديان - واس: {body}");
    let mut two = entry("b", 50, "عنوان آخر لا يشبه الأول في شيء", "");
    two.text = format!("{body}\nاقرأ أيضا: خبر آخر");
    let mut memory = StoryMemory::default();
    let first = memory.assign(&one.story_input());
    let second = memory.assign(&two.story_input());
    assert_eq!((second.story, second.text_group), (first.story, one.id));
    assert_eq!((second.method, second.nearest), (StoryMethod::SameText, Some(one.id)));
    assert!(second.score.unwrap() > 0.9, "{second:?}");
}

#[test]
fn a_source_has_one_text_in_a_story() {
    let [first, again, _] = EVENTS[0];
    let other = (
        "السنديان تعلن الحداد على قتلى الزلزال ثلاثة أيام",
        "أعلنت جزيرة السنديان الحداد ثلاثة أيام وتنكيس الأعلام على قتلى زلزال ضربها فجر اليوم",
    );
    let longer = format!("{} وما زالت فرق الإنقاذ تبحث عن ناجين", first.1);
    let entries = [
        entry("a", 0, first.0, first.1),
        entry("b", 10, again.0, again.1),
        entry("a", 20, first.0, &longer),
        entry("a", 30, other.0, other.1),
        entry("c", 40, other.0, other.1),
    ];
    let assignments = assign_all(&mut StoryMemory::default(), &entries);
    let stories: Vec<EntryId> = assignments.iter().map(|assignment| assignment.story).collect();
    let [one, two] = [entries[0].id, entries[3].id];
    assert_eq!(stories[..3], [one, one, one], "the same text, longer: {assignments:?}");
    assert_eq!(stories[3], two, "another text of a source that is in the story");
    assert_eq!(assignments[3].related, Some(one));
    assert!(assignments[3].score.unwrap() >= 0.32 && assignments[3].method == StoryMethod::First);
    assert!([one, two].contains(&stories[4]), "another source joins either");
}

#[test]
fn a_copy_joins_no_story_that_has_another_text_of_its_source() {
    let leads = EVENTS[1..].iter().flatten().map(|(_, lead)| *lead);
    let one = entry("a", 0, EVENTS[0][0].0, EVENTS[0][0].1);
    let mut copied = entry("b", 10, EVENTS[0][1].0, EVENTS[0][1].1);
    copied.text = leads.collect::<Vec<_>>().join("\n");
    let mut again = entry("a", 20, "عنوان آخر لا يشبه الأول في شيء", "");
    again.text.clone_from(&copied.text);
    // Most of the text is about something else.
    let settings = StorySettings { merge: 0.12, ..StorySettings::default() };
    let mut memory = StoryMemory::new(settings, Vec::new());
    let assignments = assign_all(&mut memory, &[one, copied, again]);
    assert_eq!(assignments[1].story, assignments[0].story, "{assignments:?}");
    assert_eq!(assignments[2].method, StoryMethod::First);
    assert_eq!(assignments[2].text_group, assignments[1].text_group);
    assert_ne!(assignments[2].story, assignments[0].story);
}

#[test]
fn what_cannot_be_compared_stays_alone() {
    let mut memory = StoryMemory::default();
    let short = [entry("a", 0, "عاجل: زلزال", ""), entry("b", 1, "عاجل: زلزال", "")];
    for assignment in assign_all(&mut memory, &short) {
        assert_eq!(
            (assignment.method, assignment.story),
            (StoryMethod::TooShort, assignment.text_group)
        );
    }
    let mut old = entry("a", 0, EVENTS[0][0].0, EVENTS[0][0].1);
    let seen_at = old.at + window::WINDOW + SignedDuration::from_mins(2);
    let old_input = StoryInput { seen_at, ..old.story_input() };
    assert_eq!(memory.assign(&old_input).method, StoryMethod::TooOld);
    old.at = seen_at;
    assert_eq!(memory.entries_count(), 0, "entries that are too old have left, and none was added");
    assert_eq!(memory.assign(&entry("b", 0, "", "").story_input()).method, StoryMethod::TooShort);
}

#[test]
fn three_days_later_it_is_another_story() {
    let check = |hours: i64, expected: StoryMethod| {
        let mut memory = StoryMemory::new(
            StorySettings { merge: 0.1, related: 0.1, ..StorySettings::default() },
            Vec::new(),
        );
        memory.assign(&entry("a", 0, EVENTS[0][0].0, EVENTS[0][0].1).story_input());
        let later = entry("b", hours * 60, EVENTS[0][1].0, EVENTS[0][1].1);
        assert_eq!(memory.assign(&later.story_input()).method, expected, "{hours} hours");
    };
    check(1, StoryMethod::SameEvent);
    check(30, StoryMethod::SameEvent);
    check(73, StoryMethod::First);
}

#[test]
fn a_near_story_is_related() {
    let entries = stream(1, 10);
    let settings = StorySettings { merge: 0.99, related: 0.2, ..StorySettings::default() };
    let assignments = assign_all(&mut StoryMemory::new(settings, Vec::new()), &entries);
    assert_eq!(assignments[4].method, StoryMethod::First);
    assert_eq!(assignments[4].related, Some(entries[0].id));
    assert_eq!(assignments[1].related, None);
}

#[test]
fn a_changed_entry_keeps_its_story_and_matches_by_its_new_text() {
    let entries = stream(1, 10);
    let mut memory = StoryMemory::default();
    let first = assign_all(&mut memory, &entries[..2]);
    let (title, lead) = EVENTS[2][0];
    let edited = StoryInput { title, summary: lead, ..entries[0].story_input() };
    assert_eq!(memory.assign(&edited), first[0]);
    assert_eq!(memory.entries_count(), 2);
    let assignment = memory.assign(&entry("b", 40, EVENTS[2][1].0, EVENTS[2][1].1).story_input());
    assert_eq!(assignment.story, entries[0].id, "by what it says now");
}

#[test]
fn only_very_similar_entries_join_a_crowd() {
    let mut memory = StoryMemory::new(
        StorySettings { merge: 0.0, related: 0.0, ..StorySettings::default() },
        Vec::new(),
    );
    let (title, lead) = EVENTS[0][0];
    for minute in 0..40 {
        memory.assign(&entry("a", minute, title, &format!("{lead} رقم{minute}")).story_input());
    }
    let assignment = memory.assign(&entry("b", 41, "زلزال آخر في بلاد بعيدة جدا", "").story_input());
    assert_eq!(assignment.method, StoryMethod::First, "{assignment:?}");
    let assignment = memory.assign(&entry("b", 42, title, lead).story_input());
    assert_eq!(assignment.method, StoryMethod::SameEvent, "{assignment:?}");
}

#[test]
fn memory_is_bounded_by_the_window() {
    let mut memory = StoryMemory::default();
    // Twelve entries every six hours, for twenty days.
    assign_all(&mut memory, &stream(80, 30));
    assert!(memory.entries_count() <= 145, "{} entries", memory.entries_count());
    let days = (14_000..16_000).filter(|day| memory.closed_day_counts(*day).is_some()).count();
    assert_eq!(days, 6, "and today, which is not finished");
}

/// Assigns with the features that these vectors give.
fn assign_with(
    memory: &mut StoryMemory,
    entries: &[Entry],
    vectors: &StoryVectors,
) -> Vec<StoryAssignment> {
    let assign = |entry: &Entry| {
        let input = entry.story_input();
        memory.assign_features(&input.arrival(), || {
            StoryFeatures::from_input(&input, vectors.vectors())
        })
    };
    entries.iter().map(assign).collect()
}

/// A memory rebuilt after the first `count` entries, as from a store.
fn rebuilt(
    entries: &[Entry],
    assignments: &[StoryAssignment],
    days: Vec<DailyTermCounts>,
    vectors: &StoryVectors,
) -> StoryMemory {
    let mut memory = StoryMemory::new(StorySettings::new(vectors.vectors().is_some()), days);
    for (entry, assignment) in entries.iter().zip(assignments) {
        let input = entry.story_input();
        let features = || StoryFeatures::from_input(&input, vectors.vectors());
        memory.restore_features(&input.arrival(), features, *assignment);
    }
    memory
}

fn check_restarts(vectors: &StoryVectors) -> Vec<StoryAssignment> {
    let entries = stream(20, 30);
    let mut memory = StoryMemory::new(StorySettings::new(vectors.vectors().is_some()), Vec::new());
    let mut assignments = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        if index % 37 == 0 {
            let days: Vec<DailyTermCounts> =
                (14_990..15_100).filter_map(|day| memory.closed_day_counts(day)).collect();
            // With the finished days from the store, and with all of them counted again.
            let with_days = rebuilt(&entries[..index], &assignments, days, vectors);
            let without = rebuilt(&entries[..index], &assignments, Vec::new(), vectors);
            for mut other in [with_days, without] {
                let ahead = &entries[index..usize::min(index + 40, entries.len())];
                assert_eq!(
                    assign_with(&mut other, ahead, vectors),
                    assign_with(&mut memory.clone(), ahead, vectors),
                    "from {index}"
                );
            }
        }
        assignments.extend(assign_with(&mut memory, std::slice::from_ref(entry), vectors));
    }
    assert!(assignments.iter().any(|assignment| assignment.method == StoryMethod::SameEvent));
    assignments
}

#[test]
fn a_restart_changes_nothing() {
    let without = check_restarts(&StoryVectors::off());
    assert!(without.iter().all(|assignment| assignment.closeness.is_none()));
}

#[test]
fn a_restart_changes_nothing_with_vectors() {
    let with = check_restarts(&StoryVectors::default());
    let closeness = with.iter().filter_map(|assignment| assignment.closeness);
    assert!(
        closeness.filter(|closeness| *closeness > 0.1).count() > with.len() / 4,
        "it counts here: {with:?}"
    );
}

#[test]
fn other_words_for_one_event_are_found_with_vectors() {
    let entries = [
        entry("a", 0, "هزة أرضية تضرب الجنوب وأنباء عن ضحايا", ""),
        entry("b", 1, "زلزال بقوة 6 درجات يضرب جنوب البلاد", ""),
        entry("b", 2, "افتتاح معرض الكتاب في العاصمة", ""),
    ];
    let vectors = StoryVectors::default();
    let settings = StorySettings { merge: 0.3, ..StorySettings::new(true) };
    let found = assign_with(&mut StoryMemory::new(settings, Vec::new()), &entries, &vectors);
    assert_eq!(found[1].story, entries[0].id, "{found:?}");
    assert_eq!(found[2].story, entries[2].id);
    let settings = StorySettings { merge: 0.3, ..StorySettings::default() };
    let without = StoryVectors::off();
    let found = assign_with(&mut StoryMemory::new(settings, Vec::new()), &entries, &without);
    assert_eq!(found[1].story, entries[1].id, "{found:?}");
}
