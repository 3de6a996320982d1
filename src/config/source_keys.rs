//! The keys of `[[source]]`: one row per key, with what each adds to the hash of the source.

use rafid_feed::model::{ClockSetting, Language, PageSelectors};

use super::hash_part::{HashPart, HashedSource, SourceDigest};
use super::key_row::{KeyRow, KeyTable, MAX_RULES, TableKind, ValueKind};
use super::nested_keys::{ARTICLE, PAGE};
use super::site_keys::{MONTH, SECOND};

/// `[[source]]`: a publisher.
pub(super) static SOURCE: KeyTable = KeyTable {
    name: "source",
    heading: "[[source]]",
    kind: TableKind::List,
    english: "A publisher. One block for each.",
    keys: SOURCE_KEYS,
};

const SOURCE_KEYS: &[KeyRow] = &[
    KeyRow {
        name: "url",
        hint: "the address of the feed",
        kind: ValueKind::FeedAddress,
        default: "",
        example: "\"https://news.example/feed\"",
        english: "The address of the feed: `http`, `https`, or a file of this machine such as \
             `\"file:feed.xml\"`. The only key that is required.",
        arabic: "عنوان الخلاصة: http أو https، أو ملف على هذا الجهاز مثل \"file:feed.xml\".",
        hash: Some(HashPart {
            order: 0,
            add: |hashed, digest| digest.add(Some(&hashed.source.location.to_string())),
        }),
    },
    KeyRow {
        name: "public_url",
        hint: "the address that is published instead of `url`",
        kind: ValueKind::WebAddress,
        default: "",
        example: "\"https://news.example/feed\"",
        english: "The address that is published instead of `url`. Without it feeds, the list of \
             sources (OPML) and the status page show `url` without its user name, its password \
             and parameters that look like secrets (`token`, `key`, `password` …).",
        arabic: "عنوانه المنشور: تذكر الخلاصات وقائمة المصادر (OPML) وصفحة الحالة عنوان كل مصدر، بعد \
             حذف ما يشبه الأسرار منه (token وkey وpassword وما شابهها، واسم المستخدم وكلمة مروره). \
             وهذا يُنشر مكانه:",
        hash: None,
    },
    KeyRow {
        name: "private",
        hint: "whether no address of it is published",
        kind: ValueKind::Boolean,
        default: "false",
        example: "",
        english: "Whether no address of the source is published: it is left out of the list of sources \
             and needs an `id`. Its entries are published like others.",
        arabic: "إن كان true لم يُنشر له عنوان البتة، ولم يُذكر في قائمة المصادر، ووجب أن يكون له id. \
             أخباره تُنشر كغيرها.",
        hash: None,
    },
    KeyRow {
        name: "id",
        hint: "its permanent name",
        kind: ValueKind::Id,
        default: "",
        example: "\"news-example\"",
        english: "Its permanent name in links and in the store. Without it the id is made of `url`. A \
             source with another id is a new source.",
        arabic: "اسمه الدائم في الروابط وفي المخزن: حروف صغيرة وأرقام وشرطات. إن تُرك صُنع من url. \
             ومن غيّره بعد حين فكأنه أضاف مصدرًا جديدًا.",
        hash: None,
    },
    KeyRow {
        name: "name",
        hint: "the name to show",
        kind: ValueKind::Line,
        default: "",
        example: "\"مثال\"",
        english: "The name to show. Without it: the name that the publisher gives itself.",
        arabic: "الاسم الظاهر. إن تُرك ظهر ما يسمّي به الناشر نفسه.",
        hash: None,
    },
    KeyRow {
        name: "category",
        hint: "the category it belongs to",
        kind: ValueKind::CategoryName,
        default: "",
        example: "\"ثقافة\"",
        english: "Its category. Every category has a feed and a page.",
        arabic: "تصنيفه. لكل تصنيف خلاصة وصفحة.",
        hash: None,
    },
    KeyRow {
        name: "categories",
        hint: "the categories it belongs to, where it is more than one",
        kind: ValueKind::List { of: &ValueKind::CategoryName, most: Some(20) },
        default: "",
        example: "[\"ثقافة\", \"كتب\"]",
        english: "Its categories where it has more than one: its entries are in the feed of each.",
        arabic: "تصنيفاته إن كانت أكثر من واحد: تظهر أخباره في خلاصة كل منها.",
        hash: None,
    },
    KeyRow {
        name: "site",
        hint: "the publisher's page",
        kind: ValueKind::WebAddress,
        default: "",
        example: "\"https://news.example/\"",
        english: "The home page of the publisher.",
        arabic: "صفحة الناشر.",
        hash: None,
    },
    KeyRow {
        name: "language",
        hint: "the language of its entries",
        kind: ValueKind::Language,
        default: "",
        example: "\"ar\"",
        english: "The language of its entries that do not name one.",
        arabic: "لغة أخباره إن لم يذكرها.",
        hash: Some(HashPart {
            order: 2,
            add: |hashed, digest| {
                digest.add(hashed.source.language.as_ref().map(Language::as_str));
            },
        }),
    },
    KeyRow {
        name: "charset",
        hint: "its charset, whatever it says",
        kind: ValueKind::Charset,
        default: "",
        example: "\"windows-1256\"",
        english: "The charset of its documents, whatever they declare.",
        arabic: "ترميز حروفه، إن كان يذكره خطأ.",
        hash: Some(HashPart {
            order: 1,
            add: |hashed, digest| digest.add(hashed.source.charset.as_deref()),
        }),
    },
    KeyRow {
        name: "timezone",
        hint: "the zone of its dates that name none",
        kind: ValueKind::TimeZone,
        default: "",
        example: "\"Asia/Riyadh\"",
        english: "The time zone of its dates that do not name one.",
        arabic: "التوقيت الذي تُفهم به تواريخه إن خلت من ذكره: اسم مثل \"Africa/Cairo\"، أو فرق مثل \
             \"+03:00\".",
        hash: Some(HashPart {
            order: 3,
            add: |hashed, digest| digest.add(hashed.source.timezone.as_deref()),
        }),
    },
    KeyRow {
        name: "clock",
        hint: "whether its clock is believed",
        kind: ValueKind::Clock,
        default: "\"auto\"",
        example: "",
        english: "Whether its clock is believed. `\"auto\"`: it is watched, a difference of whole \
             hours is reported, and dates are corrected after much evidence. `\"trust\"`: dates \
             are never corrected. `\"wall\"`: the offsets in its dates are wrong, the times are \
             those of `timezone`. `\"+02:00\"` or `\"-3h\"`: how far the clock is ahead or behind \
             (`docs/clocks.md`).",
        arabic: "ساعته. \"auto\": تُراقَب، ويُنبَّه عليها إن اختلّت بساعات تامة، ثم تُعدَّل تواريخه \
             بعد أدلة كثيرة. \"trust\": لا تُعدَّل أبدًا. \"wall\": ما يذكره من فرق التوقيت خطأ، \
             والساعة المكتوبة بتوقيت timezone. \"+02:00\" أو \"-3h\": مقدار تقدّمها أو تأخّرها. \
             الشرح في docs/clocks.md.",
        hash: Some(HashPart { order: 6, add: add_clock }),
    },
    KeyRow {
        name: "page",
        hint: "where entries stand in a page without a feed",
        kind: ValueKind::Table(&PAGE),
        default: "",
        example: "{ entry = \"article\", title = \"h2\", date = \"time\", summary = \"p\" }",
        english: "Where the entries are in a page that has no feed: CSS selectors, in one line or as a \
             table `[source.page]` after the other keys (`docs/page-sources.md`).",
        arabic: "إن كان url صفحةً لا خلاصة لها: مواضع الأخبار فيها بمحددات CSS. يُكتب في سطر كهذا، أو \
             في جدول [source.page] بعد المفاتيح الأخرى. الشرح والمثال في docs/page-sources.md.",
        hash: Some(HashPart { order: 5, add: add_page }),
    },
    KeyRow {
        name: "full_text",
        hint: "whether its articles' pages are fetched",
        kind: ValueKind::Boolean,
        default: "false",
        example: "",
        english: "Whether the page of every new entry is fetched for its full text, where `robots.txt` \
             allows it. The text serves search and the operator; `content` of `[serve]` decides \
             what is published of it. The rights stay with the publisher (`docs/articles.md`).",
        arabic: "إن كان true جُلبت صفحة كل خبر جديد وأُخذ منها نصه الكامل، بعد استئذان robots.txt في \
             موقع الناشر. يُحفظ للبحث ولقراءتك، ولا يُنشر منه إلا ما يقضي به content في [serve]. \
             حقوق النصوص لأصحابها، فلا تفعّله إلا حيث يحق لك ذلك. الشرح في docs/articles.md.",
        hash: None,
    },
    KeyRow {
        name: "article",
        hint: "where the text stands in those pages",
        kind: ValueKind::Table(&ARTICLE),
        default: "",
        example: "{ keep = \".story\", drop = \".ad, .more\" }",
        english: "Where the text is in those pages if it is not found by itself: CSS selectors, in one \
             line or as a table `[source.article]` after the other keys.",
        arabic: "حيث لا يُعرف موضع النص في تلك الصفحات من نفسه: ما يُؤخذ منها (keep) وما يُترك (drop) \
             بمحددات CSS. في سطر كهذا، أو في جدول [source.article] بعد المفاتيح الأخرى.",
        hash: None,
    },
    KeyRow {
        name: "every",
        hint: "how often it is polled",
        kind: ValueKind::Duration { low: SECOND, high: MONTH },
        default: "",
        example: "\"1h\"",
        english: "An interval of its own between two polls. A file of this machine is read every \
             minute without it.",
        arabic: "مدة خاصة به بين تفقّدين. أما الملف الذي على هذا الجهاز فيُقرأ كل دقيقة إن لم يُذكر \
             غيرها.",
        hash: None,
    },
    KeyRow {
        name: "user_agent",
        hint: "the name that this publisher sees",
        kind: ValueKind::HeaderValue,
        default: "",
        example: "\"MyReader/1.0\"",
        english: "The `User-Agent` that this publisher sees.",
        arabic: "اسم البرنامج كما يراه هذا الناشر.",
        hash: Some(HashPart { order: 4, add: |hashed, digest| digest.add(hashed.user_agent) }),
    },
    KeyRow {
        name: "headers",
        hint: "further headers of its polls",
        kind: ValueKind::Headers,
        default: "",
        example: "{ X-Token = \"secret\" }",
        english: "Further headers of its requests. Their values are never printed, and can be kept \
             elsewhere (see `{ env = \"…\" }`).",
        arabic: "ترويسات تُرسل مع طلباته، كرموز التفويض. لا تظهر قيمها في رسالة خطأ. وقد تُحفظ القيمة \
             خارج هذا الملف: في متغير من متغيرات البيئة { env = \"TOKEN\" }، أو في ملف { file = \
             \"token\" }، أو عند systemd { credential = \"token\" }، ومعها prefix = \"Bearer \" \
             لما يُكتب قبلها.",
        hash: Some(HashPart {
            order: 9,
            add: |hashed, digest| {
                for (name, value) in &hashed.source.headers {
                    digest.add_named(name, value);
                }
            },
        }),
    },
    KeyRow {
        name: "cap",
        hint: "its entries in a merged feed, at most",
        kind: ValueKind::Integer { low: 1, high: 1000 },
        default: "",
        example: "10",
        english: "The number of its entries in a feed of several sources, at most. It takes the place \
             of `per_source`.",
        arabic: "أكثر ما يظهر له في خلاصة تجمع مصادر، مقدمًا على per_source.",
        hash: None,
    },
    KeyRow {
        name: "keep",
        hint: "queries of which one must find an entry of it",
        kind: ValueKind::List { of: &ValueKind::Query, most: Some(MAX_RULES) },
        default: "",
        example: "[\"مكتبة أو كتاب\"]",
        english: "Queries: only entries of it that one of them finds are published, in its own feed \
             and in others, beside the rules of `[serve]`.",
        arabic: "قواعد ما يظهر من أخباره، في خلاصته وفي غيرها، كالتي في [serve].",
        hash: None,
    },
    KeyRow {
        name: "drop",
        hint: "queries of which none may find an entry of it",
        kind: ValueKind::List { of: &ValueKind::Query, most: Some(MAX_RULES) },
        default: "",
        example: "[\"title:\\\"نشرة الأسعار\\\"\", \"category:إعلانات\"]",
        english: "Queries: no entry of it that one of them finds is published.",
        arabic: "",
        hash: None,
    },
    KeyRow {
        name: "forms",
        hint: "whether words of `keep` also match in other forms",
        kind: ValueKind::Boolean,
        default: "false",
        example: "true",
        english: "Whether the words of its `keep` also match in their other forms, as in `[serve]`.",
        arabic: "هل تُطابَق كلمات keep في صيغها الأخرى أيضًا، كما في [serve].",
        hash: None,
    },
    KeyRow {
        name: "junk_categories",
        hint: "categories of its entries that are dropped",
        kind: ValueKind::List { of: &ValueKind::CategoryName, most: Some(200) },
        default: "",
        example: "[\"ملفات\", \"أخبار الموقع\"]",
        english: "Categories that are removed from its entries, in every spelling, beside those that \
             name no topic («غير مصنف», «الرئيسية», «سلايدر»).",
        arabic: "ما يكتبه الناشر تصنيفًا ولا يدل على موضوع («غير مصنف»، «الرئيسية»، «سلايدر») يُسقط، \
             و«أخبار» و«عام» تُسقط إن كان مع الخبر تصنيف أدل منها. وهذه تُسقط من أخبار هذا المصدر \
             أيضًا، كيفما رُسمت:",
        hash: Some(HashPart {
            order: 7,
            add: |hashed, digest| {
                for word in &hashed.source.labels.junk {
                    digest.add_named("the junk", word);
                }
            },
        }),
    },
    KeyRow {
        name: "keep_categories",
        hint: "categories of its entries that are never dropped",
        kind: ValueKind::List { of: &ValueKind::CategoryName, most: Some(200) },
        default: "",
        example: "[\"منوعات\"]",
        english: "Categories that are never removed. Those that were removed come back at the next \
             poll for entries that are still in its feed.",
        arabic: "وهذه لا تُسقط منها أبدًا. وما أُسقط يعود إلى الأخبار التي ما زالت في خلاصة الناشر \
             عند تفقّده التالي.",
        hash: Some(HashPart {
            order: 8,
            add: |hashed, digest| {
                for word in &hashed.source.labels.keep {
                    digest.add_named("the kept", word);
                }
            },
        }),
    },
    KeyRow {
        name: "breaking",
        hint: "whether its word that news is breaking is believed",
        kind: ValueKind::BooleanOrWord(&["auto"]),
        default: "\"auto\"",
        example: "",
        english: "Whether its «عاجل», in a title or as a category, is believed. `\"auto\"`: yes, \
             unless more than half of its newest entries say it. The title stays as it is in any \
             case.",
        arabic: "قوله إن الخبر عاجل («عاجل:» في أول العنوان، أو تصنيف «عاجل»). \"auto\": يُصدَّق ما \
             لم يقله في أكثر من نصف أحدث أخباره، وtrue: يُصدَّق دائمًا، وfalse: لا يُصدَّق. وفي \
             الحالات كلها لا يُمسّ العنوان.",
        hash: None,
    },
    KeyRow {
        name: "push",
        hint: "whether hubs may push it",
        kind: ValueKind::Boolean,
        default: "true",
        example: "",
        english: "Whether Rafid may subscribe to it at a hub, where `[websub]` is enabled.",
        arabic: "إن كان false لم يُشترك له في موزّع، ولو كان الإشعار الفوري مفعّلًا في [websub].",
        hash: None,
    },
    KeyRow {
        name: "ignore",
        hint: "findings that are not reported of it",
        kind: ValueKind::List { of: &ValueKind::Finding, most: None },
        default: "",
        example: "[\"quiet\", \"frozen-dates\"]",
        english: "Findings of health that are not reported of it: `\"quiet\"` silence, `\"empty\"` no \
             entries, `\"frozen-dates\"` dates that do not advance, `\"hijacked\"` a feed that \
             someone else seems to write, `\"refused\"` a server that refuses requests \
             (`docs/health.md`).",
        arabic: "ما لا يُنبَّه عليه من أحواله: \"quiet\" توقّفه عن النشر، و\"empty\" خلوّه من الأخبار، \
             و\"frozen-dates\" تواريخ لا تتقدّم، و\"hijacked\" خلاصة يبدو أن غير صاحبها يكتبها، \
             و\"refused\" خادم يردّ طلباتنا. الشرح في docs/health.md.",
        hash: None,
    },
    KeyRow {
        name: "enabled",
        hint: "whether it is polled and published",
        kind: ValueKind::Boolean,
        default: "true",
        example: "",
        english: "Whether it is polled and published. A disabled source stays in the file.",
        arabic: "إن كان false بقي مكتوبًا هنا، ولا يُتفقّد ولا يُنشر.",
        hash: None,
    },
];

fn add_clock(hashed: &HashedSource<'_>, digest: &mut SourceDigest) {
    let clock = hashed.source.clock;
    if clock != ClockSetting::Auto {
        // No name of a header has a blank.
        digest.add_named("the clock", &clock.to_string());
    }
}

fn add_page(hashed: &HashedSource<'_>, digest: &mut SourceDigest) {
    for (name, selector) in hashed.source.page.iter().flat_map(PageSelectors::all) {
        digest.add(Some(name));
        digest.add(selector);
    }
}
