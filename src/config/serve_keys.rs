//! The keys of `[serve]`, `[stories]` and `[websub]`: one row per key.

use super::key_row::{
    KeyRow, KeyTable, MAX_RULES, MAX_USERS, STORY_WORDS, TableKind, VISIBILITY_WORDS, ValueKind,
};

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

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
        arabic: "العنوان والمنفذ اللذان تُستقبل عليهما طلبات القرّاء. الافتراضي لهذا الجهاز وحده، \
             و\"0.0.0.0:8080\" لكل شبكة.",
        hash: None,
    },
    KeyRow {
        name: "admin_listen",
        hint: "where the operator connects",
        kind: ValueKind::Listen,
        default: "",
        example: "\"127.0.0.1:8081\"",
        english: "A second address, for the operator alone. It shows everything, and needs no \
             password; `listen` then shows only what readers may see, also to programs on this \
             machine. A change takes effect at the next start (`docs/operations.md`).",
        arabic: "عنوان ثانٍ للمشغّل وحده، يُعرض عليه كل شيء بلا كلمة سر، ولا يُعرض عندئذ على listen إلا \
             ما للقرّاء. لا تفتحه للشبكة. ويسري تغييره عند التشغيل التالي.",
        hash: None,
    },
    KeyRow {
        name: "status",
        hint: "who may see the state of the sources",
        kind: ValueKind::Word(VISIBILITY_WORDS),
        default: "\"public\"",
        example: "",
        english: "Who may see `/status` and `/status.json`. `\"public\"`: everyone, without paths, \
             messages of the system and other internals, which only programs on this machine get; \
             `\"local\"`: only programs on this machine, if no proxy passes their requests on; \
             `\"off\"`: only the operator (`admin_listen`, `rafid status`).",
        arabic: "من يرى حالة المصادر (/status و/status.json): \"public\" أي الجميع، من غير المسارات \
             ورسائل النظام ونحوها فهي لهذا الجهاز وحده، و\"local\" أي هذا الجهاز وحده إن لم يأتِ \
             الطلب من وسيط (proxy)، و\"off\" أي المشغّل وحده.",
        hash: None,
    },
    KeyRow {
        name: "metrics",
        hint: "who may see the counters",
        kind: ValueKind::Word(VISIBILITY_WORDS),
        default: "\"public\"",
        example: "",
        english: "Who may see `/metrics`, with the same words as `status`.",
        arabic: "ومن يرى العدّادات (/metrics)، بالكلمات نفسها.",
        hash: None,
    },
    KeyRow {
        name: "users",
        hint: "who may log in",
        kind: ValueKind::List { of: &ValueKind::User, most: Some(MAX_USERS) },
        default: "[]",
        example: "[\"reader:$argon2id$v=19$m=19456,t=2,p=1$Wez2G2e3VB3tg2gcsX3p0A$ormOpsR1wgEP+/ZupbKYMDDWsQrEBlBSdKjqRweS9oE\"]",
        english: "The readers who may log in, each as a line that `rafid passwd NAME` prints, or where \
             it is kept. With it the whole site needs a name and a password (Basic), but for \
             private outputs at their secret addresses. Names and passwords are sent as they are: \
             put a proxy with TLS before it.",
        arabic: "من يدخل الموقع باسم وكلمة سر، لكل واحد سطر يطبعه الأمر rafid passwd، يُكتب هنا أو يُحفظ في ملف. \
             إن وُجد واحد لم يُفتح الموقع لغيرهم، إلا الخلاصات الخاصة لمن عنده عنوانها السري. وكلمات السر \
             تُرسل كما هي، فاجعل أمامه وسيطًا (proxy) يشفّرها (TLS).",
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
        arabic: "نصيب المصدر الواحد مما يجمع مصادر، فلا يطغى المكثر على غيره. الافتراضي \"share\": ثلث \
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
        arabic: "الخبر الواحد إذا نشرته مصادر عدة، في كل ما يجمع مصادر: \"collapse\" يظهر مرة واحدة \
             بنص السبّاق إليه، وتُذكر معه بقية المصادر، و\"related\" تظهر التغطيات كلها ويُذكر مع \
             كلٍّ سائرها، و\"off\" لا يُنظر في ذلك. وفي كل حال تبقى لكل مصدر خلاصته كاملة، ولكل \
             حدث صفحة تجمع تغطياته. الشرح في docs/stories.md.",
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
        name: "pictures",
        hint: "whether pages show pictures",
        kind: ValueKind::Boolean,
        default: "false",
        example: "",
        english: "Whether pages show the pictures of entries and the icons of sources. Rafid fetches \
             those that a page of the newest entries shows, makes small copies without anything \
             else that the files hold, and sends these to readers, so that no publisher sees who \
             reads. Most publishers do not permit to publish their pictures. A change takes \
             effect at the next start.",
        arabic: "صور الأخبار وأيقونات المصادر في الصفحات. يجلب البرنامج ما يظهر منها في أحدث الصفحات، ويصنع لها \
             نسخًا صغيرة مجرّدة مما تحمله ملفاتها من بيانات، ويرسلها إلى القرّاء من عنده فلا يعرف الناشر \
             من يقرأ. وحقوق الصور لأصحابها، وأكثرهم لا يأذن بنشرها؛ ويسري تغييره عند التشغيل التالي.",
        hash: None,
    },
    KeyRow {
        name: "pictures_bytes",
        hint: "the space of the copies of pictures",
        kind: ValueKind::Size { low: MIB, high: 16 * GIB },
        default: "\"256MiB\"",
        example: "",
        english: "The space that these copies may take on disk, in the folder `pictures` of the store. \
             A copy takes some 15 KB and goes with its entry; when there is too much, the oldest \
             go first. A change takes effect at the next start.",
        arabic: "ما تشغله هذه النسخ من القرص، في المجلد pictures من المخزن. النسخة نحو 15 كيلوبايت وتُحذف مع خبرها، \
             فإن ضاق المكان حُذف أقدمها؛ ويسري تغييره عند التشغيل التالي.",
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
             يُسقط ما تجده واحدة منها، فإذا اختلفا غلب drop. العبارة كلمات يُبحث عنها كيفما كُتبت: \
             بهمزة أو بغيرها، معرّفة أو منكّرة. \"title:رياضة\" في العنوان وحده، \
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
    KeyRow {
        name: "forms",
        hint: "whether words of `keep` also match in other forms",
        kind: ValueKind::Boolean,
        default: "false",
        example: "",
        english: "Whether the words of `keep` also match in their other forms: «مكتبة» in «بمكتبتهم» and \
             «مكتبات», «ترامب» in «ترمب». Words of `drop` never do (`docs/search.md`).",
        arabic: "هل تُطابَق كلمات keep في صيغها الأخرى أيضًا: «مكتبة» في «بمكتبتهم» و«مكتبات»، و«ترامب» في \
             «ترمب». أما كلمات drop فلا تُطابَق إلا كما كُتبت.",
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
        arabic: "إن كان true اشتُرك في الموزّع الذي يسمّيه المصدر، فيرسل الموزّعُ الخبر ساعة نشره، \
             ويقلّ تفقّد المصدر ما دامت الإشعارات تصل. يلزمه عنوان عام يصل منه الموزّع إلى هذا \
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
        arabic: "ذلك العنوان العام، يبدأ بـ http أو https. الافتراضي: address من قسم [site].",
        hash: None,
    },
];
