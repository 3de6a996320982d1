//! The time to build and to query the search index at 100,000 entries, its size, and the spellings
//! of a word that it finds, compared with the same library with its default analyzer and with its
//! own stemmer of Arabic, all in one run over one synthetic newspaper (`support/news.rs`).
//!
//! `cargo bench --bench search`

#![allow(clippy::unwrap_used, clippy::print_stdout, unreachable_pub, missing_docs)]

mod support {
    pub mod news;
    pub mod variants;
}

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rafid::model::{EntryId, SearchOrder, SourceId};
use rafid::query::{Query, QueryError, SearchableEntry};
use rafid::search_index::{IndexDocument, SearchIndex, SearchIndexWriter, SearchRequest};
use rafid_feed::model::{Entry, Identity, IdentityKind, PlainText, SafeHtml};
use tantivy::collector::{Count, TopDocs};
use tantivy::query::QueryParser;
use tantivy::schema::{FAST, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{
    Language, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer, TextAnalyzer,
};
use tantivy::{Index, IndexReader, TantivyDocument};

use support::{news, variants};

const ENTRIES: u64 = 100_000;
/// The number of runs of each query; the fastest counts, because the machine only ever slows a run
/// down.
const ROUNDS: u32 = 15;
/// The number of results on a page.
const SHOWN: usize = 50;
/// A rare word: it is in some twenty entries.
const RARE: u64 = 20_011;
const QUERIES: [(&str, &str); 7] = [
    ("in nearly all entries", "في"),
    ("in a tenth of all entries", "الحكومة"),
    ("rare", ""),
    ("three words", "مجلس وزير منطقة"),
    ("phrase", "\"رئيس مجلس\""),
    ("exclusion", "الحكومة -رئيس"),
    ("beginning", "وز*"),
];
/// More entries than are newer than any planted pair.
const LOOKED_AT: usize = 300;

/// The same words with other forms, and words that have many: their time as a multiple of that without forms.
const WORDS_WITH_FORMS: [&str; 8] = [
    "في",
    "الحكومة",
    "مدينة",
    "مجلس وزير منطقة",
    "رئيس أعلنت الأمن",
    "\"رئيس مجلس\" الحكومة",
    "الحكومة -رئيس",
    "مجلس OR وزير OR منطقة OR مدينة",
];

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own");
    let search = SearchIndex::open(&own).unwrap();
    let texts = texts();
    let began = Instant::now();
    let writer = build(&search, &texts);
    let took = began.elapsed();
    // Merges continue behind the last commit, as long as the writer is open.
    wait_for_merges(&own);
    drop(writer);
    let search = SearchIndex::open(&own).unwrap();
    println!("ours: built in {took:.1?}, {}", size(&own));
    let theirs = ["default", "stemmer"].map(|name| {
        let folder = folder.path().join(name);
        fs::create_dir_all(&folder).unwrap();
        let theirs = Theirs::build(&folder, name, &texts);
        println!("{name}: built in {:.1?}, {}", theirs.took, size(&folder));
        theirs
    });
    let rare = news::word(RARE);
    for words in WORDS_WITH_FORMS.into_iter().chain([rare.as_str()]) {
        with_forms(&search, words);
    }
    for (what, words) in QUERIES {
        let words = if words.is_empty() { rare.as_str() } else { words };
        for order in [SearchOrder::Newest, SearchOrder::Best] {
            let (took, count) = quickest(|| ours(&search, Query::parse(words), order));
            print!("{what}, {}: ours {took:.2?} ({count} found)", order.as_str());
            for theirs in theirs.iter().filter(|_| !words.ends_with('*')) {
                let (others, count) = quickest(|| theirs.count(words, order));
                let ratio = took.as_secs_f64() / others.as_secs_f64();
                print!("; {} {others:.2?} ({count}), {ratio:.1} x", theirs.name);
            }
            println!();
        }
    }
    hostile(&search);
    recall(&search, &theirs);
}

/// The time of a query whose words also match in their other forms, beside that without.
fn with_forms(search: &SearchIndex, words: &str) {
    for order in [SearchOrder::Newest, SearchOrder::Best] {
        let (plain, plain_count) = quickest(|| ours(search, Query::parse(words), order));
        let with_forms = || Query::parse(words).map(Query::with_forms);
        let (took, count) = quickest(|| ours(search, with_forms(), order));
        let ratio = took.as_secs_f64() / plain.as_secs_f64();
        println!(
            "forms, {words}, {}: {took:.2?} ({count} found), without {plain:.2?} ({plain_count}), {ratio:.1} x",
            order.as_str()
        );
    }
}

