//! Names in dates → numbers: zones, places, halves of the day, folded as `super::pieces` folds
//! words.

/// Words behind a year that mark it as Hijri.
pub(super) const HIJRI_ERA: &[&str] = &["ah", "h", "ه", "هج", "هجري", "هجريا", "هجريه", "للهجره"];

/// Words behind a year, or behind a Hijri era, that mark it as Persian (`ه.ش`, «هجری شمسی»).
pub(super) const PERSIAN_ERA: &[&str] = &["ش", "شمسي", "خورشيدي"];

/// Words behind a Hijri era that only confirm it (`ه.ق`, «هجری قمری»).
pub(super) const LUNAR_ERA: &[&str] = &["ق", "قمري"];

/// Zone names and their offsets in minutes. A name of standard or of summer time is one offset all
/// year, as RFC 822 section 5.1 has it. `ast` is Arabia's (+03), `adt` the summer time of the
/// Atlantic: no Arab country has used that name since 2007.
pub(super) const ZONES: &[(&str, i32)] = &[
    ("acdt", 630),
    ("acst", 570),
    ("adt", -180),
    ("aedt", 660),
    ("aest", 600),
    ("aft", 270),
    ("akdt", -480),
    ("akst", -540),
    ("ast", 180),
    ("awst", 480),
    ("azt", 240),
    ("brt", -180),
    ("bst", 60),
    ("cat", 120),
    ("cdt", -300),
    ("cest", 120),
    ("cet", 60),
    ("cst", -360),
    ("eat", 180),
    ("edt", -240),
    ("eest", 180),
    ("eet", 120),
    ("est", -300),
    ("gst", 240),
    ("hkt", 480),
    ("hst", -600),
    ("ict", 420),
    ("idt", 180),
    ("irdt", 270),
    ("irst", 210),
    ("jst", 540),
    ("kst", 540),
    ("mdt", -360),
    ("mest", 120),
    ("mesz", 120),
    ("met", 60),
    ("mez", 60),
    ("msd", 240),
    ("msk", 180),
    ("mst", -420),
    ("mut", 240),
    ("myt", 480),
    ("ndt", -150),
    ("npt", 345),
    ("nst", -210),
    ("nzdt", 780),
    ("nzst", 720),
    ("pdt", -420),
    ("pht", 480),
    ("pkt", 300),
    ("pst", -480),
    ("sast", 120),
    ("sgt", 480),
    ("tmt", 300),
    ("trt", 180),
    ("uzt", 300),
    ("wast", 120),
    ("wat", 60),
    ("west", 60),
    ("wet", 0),
    ("wib", 420),
    ("z", 0),
];

