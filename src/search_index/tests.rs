//! The index finds what the query itself matches, whatever its form, and is rebuilt when it is invalid.

mod result_pages;

use std::collections::BTreeSet;
use std::fs;

use rafid_feed::model::{Entry, Identity, IdentityKind, Language, PlainText, SafeHtml};

use super::*;
use crate::model::{Category, SearchOrder, SourceId};
use crate::query::{Query, SearchableEntry};

/// Title, summary, text, category of entries; the later ones were listed later.
const ENTRIES: [(&str, &str, &str, &str); 8] = [
    ("افتتاح مكتبة عامة في سورية", "كتب للجميع", "قال المدير إن المكتبة مفتوحة", "ثقافة"),
    ("السوريون يقرأون", "مكتبات المدن", "عامة الناس في مكتبة", "ثقافة"),
    ("عاجل | سوريا: أمطار غزيرة", "طقس بارد", "الثلج على الجبال", "طقس"),
    ("مكتب البريد", "مكتوب ومكاتب", "لا شيء", "خدمات"),
    ("GPT4 والترجمة", "Machine translation", "النص العربي", "تقنية"),
    ("كوفيد19 يعود", "إصابات", "٣٫٥ ملايين", "صحة"),
    ("الأمير يستقبل الوزير", "", "استقبل الأمير وزير الخارجية", "سياسة"),
    ("", "خبر بلا عنوان عن مَكْتَبَة", "", "ثقافة"),
];

/// Queries that tokens decide.
const EXACT: [&str; 32] = [
    "مكتبة",
    "سوريا",
    "سورية",
    "\"مكتبة عامة\"",
    "\"عامة مكتبة\"",
    "مكتب*",
    "-مكتبة",
    "مكتبة -سوريا",
    "مكتبة OR طقس",
    "مكتبة أو طقس",
    "(مكتبة OR أمطار) -ثلج",
    "title:مكتبة",
    "category:ثقافة",
    "category:العالم",
    "source:المثال",
    "source:one",
    "language:ar",
    "language:en",
    "-(مكتبة سوريا)",
    "gpt4",
    "\"gpt 4\"",
    "كوفيد",
    "3.5",
    "\"وزير الخارج*\"",
    "الوزير",
    "author:أحد",
    "-category:ثقافة OR title:سوريا",
    "-(-مكتبة)",
    "breaking:yes",
    "سوريا عاجل:لا",
    "-breaking:yes",
    "category:عاجل",
];
/// Queries that tokens do not decide, or only in part.
const LOOSE: [&str; 9] = [
    "=سورية",
    "/مكت.ة/",
    "-=سورية",
    "link:example",
    "-(=سورية OR مكتبة)",
    "language:a*",
    "مكتبة =سورية",
    "مكتبة -/ثلج/",
    "-(مكتبة -=سورية)",
];

fn entry(at: usize) -> (EntryId, Timestamp, Entry) {
    let (title, summary, text, category) = ENTRIES[at];
    let key = at.to_string();
    let identity = Identity { kind: IdentityKind::Guid, key, weaker_names: Vec::new() };
    let id = EntryId::for_identity(&source(), &identity);
    let html = |words: &str| {
        (!words.is_empty()).then(|| SafeHtml::from_trusted(format!("<p>{words}</p>")))
    };
    let entry = Entry {
        summary: html(summary),
        content: html(text),
        categories: vec![PlainText::from_trusted(category.into())],
        language: Language::parse("ar"),
        link: Some(format!("https://news.example/{at}")),
        ..Entry::titled(identity, PlainText::from_trusted(title.into()))
    };
    let listed = Timestamp::from_second(1_000 + i64::try_from(at).unwrap()).unwrap();
    (id, listed, entry)
}

fn source() -> SourceId {
    SourceId::new("one").unwrap()
}

