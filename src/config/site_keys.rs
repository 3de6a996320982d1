//! The keys at the top of the file, and those of `[site]`, `[polling]` and `[store]`: one row per key.

use std::time::Duration;

use super::key_row::{KeyRow, KeyTable, TableKind, ValueKind};
use crate::model::{Digits, MonthNames, WeekStart};

pub(super) const SECOND: Duration = Duration::from_secs(1);
const TEN_MINUTES: Duration = Duration::from_mins(10);
const DAY: Duration = Duration::from_hours(24);
/// No interval is longer: a feed that is polled more rarely is better polled by hand.
pub(super) const MONTH: Duration = Duration::from_hours(31 * 24);
/// Longer than anyone keeps news; `forever` is for the rest.
const CENTURY: Duration = Duration::from_hours(36_500 * 24);
/// Patterns of `include`: a folder needs one.
const MAX_PATTERNS: usize = 100;
/// The key that names further files.
pub(super) const INCLUDE: &str = "include";
const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// The keys above all sections.
pub(super) static TOP: KeyTable = KeyTable {
    name: "top",
    heading: "feeds.toml",
    kind: TableKind::Top,
    english: "Keys at the top of the file, above all sections.",
    keys: &[KeyRow {
        name: INCLUDE,
        hint: "files with further sources",
        kind: ValueKind::List { of: &ValueKind::FilePattern, most: Some(MAX_PATTERNS) },
        default: "",
        example: "[\"conf.d/*.toml\"]",
        english: "Files with further `[[source]]`, `[[output]]` and `[[list]]` tables: paths that begin at the folder of this \
             file, with `*` and `?` in the names of files. They are read sorted by name, and watched like this \
             file. All other settings stand here. Relative paths in these files begin at the folder of this file, \
             too. Each file has at most 4 MiB.",
        arabic: "ملفات فيها مصادر أخرى ([[source]]) وخلاصات ([[output]]) وقوائم ([[list]])، فتطول القائمة وتُتقاسم من \
             غير أن يطول هذا \
             الملف. تبدأ مساراتها من مجلد هذا الملف، والنجمة * في الاسم تعني أي حروف، وعلامة ? \
             حرفًا واحدًا. تُقرأ \
             بترتيب أسمائها، وتُراقَب كما يُراقَب هذا الملف. أما سائر الإعدادات فموضعها هنا وحده.",
        hash: None,
    }],
};

/// `[site]`: what the outputs say about themselves.
pub(super) static SITE: KeyTable = KeyTable {
    name: "site",
    heading: "[site]",
    kind: TableKind::Section,
    english: "What feeds and pages say about themselves.",
    keys: SITE_KEYS,
};

