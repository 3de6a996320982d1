//! The keys of `[serve]`, `[stories]`, `[websub]` and `[[output]]`: one row per key.

use super::key_row::{KeyRow, KeyTable, MAX_RULES, STORY_WORDS, TableKind, ValueKind};

/// `[serve]`: how outputs are published.
pub(super) static SERVE: KeyTable = KeyTable {
    name: "serve",
    heading: "[serve]",
    kind: TableKind::Section,
    english: "How feeds and pages are published.",
    keys: SERVE_KEYS,
};

const SERVE_KEYS: &[KeyRow] = &[
    KeyRow {
        name: "listen",
        hint: "where connections are taken",
        kind: ValueKind::Listen,
        default: "\"127.0.0.1:8080\"",
        example: "",
        english: "The address and port where readers connect. The default is this machine alone; \
             `\"0.0.0.0:8080\"` is every network.",
        arabic: "العنوان والمنفذ اللذان يُستقبل عليهما القرّاء. المبدئي لهذا الجهاز وحده، \
             و\"0.0.0.0:8080\" لكل شبكة.",
        hash: None,
    },
    KeyRow {
        name: "entries",
        hint: "entries of a feed",
        kind: ValueKind::Integer { low: 1, high: 1000 },
        default: "100",
        example: "",
        english: "The number of entries in a feed.",
        arabic: "عدد الأخبار في الخلاصة: من 1 إلى 1000.",
        hash: None,
    },
    KeyRow {
        name: "page_entries",
        hint: "entries of a page",
        kind: ValueKind::Integer { low: 1, high: 200 },
        default: "40",
        example: "",
        english: "The number of entries on a page.",
        arabic: "عدد الأخبار في الصفحة: من 1 إلى 200.",
        hash: None,
    },
    KeyRow {
        name: "per_source",
        hint: "how much of a merged feed one source may have",
        kind: ValueKind::IntegerOrWord { low: 1, high: 1000, words: &["share", "any"] },
        default: "\"share\"",
        example: "20",
        english: "How much of an output of several sources one of them may fill. `\"share\"`: a third \
             of a feed while others have entries of the same day, and whatever stays empty; pages \
             have no limit. A number: at most that many in a feed and on a page. `\"any\"`: no \
             limit.",
        arabic: "نصيب المصدر الواحد مما يجمع مصادر، فلا يغلب المكثر غيره. المبدئي \"share\": ثلث \
             الخلاصة ما دام لغيره خبر من اليوم نفسه، وله ما يبقى منها خاليًا، أما الصفحات فلا حد \
             فيها لأنها تُقلَّب. وعدد من 1 إلى 1000: لا يزيد عليه في خلاصة ولا صفحة. و\"any\": لا \
             حد.",
        hash: None,
    },
    KeyRow {
        name: "content",
        hint: "how much of an entry is given",
        kind: ValueKind::Word(&["summary", "full"]),
        default: "\"summary\"",
        example: "",
        english: "How much of an entry is published: `\"summary\"` is a short text by the publisher, \
             `\"full\"` all that its feed holds. Most publishers do not permit to publish their \
             full text again.",
        arabic: "ما يُنشر من الخبر: \"summary\" أي ملخص الناشر مختصرًا، أو \"full\" أي كل ما في \
             خلاصته. حقوق الأخبار لأصحابها، وأكثرهم لا يأذن بإعادة نشر النص الكامل.",
        hash: None,
    },
    KeyRow {
        name: "stories",
        hint: "how one event that several entries report is shown",
        kind: ValueKind::Word(STORY_WORDS),
        default: "\"collapse\"",
        example: "",
        english: "How outputs of several sources show one event that several of them report. \
             `\"collapse\"`: once, with links to the others; `\"related\"`: every version, each \
             with links to the others; `\"off\"`: stories are ignored. The feed of one source \
             always stays whole, and every event has a page (`docs/stories.md`).",
        arabic: "الخبر الواحد إذا روته مصادر عدة، في كل ما يجمع مصادر: \"collapse\" يظهر مرة واحدة \
             برواية من سبق، وتُذكر معه بقية الرواة، و\"related\" تظهر الروايات كلها ويُذكر مع \
             كلٍّ سائرها، و\"off\" لا يُنظر في ذلك. وفي كل حال تبقى لكل مصدر خلاصته كاملة، ولكل \
             حدث صفحة تجمع رواياته. الشرح في docs/stories.md.",
        hash: None,
    },
    KeyRow {
        name: "search",
        hint: "whether entries can be searched for",
        kind: ValueKind::Boolean,
        default: "true",
        example: "",
        english: "Whether titles, summaries and texts can be searched (`/search`, `rafid search`). It \
             needs an index on disk beside the store and about 15 MB of memory. A change takes \
             effect at the next start.",
        arabic: "البحث في العناوين والملخصات والنصوص (/search والأمر rafid search). يحتاج إلى فهرس \
             على القرص بجوار المخزن ونحو 15 ميغابايت من الذاكرة؛ ويسري تغييره عند التشغيل التالي.",
        hash: None,
    },
    KeyRow {
        name: "keep",
        hint: "queries of which one must find an entry of a merged output",
        kind: ValueKind::List { of: &ValueKind::Query, most: Some(MAX_RULES) },
        default: "[]",
        example: "",
        english: "Queries: outputs of several sources hold only entries that one of them finds. Words \
             match in every spelling; `title:رياضة` searches the title alone, quotes a phrase, \
             `-` excludes, `/…/` is a regular expression (`docs/filters.md`).",
        arabic: "قواعد ما يظهر في كل ما يجمع مصادر: keep لا يُبقي إلا ما تجده واحدة من عباراته، وdrop \
             يُسقط ما تجده واحدة منها، فإذا اختلفا غلب drop. العبارة كلمات يُبحث عنها كيفما \
             كُتبت: همزة أو بغيرها، بالتعريف أو من غيره. \"title:رياضة\" في العنوان وحده، \
             و\"\\\"دوري الأبطال\\\"\" بهذا الترتيب، و\"كرة -سلة\" الأولى من غير الثانية، \
             و\"/\\\\bF1\\\\b/\" تعبير نمطي. الشرح في docs/filters.md، والتجربة: rafid filter \
             --drop \"رياضة\" --explain",
        hash: None,
    },
    KeyRow {
        name: "drop",
        hint: "queries of which none may find an entry of a merged output",
        kind: ValueKind::List { of: &ValueKind::Query, most: Some(MAX_RULES) },
        default: "[]",
        example: "",
        english: "Queries: outputs of several sources hold no entry that one of them finds. `drop` \
             wins over `keep`. Try it with `rafid filter --drop \"رياضة\" --explain`.",
        arabic: "",
        hash: None,
    },
];