fn add_entry(writer: &mut SearchIndexWriter, at: usize, stamp: u64) {
    let (id, listed_at, entry) = entry(at);
    let category = Category::new("العالم");
    let source = source();
    let subject = SearchableEntry::new(&entry, &source, "وكالة المثال", category.as_slice(), None);
    writer.upsert(&IndexDocument { id, listed_at, stamp, subject: &subject }).unwrap();
}

fn build_index(folder: &Path) -> (SearchIndex, SearchIndexWriter) {
    let search = SearchIndex::open(folder).unwrap();
    let mut writer = search.writer().unwrap();
    (0..ENTRIES.len()).for_each(|at| add_entry(&mut writer, at, 1));
    writer.commit().unwrap();
    (search, writer)
}

fn request(query: &Query, order: SearchOrder) -> SearchRequest<'_> {
    SearchRequest { query, order, limit: 20, limit_unsure: 20, after: None, since: None }
}

#[test]
fn the_index_finds_what_the_query_matches() {
    let folder = tempfile::tempdir().unwrap();
    let (search, _writer) = build_index(&folder.path().join("search"));
    let check = |query: Query, is_exact: bool| {
        let words = query.as_str();
        let expected: BTreeSet<EntryId> = (0..ENTRIES.len())
            .map(entry)
            .filter(|(_, _, entry)| {
                let (source, category) = (source(), Category::new("العالم"));
                let subject =
                    SearchableEntry::new(entry, &source, "وكالة المثال", category.as_slice(), None);
                query.matches(&subject)
            })
            .map(|(id, ..)| id)
            .collect();
        for order in [SearchOrder::Newest, SearchOrder::Best] {
            let found = search.find(&request(&query, order)).unwrap();
            let ids: BTreeSet<EntryId> = found.hits.iter().map(|hit| hit.id).collect();
            assert_eq!(found.is_exact, is_exact, "{words}");
            assert_eq!(found.count, ids.len() as u64, "{words}");
            assert!(ids.is_superset(&expected), "{words} finds too little");
            assert!(!is_exact || ids == expected, "{words} finds too much");
        }
    };
    for (words, is_exact) in
        EXACT.map(|it| (it, true)).into_iter().chain(LOOSE.map(|it| (it, false)))
    {
        check(Query::parse(words).unwrap(), is_exact);
        check(Query::parse(words).unwrap().with_forms(), is_exact);
    }
}

#[test]
fn a_search_finds_other_forms_behind_the_word_itself() {
    let folder = tempfile::tempdir().unwrap();
    let (search, _writer) = build_index(&folder.path().join("search"));
    let check = |words: &str, expected: &[usize]| {
        let query = Query::parse(words).unwrap().with_forms();
        let found = search.find(&request(&query, SearchOrder::Best)).unwrap();
        let ids: Vec<EntryId> = found.hits.iter().map(|hit| hit.id).collect();
        let expected: Vec<EntryId> = expected.iter().map(|at| entry(*at).0).collect();
        assert_eq!((ids, found.is_exact), (expected, true), "{words}");
    };
    check("مكتب", &[3]);
    check("مكاتب", &[3]);
    check("كتاب", &[0]);
    check("مطر", &[2]);
    check("بالجبل", &[2]);
    check("مدينة", &[1]);
    check("مدير مكتبه", &[0]);
    check("\"كتاب\"", &[]);
    check("-كتاب مكتبة title:افتتاح", &[0]);
    // The word itself first («السوريون» is one token with it), and then its forms.
    check("سوري", &[1, 0, 2]);
}

/// Queries of an attacker.
fn hostile() -> Vec<String> {
    vec![
        format!("\"{}\"", "و ".repeat(490)),
        format!("\"{}م*\"", "في ".repeat(300)),
        "ا* ".repeat(100),
        "ا* OR ".repeat(99) + "ا*",
        "-ا* ".repeat(100),
        "\"ا ا*\" ".repeat(100),
        "-(-(-(-(-(مكتبة)))))".to_owned(),
        "مكتبة OR ".repeat(99) + "مكتبة",
        "/(م|ك|ت)*ة/ ".repeat(8),
    ]
}

