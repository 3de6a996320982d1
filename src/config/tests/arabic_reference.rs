//! The rows of the keys → `docs/configuration.ar.md`, compared with the file: the Arabic comments of `feeds.toml` as a
//! page for reference.

use std::fmt::Write;

use super::documents::check_document;
use crate::config::key_row::{KeyRow, KeyTable, ValueKind};
use crate::config::manual::documented_tables;
use crate::config::units;
use crate::model::Finding;

/// What applies to the whole file.
const INTRODUCTION: &str = "\
<div dir=\"rtl\" lang=\"ar\">

# الإعدادات: مفاتيح `feeds.toml` كلها

<!-- Made of the rows of the keys in src/config: `UPDATE_GOLDEN=1 cargo test config::` writes it. -->

[In English](configuration.md)

```toml
[[source]]
url = \"https://news.example/feed\"
name = \"مثال\"
category = \"ثقافة\"
```

## الملف

في `feeds.toml` إعدادات «رافد» وقائمة مصادره، وهو ملف TOML بترميز UTF-8. لا يلزم فيه إلا عنوان المصدر (`url`). والملف المرفق
بالبرنامج يشرح كل مفتاح في موضعه، وما هنا هو الشرح نفسه مرتبًا للرجوع إليه. ويدل `include` على ملفات فيها مصادر أخرى.

يذكر `rafid check` كل خطأ بسطره وعموده، ويضيف `rafid add` مصدرًا. ويعمل البرنامج بالتغيير من غير أن يُعاد تشغيله. فإن كان في الملف
خطأ بقي على الإعدادات السابقة، وذُكر الخطأ في السجل وفي صفحة `/status`.

## موضعه

يُقرأ أول ما يوجد من هذه: الملف الذي يسمّيه `--config` أو `RAFID_CONFIG`، ثم `feeds.toml` في `$CONFIGURATION_DIRECTORY`، ثم في المجلد
الحالي، ثم في `$XDG_CONFIG_HOME/rafid` (أو `~/.config/rafid`)، ثم في `/etc/rafid`.

## القيم

المدة عدد من الثواني، أو صيغة مثل `\"90s\"` و`\"30m\"` و`\"1h30m\"` و`\"2d\"` و`\"1w\"`، أي: ثانية ودقيقة وساعة ويوم وأسبوع. والحجم عدد من
البايتات، أو صيغة مثل `\"64KiB\"` و`\"16MiB\"` و`\"1GiB\"`. أما `KB` و`MB` و`GB` فمن قوى الألف.

## ما يُعيد تنزيل الوثيقة

من المفاتيح ما يحكم تنزيل الوثيقة أو قراءتها، وهو مذكور في شرح كل منها. فإذا تغيّر واحد منها نُزّلت الوثيقة كاملة في الطلب التالي، وقُرئت
بالقيمة الجديدة.
";

/// What a table is for; empty: its heading says it.
fn table_in_arabic(table: &KeyTable) -> &'static str {
    match table.name {
        "top" => "ما يُكتب في أول الملف، فوق الأقسام كلها.",
        "site" => "ما تقوله الخلاصات والصفحات عن نفسها.",
        "polling" => "متى تُتفقّد المصادر، وكيف.",
        "store" => "ما يُحفظ، وأين، وإلى متى.",
        "serve" => "كيف تُنشر الخلاصات والصفحات.",
        "stories" => "كيف تُعرف الأخبار عن حدث واحد.",
        "websub" => "هل تُرسل الموزّعات إشعارًا فوريًا بالجديد، فيصل من غير تفقّد.",
        "source" => "ناشر واحد. لكل مصدر كتلة.",
        "output" => {
            "خلاصة وصفحة لأخبار مختارة، في `/output/<id>/` (وفيه `feed.xml` و`atom.xml` و`feed.json`). لكل واحدة \
             كتلة، وأكثرها مئتان."
        }
        "list" => {
            "قائمة خلاصات محفوظة في مكان آخر: ملف OPML، أو نص في كل سطر منه عنوان. خلاصاتها مصادر تأتي معها وتذهب \
             معها. لكل قائمة كتلة، وأكثرها خمسون."
        }
        "page" => "جدول `page` من المصدر: محدّدات CSS تجد الأخبار في صفحة ليست لها خلاصة.",
        "article" => "جدول `article` من المصدر: محدّدات CSS تجد النص في صفحات أخباره.",
        "secret" => {
            "قيمة في `headers`، أو `proxy`، محفوظة خارج الملف: جدول فيه `env` أو `file` أو `credential` مكان النص."
        }
        _ => "",
    }
}

fn words_in_arabic(words: &[&str]) -> String {
    words.iter().map(|word| format!("`\"{word}\"`")).collect::<Vec<_>>().join(" أو ")
}