const SITE_KEYS: &[KeyRow] = &[
    KeyRow {
        name: "title",
        hint: "the title of the outputs",
        kind: ValueKind::Line,
        default: "\"الرافد\"",
        example: "",
        english: "The title of the feeds and pages.",
        arabic: "عنوان الخلاصة والصفحة.",
        hash: None,
    },
    KeyRow {
        name: "description",
        hint: "one line on what the outputs hold",
        kind: ValueKind::Line,
        default: "\"أخبار من مصادر عربية كثيرة، مجموعة في خلاصة واحدة\"",
        example: "",
        english: "What the feeds and pages hold, in one line.",
        arabic: "وصف في سطر واحد.",
        hash: None,
    },
    KeyRow {
        name: "address",
        hint: "the public base address",
        kind: ValueKind::WebAddress,
        default: "",
        example: "\"https://news.example/\"",
        english: "The public base address that readers use, `http` or `https`, without a query and a \
             fragment. Give it as soon as the feeds are public. The `id` of a feed is made once, \
             at the first start, and does not change with the address.",
        arabic: "العنوان الذي يصل منه القرّاء، يبدأ بـ http أو https. ليست له قيمة افتراضية، فاكتبه متى \
             نشرت الخلاصة. أما معرّف الخلاصة (id) عند المشتركين فيُنشأ مرة واحدة عند أول تشغيل \
             ويُحفظ، ولا يتغير بتغير العنوان.",
        hash: None,
    },
    KeyRow {
        name: "language",
        hint: "the language of the title",
        kind: ValueKind::Language,
        default: "\"ar\"",
        example: "",
        english: "The language of the title and the description.",
        arabic: "لغة العنوان والوصف.",
        hash: None,
    },
    KeyRow {
        name: "timezone",
        hint: "the zone of the times on the pages",
        kind: ValueKind::TimeZone,
        default: "",
        example: "\"Asia/Riyadh\"",
        english: "The time zone of the pages. Without it times are in UTC.",
        arabic: "توقيت الصفحات: اسم مثل \"Asia/Riyadh\"، أو فرق مثل \"+03:00\". الافتراضي: التوقيت \
             العالمي.",
        hash: None,
    },
    KeyRow {
        name: "months",
        hint: "the names of the months on the pages",
        kind: ValueKind::Word(MonthNames::WORDS),
        default: "\"egypt\"",
        example: "",
        english: "The names of the months on the pages: `\"egypt\"` and `\"gulf\"` (يناير), `\"levant\"` (كانون \
             الثاني), `\"maghreb\"` (جانفي, Algeria and Tunisia), `\"morocco\"` (غشت، دجنبر).",
        arabic: "أسماء الشهور في الصفحات: \"egypt\" و\"gulf\" (يناير وفبراير)، أو \"levant\" (كانون الثاني \
             وشباط)، أو \"maghreb\" (جانفي وفيفري، للجزائر وتونس)، أو \"morocco\" (غشت ودجنبر).",
        hash: None,
    },
    KeyRow {
        name: "digits",
        hint: "the digits of the pages",
        kind: ValueKind::Word(Digits::WORDS),
        default: "\"latn\"",
        example: "",
        english: "The digits of times and numbers on the pages: `\"latn\"` (2026) or `\"arab\"` (٢٠٢٦).",
        arabic: "أرقام الصفحات: \"latn\" (2026) أو \"arab\" (٢٠٢٦).",
        hash: None,
    },
    KeyRow {
        name: "hijri",
        hint: "whether pages name the day of the Hijri calendar",
        kind: ValueKind::Boolean,
        default: "false",
        example: "",
        english: "Whether the headings of days also name the day of the Hijri calendar (Umm al-Qura).",
        arabic: "إن كان true ذُكر في عناوين الأيام التاريخ الهجري أيضًا، بتقويم أم القرى.",
        hash: None,
    },
    KeyRow {
        name: "week_start",
        hint: "the first day of the week",
        kind: ValueKind::Word(WeekStart::WORDS),
        default: "\"saturday\"",
        example: "",
        english: "The first day of the week: a search for this week begins with it.",
        arabic: "أول أيام الأسبوع: \"saturday\" (السبت) أو \"sunday\" (الأحد) أو \"monday\" (الاثنين). منه يبدأ \
             البحث في «هذا الأسبوع».",
        hash: None,
    },
    KeyRow {
        name: "contact",
        hint: "an e-mail address or a URL of the operator",
        kind: ValueKind::Contact,
        default: "",
        example: "\"editor@news.example\"",
        english: "Where the operator is reached. Readers see it, and publishers see it in the \
             `User-Agent` of every request.",
        arabic: "بريدك الإلكتروني أو صفحتك: يراه القرّاء، ويراه الناشرون مع كل طلب فيعرفون من \
             يراسلون. ليست له قيمة افتراضية.",
        hash: None,
    },
];

/// `[polling]`: when and how publishers are polled.
pub(super) static POLLING: KeyTable = KeyTable {
    name: "polling",
    heading: "[polling]",
    kind: TableKind::Section,
    english: "When and how publishers are polled.",
    keys: POLLING_KEYS,
};

