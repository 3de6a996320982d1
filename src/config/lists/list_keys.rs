//! The keys of `[[list]]`: one row per key. Most of them are keys of `[[source]]`, which its sources have in common.

use std::time::Duration;

use crate::config::key_row::{KeyRow, KeyTable, MAX_RULES, TableKind, ValueKind};
use crate::config::site_keys::{MONTH, SECOND};

const HOUR: Duration = Duration::from_hours(1);

/// `[[list]]`: feeds that are listed elsewhere.
pub(in crate::config) static LIST: KeyTable = KeyTable {
    name: "list",
    heading: "[[list]]",
    kind: TableKind::List,
    english: "A list of feeds that is kept elsewhere: OPML, or a text with an address on each line. Its feeds are \
         sources, which come and go with it (`docs/operations.md`). One block for each, at most 50.",
    keys: LIST_KEYS,
};

const LIST_KEYS: &[KeyRow] = &[
    KeyRow {
        name: "url",
        hint: "the address of the list",
        kind: ValueKind::FeedAddress,
        default: "",
        example: "\"https://lists.example/news.opml\"",
        english: "The address of the list: `http`, `https`, or a file of this machine such as \
             `\"file:news.opml\"`. The only key that is required.",
        arabic: "عنوان القائمة: http أو https، أو ملف على هذا الجهاز مثل \"file:news.opml\".",
        hash: None,
    },
    KeyRow {
        name: "id",
        hint: "its permanent name",
        kind: ValueKind::Id,
        default: "",
        example: "\"dawn\"",
        english: "Its permanent name, of at most 32 letters: the ids of its sources begin with it. Without it the id \
             is made of `url`. With another id its sources are new ones.",
        arabic: "اسمها الدائم، 32 حرفًا على الأكثر، وبه تبدأ أسماء مصادرها. إن تُرك صُنع من url. وإن غُيّر صارت \
             مصادرها مصادر جديدة.",
        hash: None,
    },
    KeyRow {
        name: "headers",
        hint: "further headers of the requests for the list",
        kind: ValueKind::Headers,
        default: "",
        example: "{ X-Token = \"secret\" }",
        english: "Further headers of the requests for the list itself, as in `[[source]]`. Its sources are not sent them.",
        arabic: "ترويسات تُرسل مع طلب القائمة نفسها، كما في [[source]]، ولا تُرسل إلى مصادرها.",
        hash: None,
    },
    KeyRow {
        name: "refresh",
        hint: "how often the list is refreshed",
        kind: ValueKind::Duration { low: HOUR, high: MONTH },
        default: "\"1d\"",
        example: "",
        english: "How often the list is refreshed, if its server does not request a longer wait. A file of this \
             machine is refreshed every minute, unless another interval is given.",
        arabic: "المدة بين نظرتين إلى القائمة، ما لم يطلب خادمها أطول منها. أما الملف الذي على هذا الجهاز فيُنظر فيه كل دقيقة \
             إن لم تُذكر غيرها.",
        hash: None,
    },
    KeyRow {
        name: "folders",
        hint: "whether its folders are categories",
        kind: ValueKind::Boolean,
        default: "true",
        example: "",
        english: "Whether the folders of the list are categories of its sources, behind those of `category` and \
             `categories`.",
        arabic: "هل تصير مجلدات القائمة تصنيفات لمصادرها، بعد ما في category وcategories.",
        hash: None,
    },
    KeyRow {
        name: "category",
        hint: "the category of its sources",
        kind: ValueKind::CategoryName,
        default: "",
        example: "\"من غيرنا\"",
        english: "This key and those that follow are settings of all its sources, with the meaning that they have in \
             `[[source]]`. A source of your own with the same address takes the place of the list's.",
        arabic: "هذا المفتاح وما بعده إعدادات لمصادر القائمة كلها، بمعناها في [[source]]. وإن كان في الملف مصدر بالعنوان نفسه \
             فهو المقدَّم.",
        hash: None,
    },
    KeyRow {
        name: "categories",
        hint: "the categories of its sources",
        kind: ValueKind::List { of: &ValueKind::CategoryName, most: Some(20) },
        default: "",
        example: "[\"ثقافة\", \"كتب\"]",
        english: "Several of them.",
        arabic: "",
        hash: None,
    },
    KeyRow {
        name: "language",
        hint: "the language of its sources",
        kind: ValueKind::Language,
        default: "",
        example: "\"ar\"",
        english: "The language of sources of which the list says none.",
        arabic: "لغة ما لا تذكر القائمة لغته.",
        hash: None,
    },
    KeyRow {
        name: "timezone",
        hint: "the time zone of dates without one",
        kind: ValueKind::TimeZone,
        default: "",
        example: "\"Asia/Riyadh\"",
        english: "The time zone of their dates without one.",
        arabic: "",
        hash: None,
    },
    KeyRow {
        name: "full_text",
        hint: "whether the pages of their entries are read",
        kind: ValueKind::Boolean,
        default: "false",
        example: "true",
        english: "Whether the pages of their entries are fetched for their full text.",
        arabic: "",
        hash: None,
    },
    KeyRow {
        name: "every",
        hint: "how often its sources are polled",
        kind: ValueKind::Duration { low: SECOND, high: MONTH },
        default: "",
        example: "\"2h\"",
        english: "The interval between two polls of a source.",
        arabic: "المدة بين تفقّدين لكل مصدر.",
        hash: None,
    },
    KeyRow {
        name: "cap",
        hint: "entries of each source in a merged feed, at most",
        kind: ValueKind::Integer { low: 1, high: 1000 },
        default: "",
        example: "5",
        english: "The number of entries of each source in a feed of several sources, at most.",
        arabic: "أكثر ما يظهر لكل مصدر في خلاصة تجمع مصادر.",
        hash: None,
    },
    KeyRow {
        name: "keep",
        hint: "queries of which one must find an entry",
        kind: ValueKind::List { of: &ValueKind::Query, most: Some(MAX_RULES) },
        default: "",
        example: "[\"كتاب*\"]",
        english: "Queries: only entries that one of them finds are published.",
        arabic: "قواعد ما يظهر من أخبارها.",
        hash: None,
    },
    KeyRow {
        name: "drop",
        hint: "queries of which none may find an entry",
        kind: ValueKind::List { of: &ValueKind::Query, most: Some(MAX_RULES) },
        default: "",
        example: "[\"category:إعلانات\"]",
        english: "Queries: no entry that one of them finds is published.",
        arabic: "",
        hash: None,
    },
    KeyRow {
        name: "push",
        hint: "whether hubs may push its sources",
        kind: ValueKind::Boolean,
        default: "true",
        example: "",
        english: "Whether Rafid may subscribe to them at hubs, where `[websub]` is enabled.",
        arabic: "إن كان false لم يُشترك لها في موزّع.",
        hash: None,
    },
    KeyRow {
        name: "enabled",
        hint: "whether it is refreshed",
        kind: ValueKind::Boolean,
        default: "true",
        example: "",
        english: "Whether it is refreshed. A disabled list has no sources.",
        arabic: "إن كان false بقيت مكتوبة هنا، ولم يكن لها مصادر.",
        hash: None,
    },
];