/// The time that our index takes for hostile queries.
fn hostile(search: &SearchIndex) {
    let queries = [
        ("a phrase of 300 common words", format!("\"{}\"", "في ".repeat(300))),
        ("100 beginnings of one letter", "ا* ".repeat(100)),
        ("100 beginnings of one letter, any", "م* OR ".repeat(99) + "م*"),
        ("100 exclusions of beginnings", "-ت* ".repeat(100)),
        ("20 beginnings of two letters, any", "مت* OR ".repeat(19) + "مت*"),
        ("phrases with open ends", "\"في ا*\" ".repeat(90)),
        ("100 common words, any", "في OR ".repeat(99) + "في"),
        ("100 common words, all", "في ".repeat(100)),
        ("50 phrases, any", "\"في من\" OR ".repeat(49) + "\"في من\""),
    ];
    for (what, words) in queries {
        let query = Query::parse(&words).unwrap();
        let ask = SearchRequest {
            query: &query,
            order: SearchOrder::Best,
            limit: 50,
            limit_unsure: 5_000,
            after: None,
            since: None,
        };
        let (took, is_exact) = quickest(|| u64::from(search.find(&ask).unwrap().is_exact));
        let end = if is_exact == 1 { "decided" } else { "left open" };
        println!("hostile: {what}: {took:.2?}, {end}");
    }
}

fn quickest(mut ask: impl FnMut() -> u64) -> (Duration, u64) {
    let rounds = (0..ROUNDS).map(|_| {
        let began = Instant::now();
        let count = ask();
        (began.elapsed(), count)
    });
    rounds.min().unwrap()
}

fn ours(search: &SearchIndex, query: Result<Query, QueryError>, order: SearchOrder) -> u64 {
    let query = query.unwrap();
    search
        .find(&SearchRequest {
            query: &query,
            order,
            limit: SHOWN,
            limit_unsure: SHOWN,
            after: None,
            since: None,
        })
        .unwrap()
        .count
}

/// The spellings of `support/variants.rs` that each index finds.
fn recall(search: &SearchIndex, theirs: &[Theirs]) {
    let mut number = 0;
    let mut sums = [0; 4];
    for (reason, pairs) in variants::SAME {
        let mut found = [0; 3];
        for (_, sought) in pairs {
            let query = Query::parse(sought).unwrap();
            let ask = SearchRequest {
                query: &query,
                order: SearchOrder::Newest,
                limit: LOOKED_AT,
                limit_unsure: 0,
                after: None,
                since: None,
            };
            let own = search.find(&ask).unwrap();
            found[0] += u32::from(own.hits.iter().any(|hit| hit.id == id(ENTRIES + number)));
            for (found, theirs) in found[1..].iter_mut().zip(theirs) {
                *found += u32::from(theirs.newest(sought).contains(&(ENTRIES + number)));
            }
            number += 1;
        }
        let [ours, default, stemmer] = found;
        let all = u32::try_from(pairs.len()).unwrap();
        println!("{reason}: of {all} ours finds {ours}, default {default}, stemmer {stemmer}");
        for (sum, more) in sums.iter_mut().zip([all, ours, default, stemmer]) {
            *sum += more;
        }
    }
    let [all, ours, default, stemmer] = sums;
    println!("in all: of {all} ours finds {ours}, default {default}, stemmer {stemmer}");
}

/// Title, summary and text of every entry: those of the newspaper, then one entry for each pair,
/// with only the word as written.
fn texts() -> Vec<[String; 3]> {
    let planted = variants::SAME.iter().flat_map(|(_, pairs)| pairs.iter());
    let planted = planted.map(|(written, _)| [(*written).to_owned(), String::new(), String::new()]);
    (0..ENTRIES).map(news::entry).chain(planted).collect()
}

fn source() -> SourceId {
    SourceId::new("bench").unwrap()
}

fn identity(number: u64) -> Identity {
    Identity { kind: IdentityKind::Guid, key: number.to_string(), weaker_names: Vec::new() }
}

fn id(number: u64) -> EntryId {
    EntryId::for_identity(&source(), &identity(number))
}