/// Zone names without a season and their IANA zones, which know the summer time of each year.
pub(super) const ZONES_OF_PLACES: &[(&str, &str)] = &[
    ("ct", "America/Chicago"),
    ("egy", "Africa/Cairo"),
    ("et", "America/New_York"),
    ("ksa", "Asia/Riyadh"),
    ("mt", "America/Denver"),
    ("pt", "America/Los_Angeles"),
    ("uae", "Asia/Dubai"),
    ("مكه", "Asia/Riyadh"),
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

/// Words before the name of a place that gives the time: «بتوقيت القاهرة», «به وقت تهران».
pub(super) const PLACE_MARKS: &[&str] = &["بتوقيت", "توقيت", "لتوقيت", "وقت", "بوقت"];

/// A place whose name means two zones: «عمان» is Amman, as a capital gives its name to the time, but
/// could be Oman. It is read and reported.
pub(super) const AMBIGUOUS_PLACE: &str = "عمان";

/// Places behind «بتوقيت» and their IANA zones; names of two words are tried before their parts.
pub(super) const PLACES: &[(&str, &str)] = &[
    ("ابو ظبي", "Asia/Dubai"),
    ("ابوظبي", "Asia/Dubai"),
    ("اديس ابابا", "Africa/Addis_Ababa"),
    ("اربيل", "Asia/Baghdad"),
    ("اسطنبول", "Europe/Istanbul"),
    ("اسلام اباد", "Asia/Karachi"),
    ("الاردن", "Asia/Amman"),
    ("الاسكندريه", "Africa/Cairo"),
    ("الامارات", "Asia/Dubai"),
    ("البحرين", "Asia/Bahrain"),
    ("الجزاير", "Africa/Algiers"),
    ("الخرطوم", "Africa/Khartoum"),
    ("الدار البيضا", "Africa/Casablanca"),
    ("الدوحه", "Asia/Qatar"),
    ("الرباط", "Africa/Casablanca"),
    ("الرياض", "Asia/Riyadh"),
    ("السعوديه", "Asia/Riyadh"),
    ("السودان", "Africa/Khartoum"),
    ("الشارقه", "Asia/Dubai"),
    ("الصومال", "Africa/Mogadishu"),
    ("العراق", "Asia/Baghdad"),
    ("القاهره", "Africa/Cairo"),
    ("القدس", "Asia/Jerusalem"),
    ("القمر", "Indian/Comoro"),
    ("الكويت", "Asia/Kuwait"),
    ("المدينه", "Asia/Riyadh"),
    ("المغرب", "Africa/Casablanca"),
    ("المنامه", "Asia/Bahrain"),
    ("الهند", "Asia/Kolkata"),
    ("اليمن", "Asia/Aden"),
    ("ام درمان", "Africa/Khartoum"),
    ("انقره", "Europe/Istanbul"),
    ("ايران", "Asia/Tehran"),
    ("باريس", "Europe/Paris"),
    ("باكستان", "Asia/Karachi"),
    ("برلين", "Europe/Berlin"),
    ("بروكسل", "Europe/Brussels"),
    ("بغداد", "Asia/Baghdad"),
    ("بكين", "Asia/Shanghai"),
    ("بنغازي", "Africa/Tripoli"),
    ("بورتسودان", "Africa/Khartoum"),
    ("بيروت", "Asia/Beirut"),
    ("تركيا", "Europe/Istanbul"),
    ("تهران", "Asia/Tehran"),
    ("تونس", "Africa/Tunis"),
    ("جده", "Asia/Riyadh"),
    ("جنيف", "Europe/Zurich"),
    ("جوبا", "Africa/Juba"),
    ("جيبوتي", "Africa/Djibouti"),
    ("حلب", "Asia/Damascus"),
    ("دبي", "Asia/Dubai"),
    ("دمشق", "Asia/Damascus"),
    ("رام الله", "Asia/Hebron"),
    ("روما", "Europe/Rome"),
    ("سلطنه عمان", "Asia/Muscat"),
    ("سوريا", "Asia/Damascus"),
    ("سوريه", "Asia/Damascus"),
    ("صنعا", "Asia/Aden"),
    ("طرابلس", "Africa/Tripoli"),
    ("طهران", "Asia/Tehran"),
    ("طوكيو", "Asia/Tokyo"),
    ("عدن", "Asia/Aden"),
    ("عمان", "Asia/Amman"),
    ("غزه", "Asia/Gaza"),
    ("فلسطين", "Asia/Hebron"),
    ("قطر", "Asia/Qatar"),
    ("كابول", "Asia/Kabul"),
    ("كييف", "Europe/Kyiv"),
    ("لبنان", "Asia/Beirut"),
    ("لندن", "Europe/London"),
    ("ليبيا", "Africa/Tripoli"),
    ("مدريد", "Europe/Madrid"),
    ("مسقط", "Asia/Muscat"),
    ("مصر", "Africa/Cairo"),
    ("مقديشو", "Africa/Mogadishu"),
    ("مكه", "Asia/Riyadh"),
    ("موروني", "Indian/Comoro"),
    ("موريتانيا", "Africa/Nouakchott"),
    ("موسكو", "Europe/Moscow"),
    ("نواكشوط", "Africa/Nouakchott"),
    ("نيودلهي", "Asia/Kolkata"),
    ("نيويورك", "America/New_York"),
    ("واشنطن", "America/New_York"),
];

/// Words after a clock time that put it before noon. («بعد منتصف الليل» is read before these.)
pub(super) const BEFORE_NOON: &[&str] =
    &["am", "ص", "صباحا", "صباح", "الصباح", "فجرا", "فجر", "الفجر", "صبح", "بامداد"];

/// Words after a clock time that put it after noon.
pub(super) const AFTER_NOON: &[&str] =
    &["pm", "عصرا", "عصر", "العصر", "م", "مسا", "المسا", "بعدازظهر"];

/// Words after a clock time that put it around noon: eleven is before it, one is after it.
pub(super) const AT_NOON: &[&str] = &["ظهرا", "الظهر", "ظهر", "noon"];

/// Words after a clock time that put it in the night: eleven is before midnight, two is after it.
pub(super) const AT_NIGHT: &[&str] = &["ليلا", "الليل", "شب", "midnight"];

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

/// Words before a clock time; the number behind them is an hour, and a period may separate it from
/// the minutes.
pub(super) const AT_THE_HOUR: &[&str] = &["الساعه", "ساعت"];

/// Words between the hour and the minutes: `10h30`, `18 heures 30`.
pub(super) const HOUR_MARKS: &[&str] = &["h", "heures", "heure", "uhr"];

/// Words between the minutes and the seconds: `10h05m30s`.
pub(super) const MINUTE_MARKS: &[&str] = &["m", "mn", "min"];

/// Words behind the seconds.
pub(super) const SECOND_MARKS: &[&str] = &["s", "sec"];
