//! Values that are stored, published or compared across versions → the digests that earlier versions wrote.
//! If a row changes, an upgrade renames entries and feeds, or requests every document again.

use std::fs;

use rafid::config;
use rafid::decide::{content_hash, identity_match};
use rafid::health::duplicate_feeds;
use rafid::http::rendition_hash;
use rafid::model::{EntryId, SiteName, SourceId};
use rafid::poller::settings;
use rafid_feed::model::{Document, Identity, IdentityKind, ReadHints};
use rafid_feed::pipeline;

const FEED: &str = "<rss version='2.0'><channel><title>سنديان</title><link>https://sindiyan.example/</link>
<item><guid>a-1</guid><link>https://sindiyan.example/1</link><title>افتتاح مكتبة المدينة بعد ترميمها</title>
<category>محليات</category><author>ليلى</author><description>&lt;p&gt;نص الخبر&lt;/p&gt;</description>
<enclosure url='https://sindiyan.example/1.mp3' type='audio/mpeg'/>
<pubDate>Mon, 23 Nov 2026 10:00:00 GMT</pubDate></item>
<item><title>عنوان بلا رابط ولا معرف هنا</title><pubDate>Mon, 23 Nov 2026 09:00:00 GMT</pubDate></item>
<item><description>لا عنوان</description></item></channel></rss>";

const CONFIG: &str =
    "[[source]]\nid = \"a\"\nurl = \"https://sindiyan.example/rss\"\nlanguage = \"ar\"
headers = { \"X-Key\" = \"1\" }\n[[source]]\nurl = \"https://sindiyan.example/LONG\"\n";

#[test]
fn digests_do_not_change() {
    let mut rows: Vec<(String, String)> = Vec::new();
    let mut row = |name: &str, value: String| rows.push((name.to_owned(), value));
    let source = SourceId::new("sindiyan").unwrap();
    let also = vec!["link:sindiyan.example/1".to_owned(), "title:x".to_owned()];
    let identity = Identity { kind: IdentityKind::Guid, key: "a-1".to_owned(), weaker_names: also };
    row("entry id", EntryId::for_identity(&source, &identity).to_urn());
    row("fingerprints", format!("{:x?}", identity_match::fingerprints_of(&identity)));
    row("article mark", format!("{:x}", duplicate_feeds::article_key(&identity)));
    row("feed id", SiteName::from_address("https://sindiyan.example/").id_of("atom.xml"));
    row("rendition", rendition_hash("نص"));
    let document = Document { bytes: FEED.into(), ..Document::default() };
    let feed = pipeline::read_feed(&document, ReadHints::default()).unwrap().feed;
    for entry in &feed.entries {
        row("key", entry.identity.key.clone());
        row("also", entry.identity.weaker_names.join(" "));
        row("content", format!("{:x}", content_hash::content_hash(entry)));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("feeds.toml");
    fs::write(&path, CONFIG.replace("LONG", &"x/".repeat(80))).unwrap();
    let mut config = config::load(&path).unwrap();
    for source in &config.sources {
        let hash = config.source_hash(source).map(|byte| format!("{byte:02x}")).concat();
        row("source", format!("{} {hash}", source.id));
    }
    config.path = "/etc/rafid/feeds.toml".into();
    config.store.path = "/var/lib/rafid".into();
    let instance = settings::instance_status(&config);
    row("instance", format!("{} {}", instance.configuration, instance.store));
    let rows: Vec<(&str, &str)> = rows.iter().map(|(name, value)| (&**name, &**value)).collect();
    assert_eq!(rows, EXPECTED);
}

const EXPECTED: [(&str, &str); 17] = [
    ("entry id", "urn:uuid:d525a74b-83bf-874a-b726-20df318f2e56"),
    ("fingerprints", "[4c60550f4effa045, f318bffec622088a, cbfcb0bf40ff00c0]"),
    ("article mark", "e7326fc4b5ac3f37"),
    ("feed id", "urn:uuid:549a66be-8ea0-87fc-a6cb-6e7770f7f6e3"),
    ("rendition", "11179b9cc16783286de0afc7534fe842"),
    ("key", "sindiyan.example/1"),
    ("also", "link:sindiyan.example/1 title:6f1294442d87eb634e01fce56761e827 2026-11-23"),
    ("content", "cb19e95135bb2f7f"),
    ("key", "d183865ce168e570c2b001f24f95d667 2026-11-23T09:00:00Z"),
    ("also", "title:d183865ce168e570c2b001f24f95d667 2026-11-23"),
    ("content", "77e190ed2de15bf9"),
    ("key", "ef290071111e58e0d61f5b49df630149"),
    ("also", ""),
    ("content", "2699fdfeb3b3a09f"),
    ("source", "a f70a464d7bd2e5c3d283cf6a45d396e9"),
    (
        "source",
        "sindiyan-example-x-x-x-x-x-x-x-x-x-x-x-x-x-x-x-x-x-x-x-dfa05604 c8db314fac9da7c991d7dc035aba43ee",
    ),
    ("instance", "5c3656450350971f d8511bc0f8f05b7a"),
];
