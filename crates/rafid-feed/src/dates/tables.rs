//! Names in dates → numbers: zones, places, halves of the day, folded as `super::pieces` folds
//! words.

/// Words behind a year that mark it as Hijri.
pub(super) const HIJRI_ERA: &[&str] = &["ah", "h", "ه", "هج", "هجري", "هجريا", "هجريه", "للهجره"];

/// Zone names and their offsets in minutes: RFC 822's, then those of Europe and the Middle East.
/// `ast` is Arabia's (+03) and `ist` is absent (India, Israel and Ireland all use it).
pub(super) const ZONES: &[(&str, i32)] = &[
    ("ast", 180),
    ("bst", 60),
    ("cdt", -300),
    ("cest", 120),
    ("cet", 60),
    ("cst", -360),
    ("edt", -240),
    ("eest", 180),
    ("eet", 120),
    ("est", -300),
    ("gst", 240),
    ("idt", 180),
    ("irst", 210),
    ("jst", 540),
    ("ksa", 180),
    ("mdt", -360),
    ("mesz", 120),
    ("mez", 60),
    ("msk", 180),
    ("mst", -420),
    ("pdt", -420),
    ("pkt", 300),
    ("pst", -480),
    ("trt", 180),
    ("west", 60),
    ("wet", 0),
    ("z", 0),
    ("مكه", 180),
];

/// Names of the time at Greenwich. An offset may follow them and is counted from there.
pub(super) const GREENWICH_NAMES: &[&str] =
    &["gmt", "ut", "utc", "جرينتش", "جرينيتش", "غرينتش", "غرينيتش", "غرنتش", "كرينتش"];

/// The areas of IANA zone names.
pub(super) const IANA_AREAS: &[&str] = &[
    "africa",
    "america",
    "antarctica",
    "asia",
    "atlantic",
    "australia",
    "etc",
    "europe",
    "indian",
    "pacific",
];

/// Places behind «بتوقيت» and their IANA zones. Names of two words come before their parts; «عمان»
/// alone (Amman or Oman) and «طرابلس» (Libya or Lebanon) are ambiguous and absent.
pub(super) const PLACES: &[(&str, &str)] = &[
    ("ابو ظبي", "Asia/Dubai"),
    ("ابوظبي", "Asia/Dubai"),
    ("اسطنبول", "Europe/Istanbul"),
    ("الاردن", "Asia/Amman"),
    ("الامارات", "Asia/Dubai"),
    ("البحرين", "Asia/Bahrain"),
    ("الجزاير", "Africa/Algiers"),
    ("الخرطوم", "Africa/Khartoum"),
    ("الدوحه", "Asia/Qatar"),
    ("الرباط", "Africa/Casablanca"),
    ("الرياض", "Asia/Riyadh"),
    ("السعوديه", "Asia/Riyadh"),
    ("السودان", "Africa/Khartoum"),
    ("الصومال", "Africa/Mogadishu"),
    ("العراق", "Asia/Baghdad"),
    ("القاهره", "Africa/Cairo"),
    ("القدس", "Asia/Jerusalem"),
    ("الكويت", "Asia/Kuwait"),
    ("المغرب", "Africa/Casablanca"),
    ("المنامه", "Asia/Bahrain"),
    ("اليمن", "Asia/Aden"),
    ("انقره", "Europe/Istanbul"),
    ("باريس", "Europe/Paris"),
    ("بغداد", "Asia/Baghdad"),
    ("بيروت", "Asia/Beirut"),
    ("تركيا", "Europe/Istanbul"),
    ("تونس", "Africa/Tunis"),
    ("جده", "Asia/Riyadh"),
    ("جيبوتي", "Africa/Djibouti"),
    ("دبي", "Asia/Dubai"),
    ("دمشق", "Asia/Damascus"),
    ("سلطنه عمان", "Asia/Muscat"),
    ("سوريا", "Asia/Damascus"),
    ("سوريه", "Asia/Damascus"),
    ("صنعا", "Asia/Aden"),
    ("طهران", "Asia/Tehran"),
    ("غزه", "Asia/Gaza"),
    ("فلسطين", "Asia/Hebron"),
    ("قطر", "Asia/Qatar"),
    ("لبنان", "Asia/Beirut"),
    ("لندن", "Europe/London"),
    ("ليبيا", "Africa/Tripoli"),
    ("مسقط", "Asia/Muscat"),
    ("مصر", "Africa/Cairo"),
    ("موريتانيا", "Africa/Nouakchott"),
    ("موسكو", "Europe/Moscow"),
    ("نواكشوط", "Africa/Nouakchott"),
    ("نيويورك", "America/New_York"),
    ("واشنطن", "America/New_York"),
];

/// Words after a clock time that put it before noon. («بعد منتصف الليل» is read before these.)
pub(super) const BEFORE_NOON: &[&str] =
    &["am", "ص", "صباحا", "صباح", "الصباح", "فجرا", "فجر", "الفجر"];

/// Words after a clock time that put it after noon.
pub(super) const AFTER_NOON: &[&str] =
    &["pm", "عصرا", "عصر", "العصر", "م", "مساء", "مسا", "المسا", "المساء"];

/// Words after a clock time that put it around noon: eleven is before it, one is after it.
pub(super) const AT_NOON: &[&str] = &["ظهرا", "الظهر", "ظهر"];

/// Words after a clock time that put it in the night: eleven is before midnight, two is after it.
pub(super) const AT_NIGHT: &[&str] = &["ليلا", "الليل"];

/// Pairs of words after a clock time, and whether they put it after noon.
pub(super) const DAY_HALVES: &[(&str, &str, bool)] = &[
    ("بعد", "الظهر", true),
    ("بعد", "العصر", true),
    ("قبل", "الظهر", false),
    ("بعد", "منتصف", false),
    ("قبل", "منتصف", true),
];

/// The same pairs with a period between them.
pub(super) const DOTTED_DAY_HALVES: &[(&str, &str, bool)] =
    &[("a", "m", false), ("p", "m", true), ("ق", "ظ", false), ("ب", "ظ", true)];

/// The word before a clock time; the number behind it is an hour, and a period may separate it from
/// the minutes.
pub(super) const AT_THE_HOUR: &str = "الساعه";