fn kind_in_arabic(kind: ValueKind) -> String {
    match kind {
        ValueKind::Boolean => "`true` أو `false`".to_owned(),
        ValueKind::BooleanOrWord(words) => {
            format!("`true` أو `false` أو {}", words_in_arabic(words))
        }
        ValueKind::Word(words) => words_in_arabic(words),
        ValueKind::Integer { low, high } => format!("عدد من {low} إلى {high}"),
        ValueKind::IntegerOrWord { low, high, words } => {
            format!("عدد من {low} إلى {high}، أو {}", words_in_arabic(words))
        }
        ValueKind::Duration { low, high } => {
            let (low, high) = (units::format_duration(low), units::format_duration(high));
            format!("مدة من `{low}` إلى `{high}`")
        }
        ValueKind::DurationOrWord { word, .. } => format!("مدة، أو `\"{word}\"`"),
        ValueKind::Size { low, high } => {
            let (low, high) = (units::format_size(low), units::format_size(high));
            format!("حجم من `{low}` إلى `{high}`")
        }
        ValueKind::Finding => words_in_arabic(&Finding::ALL.map(Finding::as_str)),
        ValueKind::List { of, .. } => format!("قائمة، كل عضو فيها {}", kind_in_arabic(*of)),
        ValueKind::Table(table) => format!("جدول `{}`", table.heading),
        other => plain_kind_in_arabic(other).to_owned(),
    }
}

fn plain_kind_in_arabic(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Line => "سطر من النص",
        ValueKind::HeaderValue => "سطر بحروف ASCII",
        ValueKind::WebAddress | ValueKind::FeedAddress => "عنوان",
        ValueKind::Proxy => "عنوان وكيل (proxy)",
        ValueKind::Listen => "عنوان IP ومنفذ",
        ValueKind::HostPort => "مضيف ومنفذ",
        ValueKind::Contact => "بريد إلكتروني أو عنوان صفحة",
        ValueKind::Language => "رمز لغة",
        ValueKind::Charset => "اسم ترميز",
        ValueKind::TimeZone => "اسم توقيت أو فرق ثابت",
        ValueKind::Clock => "كلمة أو فرق ثابت",
        ValueKind::Id => "حروف لاتينية صغيرة وأرقام بينها شرطات، 64 على الأكثر",
        ValueKind::SourceReference => "معرّف مصدر",
        ValueKind::CategoryName => "اسم تصنيف",
        ValueKind::FilePattern => "مسار ملف، وقد تكون في اسمه `*` أو `?`",
        ValueKind::Query => "عبارة بحث",
        ValueKind::Selector { .. } => "محدّد CSS",
        ValueKind::User => "سطر يطبعه الأمر `rafid passwd`",
        ValueKind::Headers => "جدول: اسم الترويسة وقيمتها",
        ValueKind::HeaderSecret => "نص، أو جدول يدل على موضعه",
        _ => "نص",
    }
}

fn value_in_arabic(row: &KeyRow) -> String {
    let kind = kind_in_arabic(row.kind);
    match (row.default, row.example) {
        ("", example) => format!("{kind}. مثال: `{example}`"),
        (default, _) => format!("{kind}. الافتراضي: `{default}`"),
    }
}

/// The comment of a key. `before` is the last key with a comment of its own, which may cover this one.
fn meaning_in_arabic(row: &KeyRow, before: &str) -> String {
    let effect =
        if row.hash.is_some() { " تغييره يعيد تنزيل الوثيقة." } else { "" };
    match row.arabic {
        "" => format!("شرحه مع `{before}`.{effect}"),
        arabic => format!("{}{effect}", arabic.replace('*', "\\*")),
    }
}

#[test]
fn the_arabic_reference_is_made_of_the_rows() {
    let mut page = INTRODUCTION.to_owned();
    for table in documented_tables() {
        write!(page, "\n## `{}`\n\n", table.heading).unwrap();
        let description = table_in_arabic(table);
        if !description.is_empty() {
            write!(page, "{description}\n\n").unwrap();
        }
        page.push_str("| المفتاح | القيمة | المعنى |\n| --- | --- | --- |\n");
        let mut before = "";
        for row in table.keys {
            let cell = |text: String| text.replace('|', "\\|");
            let (value, meaning) = (value_in_arabic(row), meaning_in_arabic(row, before));
            if !row.arabic.is_empty() {
                before = row.name;
            }
            writeln!(page, "| `{}` | {} | {} |", row.name, cell(value), cell(meaning)).unwrap();
        }
    }
    page.push_str("\n</div>\n");
    check_document("docs/configuration.ar.md", &page);
}