/// `[stories]`: how entries about one event are found.
pub(super) static STORIES: KeyTable = KeyTable {
    name: "stories",
    heading: "[stories]",
    kind: TableKind::Section,
    english: "How entries about one event are found (`docs/stories.md`). How they are shown is \
         `stories` of `[serve]`.",
    keys: &[KeyRow {
        name: "vectors",
        hint: "the file of word vectors that stories are found with",
        kind: ValueKind::Line,
        default: "",
        example: "\"story-vectors.bin\"",
        english: "The file of word vectors that stories are found with. A relative path begins at the \
             folder of `feeds.toml`. Without it: the vectors that are part of the program. \
             `\"off\"`: words are compared without vectors. A change takes effect at the next \
             start.",
        arabic: "ملف متجهات الكلمات الذي تُعرف به الأخبار عن حدث واحد وإن اختلفت ألفاظها. المسار غير \
             المطلق يبدأ من مجلد هذا الملف. والافتراضي المتجهات المضمّنة في البرنامج، و\"off\" \
             تُقارن الكلمات بلا متجهات. يسري التغيير عند التشغيل التالي. الشرح في \
             docs/stories.md.",
        hash: None,
    }],
};

/// `[websub]`: whether hubs may push.
pub(super) static WEBSUB: KeyTable = KeyTable {
    name: "websub",
    heading: "[websub]",
    kind: TableKind::Section,
    english: "Whether hubs may push entries, so that they arrive without a poll.",
    keys: WEBSUB_KEYS,
};

const WEBSUB_KEYS: &[KeyRow] = &[
    KeyRow {
        name: "enabled",
        hint: "whether hubs may push",
        kind: ValueKind::Boolean,
        default: "false",
        example: "",
        english: "Whether Rafid subscribes at the hub that a source names. The hub then pushes entries \
             when they are published, and the source is polled less often. It needs a public \
             address (`docs/websub.md`).",
        arabic: "إن كان true اشتُرك في الموزّع الذي يسمّيه المصدر، فيدفع الموزّعُ الخبر ساعة نشره، \
             ويقلّ سؤال المصدر ما دام الدفع يأتي. يلزمه عنوان علني يصل منه الموزّع إلى هذا \
             البرنامج. الشرح في docs/websub.md.",
        hash: None,
    },
    KeyRow {
        name: "callback",
        hint: "the public base address for hubs",
        kind: ValueKind::WebAddress,
        default: "",
        example: "\"https://news.example/\"",
        english: "The public base address that hubs call. Without it: `address` of `[site]`.",
        arabic: "ذلك العنوان العلني، يبدأ بـ http أو https. المبدئي: address من قسم [site].",
        hash: None,
    },
];

