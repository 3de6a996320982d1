//! How long the search index takes to build and to ask at 100,000 entries, and how large it is, beside
//! the same library with an analyser of its own.
//!
//! `cargo bench --bench search`

#![allow(clippy::unwrap_used, clippy::print_stdout, unreachable_pub, missing_docs)]

mod support;

use std::fs;
use std::path::Path;
use std::time::Instant;

use jiff::Timestamp;
use rafid::daemon::search::{Ask, Document, Search};
use rafid::feed::model::{Entry, EntryId, Identity, IdentityRung, PlainText, SafeHtml, SourceId};
use rafid::feed::query::{Order, Query, Subject};
use support::WORDS;
use tantivy::collector::{Count, TopDocs};
use tantivy::schema::{FAST, Schema, TEXT};
use tantivy::{Index, TantivyDocument};

const ENTRIES: u32 = 100_000;
/// Words of a title and of a text: those of an agency's report.
const LENGTHS: [usize; 2] = [9, 120];
/// Each query is asked this often.
const ROUNDS: u32 = 20;
/// One entry in so many has a word that is rare, in one of its spellings.
const RARE: u32 = 1_000;
const SPELLINGS: [&str; 4] = ["سوريا", "سورية", "السورية", "وسوريّا"];
const QUERIES: [(&str, &str); 6] = [
    ("common", "المدينة"),
    ("rare", "سوريا"),
    ("rare, spelt otherwise", "سورية"),
    ("phrase", "\"مجلس الإدارة\""),
    ("exclusion", "المدينة -الميناء"),
    ("beginning", "وز*"),
];

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let (own, theirs) = (folder.path().join("own"), folder.path().join("theirs"));
    let search = Search::open(&own).unwrap();
    let began = Instant::now();
    build(&search);
    println!("{ENTRIES} entries, our analyser: {:.1?}, {}", began.elapsed(), size(&own));
    fs::create_dir_all(&theirs).unwrap();
    let began = Instant::now();
    let index = build_theirs(&theirs);
    println!("{ENTRIES} entries, the library's: {:.1?}, {}", began.elapsed(), size(&theirs));
    let reader = index.reader().unwrap();
    let fields = ["title", "text"].map(|name| index.schema().get_field(name).unwrap());
    let parser = tantivy::query::QueryParser::for_index(&index, fields.to_vec());
    for (what, words) in QUERIES {
        let query = Query::parse(words).unwrap();
        for order in [Order::Newest, Order::Best] {
            let began = Instant::now();
            let mut count = 0;
            for _ in 0..ROUNDS {
                let ask = Ask { query: &query, order, limit: 50, after: None };
                count = search.find(&ask).unwrap().count;
            }
            println!("{what}, {}: {:.2?}, {count} found", order.as_str(), began.elapsed() / ROUNDS);
        }
        let theirs = parser.parse_query(words);
        let Ok(theirs) = theirs else { continue };
        let began = Instant::now();
        let mut count = 0;
        for _ in 0..ROUNDS {
            let top = TopDocs::with_limit(50).order_by_score();
            count = reader.searcher().search(&theirs, &(top, Count)).unwrap().1;
        }
        println!("{what}, the library's, best: {:.2?}, {count} found", began.elapsed() / ROUNDS);
    }
}

fn build(search: &Search) {
    let mut keeper = search.keeper().unwrap();
    let source = SourceId::new("bench").unwrap();
    for number in 0..ENTRIES {
        let [title, text] = texts(number);
        let key = number.to_string();
        let identity = Identity { rung: IdentityRung::Guid, key, also: Vec::new() };
        let id = EntryId::of(&source, &identity);
        let entry = Entry {
            content: Some(SafeHtml::vouched(format!("<p>{text}</p>"))),
            ..Entry::titled(identity, PlainText::vouched(title))
        };
        let subject = Subject::new(&entry, &source, "وكالة", None, None);
        let listed_at = Timestamp::from_second(1_795_000_000 + i64::from(number)).unwrap();
        let stamp = u64::from(number);
        keeper.put(&Document { id, listed_at, stamp, subject: &subject }).unwrap();
    }
    keeper.commit().unwrap();
}

fn build_theirs(folder: &Path) -> Index {
    let mut schema = Schema::builder();
    let fields = [schema.add_text_field("title", TEXT), schema.add_text_field("text", TEXT)];
    let listed = schema.add_u64_field("listed", FAST);
    let index = Index::create_in_dir(folder, schema.build()).unwrap();
    let mut writer = index.writer_with_num_threads(1, 15_000_000).unwrap();
    for number in 0..ENTRIES {
        let mut document = TantivyDocument::default();
        for (field, text) in fields.iter().zip(texts(number)) {
            document.add_text(*field, text);
        }
        document.add_u64(listed, u64::from(number));
        writer.add_document(document).unwrap();
    }
    writer.commit().unwrap();
    index
}

/// A title and a text: words as they fall, and now and then a rare one.
fn texts(number: u32) -> [String; 2] {
    let mut random = u64::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        // xorshift64 (Marsaglia 2003)
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        WORDS[usize::try_from(random % WORDS.len() as u64).unwrap()]
    };
    let mut texts = LENGTHS.map(|length| (0..length).map(|_| next()).collect::<Vec<_>>().join(" "));
    if number.is_multiple_of(RARE) {
        let spelling = SPELLINGS[usize::try_from(number / RARE).unwrap() % SPELLINGS.len()];
        texts[0] = format!("{} {spelling}", texts[0]);
    }
    texts
}

fn size(folder: &Path) -> String {
    // A merge that is still under way takes files away.
    let files = fs::read_dir(folder).unwrap().filter_map(|file| file.ok()?.metadata().ok());
    let bytes: u64 = files.map(|file| file.len()).sum();
    format!("{} kB, {} bytes an entry", bytes / 1_000, bytes / u64::from(ENTRIES))
}
