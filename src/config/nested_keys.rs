//! The keys of the tables within a source, and of a secret that is kept elsewhere: one row per key.

use super::key_row::{KeyRow, KeyTable, TableKind, ValueKind};

/// `[source.page]`: the selectors of a page without a feed.
pub(super) static PAGE: KeyTable = KeyTable {
    name: "page",
    heading: "[source.page]",
    kind: TableKind::WithinSource,
    english: "The table `page` of a source: CSS selectors that find entries in a page without a feed.",
    keys: PAGE_KEYS,
};

const PAGE_KEYS: &[KeyRow] = &[
    KeyRow {
        name: "entry",
        hint: "the elements that are entries",
        kind: ValueKind::Selector { example: "article h2 a" },
        default: "",
        example: "\"article\"",
        english: "The elements that are entries. Required.",
        arabic: "العناصر التي كل منها خبر. لا بد منه.",
        hash: None,
    },
    KeyRow {
        name: "title",
        hint: "the title in an entry",
        kind: ValueKind::Selector { example: "article h2 a" },
        default: "",
        example: "\"h2\"",
        english: "The title within an entry.",
        arabic: "عنوان الخبر داخل عنصره.",
        hash: None,
    },
    KeyRow {
        name: "link",
        hint: "the link in an entry",
        kind: ValueKind::Selector { example: "article h2 a" },
        default: "",
        example: "\"a\"",
        english: "The link within an entry.",
        arabic: "رابط الخبر داخل عنصره.",
        hash: None,
    },
    KeyRow {
        name: "date",
        hint: "the date in an entry",
        kind: ValueKind::Selector { example: "article h2 a" },
        default: "",
        example: "\"time\"",
        english: "The date within an entry.",
        arabic: "تاريخ الخبر داخل عنصره.",
        hash: None,
    },
    KeyRow {
        name: "summary",
        hint: "the short text in an entry",
        kind: ValueKind::Selector { example: "article h2 a" },
        default: "",
        example: "\"p\"",
        english: "The short text within an entry.",
        arabic: "ملخص الخبر داخل عنصره.",
        hash: None,
    },
    KeyRow {
        name: "image",
        hint: "the picture in an entry",
        kind: ValueKind::Selector { example: "article h2 a" },
        default: "",
        example: "\"img\"",
        english: "The picture within an entry.",
        arabic: "صورة الخبر داخل عنصره.",
        hash: None,
    },
];

/// `[source.article]`: the selectors of the pages of articles.
pub(super) static ARTICLE: KeyTable = KeyTable {
    name: "article",
    heading: "[source.article]",
    kind: TableKind::WithinSource,
    english: "The table `article` of a source: CSS selectors that find the text in the pages of its \
         entries.",
    keys: ARTICLE_KEYS,
};

const ARTICLE_KEYS: &[KeyRow] = &[
    KeyRow {
        name: "keep",
        hint: "the elements that hold the article",
        kind: ValueKind::Selector { example: ".story p" },
        default: "",
        example: "\".story\"",
        english: "The elements that hold the article.",
        arabic: "العناصر التي فيها نص الخبر.",
        hash: None,
    },
    KeyRow {
        name: "drop",
        hint: "elements that are no part of it",
        kind: ValueKind::Selector { example: ".story p" },
        default: "",
        example: "\".ad, .more\"",
        english: "Elements within them that are no part of the article.",
        arabic: "ما يُترك منها.",
        hash: None,
    },
];

/// `{ env = "…" }`: where a value is kept that is not in the file.
pub(super) static SECRET: KeyTable = KeyTable {
    name: "secret",
    heading: "{ env = \"…\" }",
    kind: TableKind::Inline,
    english: "A value of `headers`, and `proxy`, can be kept outside of the file: a table with one of \
         `env`, `file` and `credential` takes the place of the string.",
    keys: SECRET_KEYS,
};

const SECRET_KEYS: &[KeyRow] = &[
    KeyRow {
        name: "env",
        hint: "the variable of the environment that holds it",
        kind: ValueKind::Line,
        default: "",
        example: "\"TOKEN\"",
        english: "The environment variable that holds the value.",
        arabic: "متغير البيئة الذي فيه القيمة.",
        hash: None,
    },
    KeyRow {
        name: "file",
        hint: "the file that holds it",
        kind: ValueKind::Line,
        default: "",
        example: "\"token\"",
        english: "The file that holds the value, beside `feeds.toml` or by its whole path. One line \
             break at its end is left out.",
        arabic: "الملف الذي فيه القيمة.",
        hash: None,
    },
    KeyRow {
        name: "credential",
        hint: "the credential of systemd that holds it",
        kind: ValueKind::Line,
        default: "",
        example: "\"token\"",
        english: "The systemd credential that holds the value (`LoadCredential=`).",
        arabic: "اسمها عند systemd.",
        hash: None,
    },
    KeyRow {
        name: "prefix",
        hint: "what stands before it, such as \"Bearer \"",
        kind: ValueKind::Verbatim,
        default: "",
        example: "\"Bearer \"",
        english: "What is sent before the value.",
        arabic: "ما يُكتب قبل القيمة.",
        hash: None,
    },
];
