//! A site as large as the shipped one: 65 sources, 1,000 entries with words of our own, stories that several tell.

use std::fmt::Write as _;
use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use super::program::Home;
use super::{Origin, Page};

/// The number of sources.
pub const SOURCES: usize = 65;
/// Entries of each source: 1,040 in all.
const ENTRIES: usize = 16;
/// The sources whose newest entry is a story, and how many of them tell the same one.
const TELLERS: usize = 30;
const TELLERS_OF_A_STORY: usize = 5;

const CATEGORIES: [&str; 8] =
    ["سياسة", "اقتصاد", "رياضة", "ثقافة وفنون", "علوم وتقنية", "صحة", "محليات", "منوعات"];
const PAPERS: [&str; 5] = ["صحيفة", "وكالة", "موقع", "إذاعة", "مجلة"];
const WORDS: [&str; 64] = [
    "أعلن",
    "وزير",
    "المدينة",
    "اليوم",
    "افتتاح",
    "مكتبة",
    "جديدة",
    "قرب",
    "النهر",
    "بعد",
    "أشهر",
    "من",
    "الترميم",
    "قال",
    "مسؤول",
    "إن",
    "العمال",
    "أنهوا",
    "بناء",
    "الجسر",
    "القديم",
    "في",
    "موعده",
    "وتوقع",
    "خبراء",
    "ارتفاع",
    "أسعار",
    "القمح",
    "خلال",
    "الأسبوع",
    "المقبل",
    "بسبب",
    "الأمطار",
    "على",
    "الجبال",
    "الغربية",
    "شارك",
    "مئات",
    "الطلاب",
    "مسابقة",
    "الشعر",
    "العربي",
    "نظمتها",
    "الجامعة",
    "برعاية",
    "المتحف",
    "الوطني",
    "فاز",
    "فريق",
    "الساحل",
    "بكأس",
    "الملاعب",
    "أمام",
    "جمهور",
    "كبير",
    "طالب",
    "سكان",
    "الحي",
    "بتوسعة",
    "الطريق",
    "المؤدي",
    "إلى",
    "الميناء",
    "الشرقي",
];

const LETTERS: [char; 24] = [
    'ا', 'ب', 'ت', 'ج', 'ح', 'خ', 'د', 'ر', 'ز', 'س', 'ش', 'ص', 'ض', 'ط', 'ع', 'غ', 'ف', 'ق', 'ك',
    'ل', 'م', 'ن', 'و', 'ي',
];

/// Words that are the same for the same seed, and others for another. Every second one is a name that occurs nowhere
/// else: otherwise all entries would seem to tell a few stories.
fn words(seed: usize, count: usize) -> String {
    let mut state = u64::try_from(seed).unwrap().wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = |below: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut all = Vec::new();
    for place in 0..count {
        if place % 2 == 0 {
            all.push(WORDS[next(WORDS.len())].to_owned());
        } else {
            let letters = 4 + next(3);
            all.push((0..letters).map(|_| LETTERS[next(LETTERS.len())]).collect());
        }
    }
    all.join(" ")
}

fn minutes_ago(minutes: usize) -> String {
    let minutes = i64::try_from(minutes).unwrap();
    let at = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(minutes);
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_string(&at).unwrap()
}

fn name_of(source: usize) -> String {
    format!("{} {}", PAPERS[source % PAPERS.len()], words(source + 7_000, 2))
}

/// The pictures of entries, which sources share: their sizes in pixels, wide and tall ones among them.
const PICTURES: [(u32, u32); 6] =
    [(450, 300), (480, 270), (300, 300), (240, 360), (450, 150), (420, 280)];

/// A picture of soft colors, others for another number.
fn picture(number: usize, (width, height): (u32, u32), format: ImageFormat) -> Vec<u8> {
    let shade = u32::try_from(number * 37 % 120).unwrap();
    let picture = RgbImage::from_fn(width, height, |x, y| {
        let (across, down) = (x * 90 / width, y * 90 / height);
        Rgb([40 + across + shade, 60 + down, 170 - across].map(|it| u8::try_from(it).unwrap()))
    });
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(picture).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// The feed of a source: its entries of the last days. `site`: the address of its publisher, where the pictures are.
fn feed(source: usize, site: &str, has_pictures: bool) -> String {
    let mut items = String::new();
    for number in 0..ENTRIES {
        let is_shared = source < TELLERS && number == 0;
        let story = 90_000 + source / TELLERS_OF_A_STORY;
        let seed = if is_shared { story } else { source * 1_000 + number };
        let (title, text) = (words(seed, 6 + seed % 6), words(seed + 500_000, 20 + seed % 30));
        let at = minutes_ago(7 + number * 240 + source * 11 % 230);
        let picture = (source + number) % PICTURES.len();
        let picture = if has_pictures {
            format!("<enclosure url='{site}../../{picture}.jpg' type='image/jpeg' length='1'/>")
        } else {
            String::new()
        };
        let _ = write!(
            items,
            "<item><guid isPermaLink='false'>{source}-{number}</guid><title>{title}</title>\
             <link>https://s{source}.example/news/{number}</link><description>{text}</description>\
             <pubDate>{at}</pubDate>{picture}</item>"
        );
    }
    format!(
        "<rss version='2.0'><channel><title>{}</title><link>{site}</link>\
         <description>{}</description><language>ar</language>{items}</channel></rss>",
        name_of(source),
        words(source + 8_000, 18),
    )
}

/// The site's origin and its configuration.
pub fn home() -> (Origin, Home) {
    start_site(false)
}

/// The same with a picture for every entry, and with an icon that the page of each publisher names.
pub fn home_with_pictures() -> (Origin, Home) {
    start_site(true)
}

fn start_site(has_pictures: bool) -> (Origin, Home) {
    let origin = Origin::start();
    let mut rest = String::new();
    if has_pictures {
        rest.push_str("[serve]\npictures = true\n\n");
        for (number, size) in PICTURES.into_iter().enumerate() {
            let bytes = picture(number, size, ImageFormat::Jpeg);
            origin.put(&format!("/{number}.jpg"), Page::xml(bytes).content_type("image/jpeg"));
        }
    }
    for source in 0..SOURCES {
        let path = format!("/s{source}");
        let category = CATEGORIES[source % CATEGORIES.len()];
        let _ = write!(
            rest,
            "[[source]]\nid = \"s{source}\"\nurl = \"{}\"\ncategory = \"{category}\"\n\n",
            origin.url(&path)
        );
        let site = if has_pictures {
            put_site(&origin, source)
        } else {
            format!("https://s{source}.example/")
        };
        origin.put(&path, Page::xml(feed(source, &site, has_pictures)));
    }
    let home = Home::new(&origin, &rest);
    (origin, home)
}

/// Puts the site of a publisher on the origin: its page and its icon. Returns its address.
fn put_site(origin: &Origin, source: usize) -> String {
    let folder = format!("/site/{source}/");
    origin.put(
        &folder,
        Page::html("<html><head><link rel=apple-touch-icon href=i.png></head></html>"),
    );
    let icon = picture(source, (60, 60), ImageFormat::Png);
    origin.put(&format!("{folder}i.png"), Page::xml(icon).content_type("image/png"));
    origin.url(&folder)
}