#[test]
fn expensive_terms_are_approximated_without_losing_entries() {
    let folder = tempfile::tempdir().unwrap();
    let (search, _writer) = build_index(&folder.path().join("search"));
    let index = search.open_index().unwrap();
    let searcher = index.reader.searcher();
    let all = searcher.search(&tantivy::query::AllQuery, &tantivy::collector::DocSetCollector);
    let all = all.unwrap().len();
    let search_within = |(words, has_forms): (&str, bool), postings: u64| {
        let query = Query::parse_rule(words, has_forms).unwrap();
        let budget = cost::PostingBudget::new(&searcher, postings);
        let it = query_translation::translate_query(&query.tree(), &index.fields, budget).unwrap();
        let found = searcher.search(&it.query, &tantivy::collector::DocSetCollector).unwrap();
        (found, it.is_exact)
    };
    let hostile = hostile();
    let words = EXACT.into_iter().chain(hostile.iter().map(String::as_str));
    for sought in words.flat_map(|words| [(words, false), (words, true)]) {
        let words = sought.0;
        let (whole, is_exact) = search_within(sought, u64::MAX);
        assert_eq!(is_exact, !words.contains('/'), "{words}");
        for postings in [0, 60, 200, 1_000, 10_000] {
            let (found, is_exact) = search_within(sought, postings);
            assert!(found.is_superset(&whole), "{words} loses entries with {postings} postings");
            assert!(!is_exact || found == whole, "{words}");
        }
        let (found, is_exact) = search_within(sought, 0);
        assert_eq!((found.len(), is_exact), (all, false), "{words}");
    }
}

#[test]
fn hostile_queries_are_answered_and_pages_end() {
    let folder = tempfile::tempdir().unwrap();
    let (search, _writer) = build_index(&folder.path().join("search"));
    for words in hostile() {
        let query = Query::parse(&words).unwrap();
        for order in [SearchOrder::Newest, SearchOrder::Best] {
            for after in [None, Some(0), Some(u64::MAX)] {
                assert!(
                    search.find(&SearchRequest { after, ..request(&query, order) }).is_ok(),
                    "{words}"
                );
            }
        }
    }
    let expensive = Query::parse("=مكتبة").unwrap();
    assert!(!search.is_quick(&expensive).unwrap());
    assert!(search.is_quick(&Query::parse("مكتبة").unwrap()).unwrap());
}

#[test]
fn entries_can_be_replaced_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let (search, mut writer) = build_index(&folder.path().join("search"));
    add_entry(&mut writer, 3, 2);
    writer.remove(entry(4).0);
    writer.commit().unwrap();
    assert_eq!(search.len(), 7);
    let indexed = search.entries_of_source(&source()).unwrap();
    let stamp = |at: usize| indexed.get(&entry(at).0).map(|indexed| indexed.stamp);
    assert_eq!((stamp(3), stamp(2), stamp(4)), (Some(2), Some(1), None));
    assert_eq!(indexed[&entry(2).0].listed_at, entry(2).1);
    assert!(writer.remove_source(source_key(&source())).unwrap() >= 7);
    writer.commit().unwrap();
    assert!(search.is_empty());
}

#[test]
fn entries_are_found_by_their_link_in_any_spelling() {
    let folder = tempfile::tempdir().unwrap();
    let (search, _writer) = build_index(&folder.path().join("search"));
    for link in ["https://news.example/3", "http://www.news.example/3/?utm_source=a"] {
        let named = search.entries_named(link).unwrap();
        assert_eq!(named, [(entry(3).0, entry(3).1)], "{link}");
    }
    assert_eq!(search.entries_named("https://news.example/77").unwrap(), []);
    assert_eq!(search.entries_named("").unwrap(), []);
}