fn build(search: &SearchIndex, texts: &[[String; 3]]) -> SearchIndexWriter {
    let mut writer = search.writer().unwrap();
    let source = source();
    for (number, [title, summary, text]) in (0..).zip(texts) {
        let html = |words: &str| {
            (!words.is_empty()).then(|| SafeHtml::from_trusted(format!("<p>{words}</p>")))
        };
        let entry = Entry {
            summary: html(summary),
            content: html(text),
            ..Entry::titled(identity(number), PlainText::from_trusted(title.clone()))
        };
        let subject = SearchableEntry::new(&entry, &source, "وكالة", &[], None);
        let seconds = 1_795_000_000 + i64::try_from(number).unwrap();
        let listed_at = Timestamp::from_second(seconds).unwrap();
        let document =
            IndexDocument { id: id(number), listed_at, stamp: number, subject: &subject };
        writer.upsert(&document).unwrap();
    }
    writer.commit().unwrap();
    writer
}

/// The library with an analyzer of its own, and with fields like ours.
struct Theirs {
    name: &'static str,
    took: Duration,
    reader: IndexReader,
    parser: QueryParser,
}

impl Theirs {
    fn build(folder: &Path, name: &'static str, entries: &[[String; 3]]) -> Self {
        let began = Instant::now();
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(name)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let text = TextOptions::default().set_indexing_options(indexing);
        let fields =
            ["title", "summary", "text"].map(|field| schema.add_text_field(field, text.clone()));
        // The same number of numeric fields as in our index.
        let numbers = ["place", "high", "low", "listed", "stamp"]
            .map(|field| schema.add_u64_field(field, FAST));
        let index = Index::create_in_dir(folder, schema.build()).unwrap();
        index.tokenizers().register(
            "stemmer",
            TextAnalyzer::builder(SimpleTokenizer::default())
                .filter(RemoveLongFilter::limit(40))
                .filter(LowerCaser)
                .filter(Stemmer::new(Language::Arabic))
                .build(),
        );
        let mut writer = index.writer_with_num_threads(1, 15_000_000).unwrap();
        for (number, texts) in (0..).zip(entries) {
            let mut document = TantivyDocument::default();
            for (field, text) in fields.iter().zip(texts) {
                document.add_text(*field, text);
            }
            for (field, factor) in numbers.iter().zip([1, 0x9E37_79B9_7F4A_7C15, 7, 1_000, 31]) {
                document.add_u64(*field, u64::wrapping_mul(number, factor));
            }
            writer.add_document(document).unwrap();
        }
        writer.commit().unwrap();
        let took = began.elapsed();
        writer.wait_merging_threads().unwrap();
        let mut parser = QueryParser::for_index(&index, fields.to_vec());
        parser.set_field_boost(fields[0], 3.0);
        parser.set_conjunction_by_default();
        Self { name, took, reader: index.reader().unwrap(), parser }
    }

    fn count(&self, words: &str, order: SearchOrder) -> u64 {
        let query = self.parser.parse_query(words).unwrap();
        let (searcher, top) = (self.reader.searcher(), TopDocs::with_limit(SHOWN));
        let count = match order {
            SearchOrder::Newest => {
                let top = top.order_by_fast_field::<u64>("place", tantivy::Order::Desc);
                searcher.search(&query, &(top, Count)).unwrap().1
            }
            SearchOrder::Best => searcher.search(&query, &(top.order_by_score(), Count)).unwrap().1,
        };
        count.try_into().unwrap()
    }

    /// The numbers of the newest entries with a word.
    fn newest(&self, words: &str) -> Vec<u64> {
        let Ok(query) = self.parser.parse_query(words) else { return Vec::new() };
        let top = TopDocs::with_limit(LOOKED_AT);
        let top = top.order_by_fast_field::<u64>("place", tantivy::Order::Desc);
        let found = self.reader.searcher().search(&query, &top).unwrap();
        found.into_iter().filter_map(|(place, _)| place).collect()
    }
}

/// Waits until the files have not changed for two seconds.
fn wait_for_merges(folder: &Path) {
    let names = || {
        let files = fs::read_dir(folder).unwrap();
        files.filter_map(|file| Some(file.ok()?.file_name())).collect::<BTreeSet<_>>()
    };
    let mut before = BTreeSet::new();
    while before != names() {
        before = names();
        std::thread::sleep(Duration::from_secs(2));
    }
}

fn size(folder: &Path) -> String {
    let files = fs::read_dir(folder).unwrap().filter_map(|file| file.ok()?.metadata().ok());
    let bytes: u64 = files.map(|file| file.len()).sum();
    format!("{} kB, {} bytes an entry", bytes / 1_000, bytes / ENTRIES)
}