const POLLING_KEYS: &[KeyRow] = &[
    KeyRow {
        name: "every",
        hint: "the interval until a feed's own rhythm is known",
        kind: ValueKind::Duration { low: SECOND, high: MONTH },
        default: "\"30m\"",
        example: "",
        english: "The interval between two polls while the rhythm of a feed is unknown. A known rhythm \
             replaces it, between `at_least` and `at_most`; a publisher that requests a longer \
             pause gets it.",
        arabic: "المدة بين تفقّدين ما دام إيقاع المصدر مجهولًا. فإذا عُرف إيقاعه تُفقّد بحسبه، بين \
             الحدين التاليين. ومن طلب من الناشرين تمهّلًا أُمهل.",
        hash: None,
    },
    KeyRow {
        name: "at_least",
        hint: "the shortest interval",
        kind: ValueKind::Duration { low: SECOND, high: MONTH },
        default: "\"15m\"",
        example: "",
        english: "The shortest interval. Publishers consider less than a quarter of an hour impolite.",
        arabic: "أقصر مدة. ما دون ربع الساعة يعدّه الناشرون إثقالًا عليهم.",
        hash: None,
    },
    KeyRow {
        name: "at_most",
        hint: "the longest interval",
        kind: ValueKind::Duration { low: SECOND, high: MONTH },
        default: "\"24h\"",
        example: "",
        english: "The longest interval after a successful poll.",
        arabic: "أطول مدة.",
        hash: None,
    },
    KeyRow {
        name: "concurrency",
        hint: "polls at the same time",
        kind: ValueKind::Integer { low: 1, high: 512 },
        default: "32",
        example: "",
        english: "The number of polls at the same time, at most.",
        arabic: "أكثر ما يُتفقّد من المصادر في وقت واحد: من 1 إلى 512.",
        hash: None,
    },
    KeyRow {
        name: "per_host",
        hint: "polls at the same time of one host",
        kind: ValueKind::Integer { low: 1, high: 2 },
        default: "2",
        example: "",
        english: "The number of polls of one host at the same time, at most.",
        arabic: "أكثر ما يُتفقّد من مصادر المضيف الواحد في وقت واحد: 1 أو 2.",
        hash: None,
    },
    KeyRow {
        name: "timeout",
        hint: "how long one poll may take",
        kind: ValueKind::Duration { low: SECOND, high: TEN_MINUTES },
        default: "\"60s\"",
        example: "",
        english: "How long one poll may take, redirects included.",
        arabic: "أطول ما يُنتظر الجواب: من ثانية إلى عشر دقائق.",
        hash: None,
    },
    KeyRow {
        name: "max_bytes",
        hint: "the largest document",
        kind: ValueKind::Size { low: 64 * KIB, high: 256 * MIB },
        default: "\"16MiB\"",
        example: "",
        english: "The largest document that is read, after decompression.",
        arabic: "أكبر وثيقة تُقرأ، بعد فك ضغطها: من 64KiB إلى 256MiB.",
        hash: None,
    },
    KeyRow {
        name: "user_agent",
        hint: "the name that publishers see",
        kind: ValueKind::HeaderValue,
        default: "",
        example: "\"MyReader/1.0 (+https://news.example/)\"",
        english: "The `User-Agent` that publishers see. Without it: the name and version of Rafid with \
             `contact`. A change counts as a change of every source without a `user_agent` of its \
             own, so that their documents are fetched and read again.",
        arabic: "اسم البرنامج كما يراه الناشرون. الافتراضي: اسم «رافد» وإصداره، ومعه contact.",
        hash: None,
    },
    KeyRow {
        name: "proxy",
        hint: "the proxy that polls go through",
        kind: ValueKind::Proxy,
        default: "",
        example: "\"http://127.0.0.1:3128\"",
        english: "An `http` or `https` proxy for all requests. The proxy variables of the environment \
             are ignored, except one that is named here: `{ env = \"PROXY\" }`.",
        arabic: "خادم وسيط تمر منه الطلبات: http أو https. ليست له قيمة افتراضية، ولا يُلتفت إلى ما في \
             متغيرات البيئة من ذلك، إلا ما يُسمّى هنا: { env = \"PROXY\" }.",
        hash: None,
    },
    KeyRow {
        name: "allow_private",
        hint: "private addresses that may be polled",
        kind: ValueKind::List { of: &ValueKind::HostPort, most: None },
        default: "",
        example: "[\"127.0.0.1:8081\", \"intranet.example:80\"]",
        english: "Hosts with ports on a private network or on this machine that may be polled. All \
             others are refused.",
        arabic: "لا يُتفقّد مصدر على شبكة خاصة أو على هذا الجهاز نفسه، إلا ما يُسمّى هنا بمنفذه. \
             الافتراضي: لا شيء.",
        hash: None,
    },
];