/// `[[output]]`: an output with a name of its own.
pub(super) static OUTPUT: KeyTable = KeyTable {
    name: "output",
    heading: "[[output]]",
    kind: TableKind::List,
    english: "A feed and a page of their own for a choice of entries, at `/output/<id>/` (`feed.xml`, \
         `atom.xml`, `feed.json`). One block for each, at most 200.",
    keys: OUTPUT_KEYS,
};

const OUTPUT_KEYS: &[KeyRow] = &[
    KeyRow {
        name: "id",
        hint: "its name in the address",
        kind: ValueKind::Id,
        default: "",
        example: "\"kutub\"",
        english: "Its name in the address `/output/<id>/`. Without it the id is made of `name`.",
        arabic: "اسمها في العنوان. إن تُرك صُنع من name.",
        hash: None,
    },
    KeyRow {
        name: "name",
        hint: "the name to show",
        kind: ValueKind::Line,
        default: "",
        example: "\"كتب ومكتبات\"",
        english: "The name to show. Required, unless `id` is given.",
        arabic: "الاسم الظاهر.",
        hash: None,
    },
    KeyRow {
        name: "query",
        hint: "what its entries are found by",
        kind: ValueKind::Query,
        default: "",
        example: "\"كتاب أو مكتبة -مدرسي\"",
        english: "What its entries are found by, in the syntax of `keep` and `drop`.",
        arabic: "ما يُبحث عنه، بقواعد الكتابة التي في keep وdrop.",
        hash: None,
    },
    KeyRow {
        name: "categories",
        hint: "the categories whose sources it has",
        kind: ValueKind::List { of: &ValueKind::CategoryName, most: None },
        default: "",
        example: "[\"ثقافة\"]",
        english: "The categories whose sources it has, beside those in `sources`.",
        arabic: "أخبار مصادر هذه التصنيفات وحدها.",
        hash: None,
    },
    KeyRow {
        name: "sources",
        hint: "the ids of the sources it has",
        kind: ValueKind::List { of: &ValueKind::SourceReference, most: None },
        default: "",
        example: "[\"news-example\"]",
        english: "The ids of the sources it has, beside those in `categories`. Without both keys it \
             has all sources.",
        arabic: "وهذه المصادر، بأسمائها الدائمة. إن ترك الاثنان فالأخبار من المصادر كلها.",
        hash: None,
    },
    KeyRow {
        name: "languages",
        hint: "the languages of its entries",
        kind: ValueKind::List { of: &ValueKind::Language, most: None },
        default: "",
        example: "[\"ar\"]",
        english: "Only entries in these languages. Without it: in any.",
        arabic: "لغات الأخبار. إن تُركت فكل لغة.",
        hash: None,
    },
    KeyRow {
        name: "entries",
        hint: "entries of its feed, at most",
        kind: ValueKind::Integer { low: 1, high: 1000 },
        default: "",
        example: "50",
        english: "The number of entries in its feed. Without it: `entries` of `[serve]`.",
        arabic: "عدد الأخبار في خلاصتها. المبدئي: entries من قسم [serve].",
        hash: None,
    },
    KeyRow {
        name: "stories",
        hint: "how one event that several entries report is shown",
        kind: ValueKind::Word(STORY_WORDS),
        default: "",
        example: "\"off\"",
        english: "How it shows one event that several sources report. Without it: `stories` of \
             `[serve]`.",
        arabic: "ما يُصنع بالخبر الذي روته مصادر عدة. المبدئي: stories من قسم [serve].",
        hash: None,
    },
    KeyRow {
        name: "keep",
        hint: "queries of which one must find an entry",
        kind: ValueKind::List { of: &ValueKind::Query, most: Some(MAX_RULES) },
        default: "",
        example: "[\"كتاب*\"]",
        english: "Queries: only entries that one of them finds, beside the rules of `[serve]`.",
        arabic: "قواعد أخرى فوق التي في [serve].",
        hash: None,
    },
    KeyRow {
        name: "drop",
        hint: "queries of which none may find an entry",
        kind: ValueKind::List { of: &ValueKind::Query, most: Some(MAX_RULES) },
        default: "",
        example: "[\"category:إعلانات\"]",
        english: "Queries: no entry that one of them finds, beside the rules of `[serve]`.",
        arabic: "",
        hash: None,
    },
];