#[test]
fn an_index_remembers_how_far_it_follows_the_store() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("search");
    let (search, mut writer) = build_index(&folder);
    assert_eq!(search.progress().unwrap(), None, "nothing was claimed");
    for progress in [
        IndexProgress { journal: 0, entry: None },
        IndexProgress { journal: u64::MAX, entry: Some(entry(1).0) },
    ] {
        writer.commit_progress(progress).unwrap();
        assert_eq!(search.progress().unwrap(), Some(progress));
    }
    let mut digests = search.source_digests();
    assert_eq!(digests.get(&source()), None);
    digests.set(&source(), 7);
    search.save_source_digests(&mut digests).unwrap();
    drop(writer);
    let search = SearchIndex::open(&folder).unwrap();
    assert!(search.progress().unwrap().is_some(), "after a restart");
    let mut digests = search.source_digests();
    assert_eq!(digests.get(&source()), Some(7));
    let other = SourceId::new("two").unwrap();
    assert!(digests.forget_all_but([&source(), &other].into_iter()).is_empty());
    assert_eq!(digests.forget_all_but([&other].into_iter()).len(), 1);
    assert_eq!(digests.get(&source()), None);
    let mut writer = search.writer().unwrap();
    writer.commit().unwrap();
    assert_eq!(search.progress().unwrap(), None, "a commit that claims nothing");
}

#[test]
fn a_damaged_index_or_one_of_another_format_is_rebuilt() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("search");
    drop(build_index(&folder));
    assert_eq!(SearchIndex::open(&folder).unwrap().len(), 8, "an intact index stays");
    fs::write(folder.join(FORMAT_FILE), "rafid search 0\n").unwrap();
    fs::create_dir_all(folder.join("odd/folder")).unwrap();
    assert!(SearchIndex::open(&folder).unwrap().is_empty(), "of another format");
    assert!(!folder.join("odd").exists(), "all of it is deleted");
    drop(build_index(&folder));
    let longest = fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "idx"))
        .max_by_key(|path| fs::metadata(path).unwrap().len())
        .unwrap();
    let mut bytes = fs::read(&longest).unwrap();
    bytes[0] ^= 1;
    fs::remove_file(&longest).unwrap();
    fs::write(&longest, bytes).unwrap();
    assert!(SearchIndex::open(&folder).unwrap().is_empty(), "damaged");
}

#[test]
fn a_failed_opening_can_be_repeated() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("search");
    fs::write(&folder, "a file").unwrap();
    let search = SearchIndex::unopened(&folder);
    assert!(search.reopen().is_err() && search.is_empty());
    let query = Query::parse("مكتبة").unwrap();
    assert!(matches!(search.find(&request(&query, SearchOrder::Newest)), Err(SearchError::Closed)));
    assert!(matches!(search.writer(), Err(SearchError::Closed)));
    fs::remove_file(&folder).unwrap();
    search.reopen().unwrap();
    let mut writer = search.writer().unwrap();
    add_entry(&mut writer, 0, 1);
    // The folder was deleted while the index was open: nothing more can be stored, and committed entries are
    // still found.
    writer.commit().unwrap();
    fs::rename(&folder, home.path().join("away")).unwrap();
    fs::write(&folder, "a file").unwrap();
    add_entry(&mut writer, 1, 1);
    assert!(writer.commit().is_err());
    drop(writer);
    assert!(search.reopen().is_err());
    assert_eq!(search.find(&request(&query, SearchOrder::Newest)).unwrap().count, 1);
    fs::remove_file(&folder).unwrap();
    search.reopen().unwrap();
    assert!(search.is_empty() && search.writer().is_ok(), "it is rebuilt");
}

#[test]
fn positions_sort_like_times() {
    let id = EntryId::from_bytes([255; 16]);
    let times = [i64::MIN / 1_000_000, -1, 0, 1, 1_795_000_000_000];
    let places: Vec<u64> = times
        .iter()
        .map(|ms| Timestamp::from_millisecond((*ms).max(-377_705_023_201_000)).unwrap())
        .map(|at| sort_position(at, id))
        .collect();
    assert!(places.is_sorted_by(|one, two| one < two), "{places:?}");
    let (high, low) = split_id(id);
    assert_eq!(join_id(high, low), id);
}