/// `[store]`: what is kept, and where.
pub(super) static STORE: KeyTable = KeyTable {
    name: "store",
    heading: "[store]",
    kind: TableKind::Section,
    english: "What is kept, where, and for how long.",
    keys: STORE_KEYS,
};

const STORE_KEYS: &[KeyRow] = &[
    KeyRow {
        name: "path",
        hint: "the folder of the store",
        kind: ValueKind::Line,
        default: "",
        example: "\"data\"",
        english: "The folder of the store. A relative path begins at the folder of `feeds.toml`. \
             Without it the store is `data` beside the file; for a file in `/etc/rafid` it is \
             `/var/lib/rafid`, and for one in `~/.config/rafid` it is `~/.local/share/rafid`.",
        arabic: "مجلد المخزن. المسار غير المطلق يبدأ من مجلد هذا الملف. الافتراضي هو المجلد data بجوار \
             هذا الملف، إلا إذا كان الملف في /etc/rafid فالمخزن في /var/lib/rafid، أو كان في مجلد \
             إعداداتك ~/.config/rafid فهو في ~/.local/share/rafid.",
        hash: None,
    },
    KeyRow {
        name: "keep",
        hint: "how long entries are kept",
        kind: ValueKind::DurationOrWord { low: DAY, high: CENTURY, word: "forever" },
        default: "\"90d\"",
        example: "",
        english: "How long an entry is kept after it was listed: at least a day. `\"forever\"` keeps \
             all. Entries that are still in the feed of their publisher and the newest twenty of \
             each source are kept in any case, and nothing is deleted while the clock of the \
             machine is in doubt (`docs/clocks.md`).",
        arabic: "عمر الخبر في المخزن: مدة بوحدتها (\"90d\" تسعون يومًا، و\"2w\" أسبوعان)، ولا تقل عن \
             يوم؛ و\"forever\" لما لا ينتهي. ويبقى الخبر مهما قدُم ما زال في خلاصة ناشره، وأحدث \
             عشرين خبرًا من كل مصدر. ولا يُحذف شيء حين يُشك في ساعة الجهاز: docs/clocks.md.",
        hash: None,
    },
    KeyRow {
        name: "keep_entries",
        hint: "entries kept of one source",
        kind: ValueKind::Integer { low: 1, high: 100_000 },
        default: "1000",
        example: "",
        english: "The number of entries that are kept of one source, at most.",
        arabic: "أكثر ما يُحفظ من أخبار المصدر الواحد: من 1 إلى 100000.",
        hash: None,
    },
    KeyRow {
        name: "cache_bytes",
        hint: "memory for the store's cache",
        kind: ValueKind::Size { low: 8 * MIB, high: 16 * GIB },
        default: "\"32MiB\"",
        example: "",
        english: "The memory for the cache of the store.",
        arabic: "ذاكرة التخزين المؤقت للمخزن: من 8MiB إلى 16GiB.",
        hash: None,
    },
    KeyRow {
        name: "recovery_percent",
        hint: "space for restoring a damaged store",
        kind: ValueKind::IntegerOrWord { low: 10, high: 1000, words: &["off"] },
        default: "60",
        example: "",
        english: "The space for the commit log and the daily dumps (bases), from which a damaged store \
             is restored without loss, in percent of the size of the database. They take 4 MiB at \
             least, and one dump is always kept. `\"off\"` saves the space: what a damaged disk or a \
             power cut destroys is then lost (`docs/store.md`).",
        arabic: "المساحة المخصصة لسجل التغييرات والنسخ اليومية التي يُستعاد منها المخزن كاملًا إذا تلف: \
             نسبة مئوية من حجم المخزن، من 10 إلى 1000، أو \"off\" لتوفير المساحة، وعندها يضيع ما \
             يتلف: docs/store.md.",
        hash: None,
    },
];
