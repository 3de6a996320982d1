//! The same event from several sources, with the real binary: once in the merged feed, with the names of all
//! sources; complete on its own page and in every source's own feed; the same after a restart.

use serde_json::Value;

use crate::support::program::{Home, Program};
use crate::support::web::get;
use crate::support::{Origin, Page};

/// One event in three entries: the second has the text of the first under another headline.
const FIRST: (&str, &str) = (
    "انهيار جسر المشاة في مدينة الزيتون وإصابة سبعة عمال",
    "أصيب سبعة عمال صباح اليوم عندما انهار جسر المشاة القديم في وسط مدينة الزيتون أثناء أعمال الترميم، وقال رئيس \
     البلدية إن المهندسين كانوا حذروا من تصدع القواعد قبل شهر، وأغلقت الشرطة الشارع الرئيس حتى إشعار آخر ونقل \
     المصابون إلى المستشفى المركزي.",
);
const COPY: (&str, &str) = ("سبعة جرحى في حادث الجسر", FIRST.1);
const OTHER: (&str, &str) = (
    "إصابة سبعة عمال بانهيار جسر مشاة في الزيتون أثناء ترميمه",
    "انهار جسر المشاة في مدينة الزيتون أثناء الترميم فأصيب سبعة عمال نقلوا إلى المستشفى المركزي، وأغلقت الشرطة \
     الشارع الرئيس، فيما قال رئيس البلدية إن المهندسين حذروا من تصدع قواعد الجسر القديم.",
);
const ELSE: (&str, &str) = (
    "ارتفاع أسعار القمح في الأسواق العالمية للشهر الثالث",
    "ارتفعت أسعار القمح في بورصة السلع بنسبة أربعة في المئة بعد موجة جفاف في سهول الشمال، وتوقع تجار استمرار \
     الزيادة حتى موسم الحصاد المقبل.",
);

fn rss(name: &str, items: &[(&str, &str, (&str, &str))]) -> Page {
    let items: Vec<String> = items
        .iter()
        .map(|(guid, time, (title, text))| {
            format!(
                "<item><guid isPermaLink='false'>{guid}</guid><title>{title}</title>\
                 <link>https://{name}.example/{guid}</link><description>{text}</description>\
                 <pubDate>{time}</pubDate></item>"
            )
        })
        .collect();
    let items = items.concat();
    Page::xml(format!(
        "<rss version='2.0'><channel><title>صحيفة {name}</title><link>https://{name}.example/</link>\
         <language>ar</language>{items}</channel></rss>"
    ))
}

/// Times of day of this very day: stories are of the last days.
fn today(minutes_ago: i64) -> String {
    let at = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(minutes_ago);
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_string(&at).unwrap()
}

fn items(program: &Program, path: &str) -> Vec<Value> {
    get(program.address, path).json()["items"].as_array().unwrap().clone()
}

fn titles(program: &Program, path: &str) -> Vec<String> {
    items(program, path).iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

fn home(origin: &Origin) -> Home {
    let source = |id: &str| {
        format!(
            "[[source]]\nid = \"{id}\"\nname = \"صحيفة {id}\"\nurl = \"{}\"\n",
            origin.url(&format!("/{id}"))
        )
    };
    let output = "[[output]]\nname = \"كل رواية\"\nid = \"all\"\nstories = \"off\"\n\
                  [[output]]\nname = \"مع الرواة\"\nid = \"related\"\nstories = \"related\"\n\
                  [[output]]\nname = \"بعضها\"\nid = \"some\"\nsources = [\"b\", \"c\"]\n";
    Home::new(origin, &[output, &source("a"), &source("b"), &source("c")].concat())
}

#[test]
fn a_story_appears_once_and_names_all_its_sources() {
    let origin = Origin::start();
    let home = home(&origin);
    origin.put("/a", rss("a", &[("1", &today(50), FIRST), ("2", &today(55), ELSE)]));
    origin.put("/b", rss("b", &[]));
    origin.put("/c", rss("c", &[]));
    assert!(home.command(&["poll", "--all"]).status.success());
    let program = home.run();
    let before = items(&program, "/feed.json");
    assert_eq!(titles(&program, "/feed.json"), [FIRST.0, ELSE.0]);
    assert!(before[0]["_rafid"].get("story").is_none(), "no other source reports it yet");
    assert!(program.stop().success());

    // Other sources report it, one with an earlier date.
    origin.put("/b", rss("b", &[("1", &today(60), COPY)]));
    assert!(home.command(&["poll", "b"]).status.success());
    origin.put("/c", rss("c", &[("1", &today(10), OTHER)]));
    assert!(home.command(&["poll", "c"]).status.success());
    let program = home.run();
    assert_eq!(titles(&program, "/feed.json"), [FIRST.0, ELSE.0], "it stands once, where it stood");
    let after = items(&program, "/feed.json");
    for key in ["id", "date_published", "date_modified", "url"] {
        assert_eq!(after[0][key], before[0][key], "{key} never jumps");
    }
    let story = &after[0]["_rafid"]["story"];
    let others: Vec<(&str, bool)> = story["also"]
        .as_array()
        .unwrap()
        .iter()
        .map(|also| (also["name"].as_str().unwrap(), also["same_text"].as_bool().unwrap()))
        .collect();
    assert_eq!(others, [("صحيفة b", true), ("صحيفة c", false)]);
    assert!(after[0]["content_html"].as_str().unwrap().contains("نشرته أيضًا جهتان أخريان"));
    let atom = get(program.address, "/atom.xml").text();
    assert!(atom.contains("href=\"https://c.example/1\" rel=\"related\""), "{atom}");
    let page = get(program.address, "/").text();
    assert!(page.contains(">نشرته أيضًا جهتان أخريان</a>"), "{page}");

    judge_other_outputs(&program, story["url"].as_str().unwrap());
    assert!(program.stop().success());
    assert!(home.command(&["poll", "--all"]).status.success());
    let program = home.run();
    let again = items(&program, "/feed.json");
    assert_eq!(again[0]["_rafid"]["story"]["also"], story["also"], "the same after restarts");
}

fn judge_other_outputs(program: &Program, url: &str) {
    assert_eq!(titles(program, "/output/all/feed.json").len(), 4, "nothing is hidden there");
    let related = items(program, "/output/related/feed.json");
    assert_eq!(related.len(), 4);
    assert!(related.iter().filter(|item| item["_rafid"].get("story").is_some()).count() == 3);
    assert_eq!(
        titles(program, "/output/some/feed.json"),
        [COPY.0],
        "the first to arrive of these two"
    );
    assert_eq!(titles(program, "/source/c/feed.json"), [OTHER.0], "a source has all of its own");

    let path = url.split_once("/story/").map(|(_, id)| format!("/story/{id}")).unwrap();
    let page = get(program.address, &path);
    assert_eq!(page.status, 200);
    let text = page.text();
    for expected in [FIRST.0, COPY.0, OTHER.0, "نشره 3 مصادر", "السبّاق إليه", "النص نفسه"]
    {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    assert_eq!(text.matches("<article").count(), 3);
    assert_eq!(get(program.address, "/story/x").status, 404);
}

/// Titles of one source that differ in numbers, days and ordinals alone; each line under one text.
const NUMBERED: [&[&str]; 9] = [
    &["النشرة رقم ٤", "النشرة رقم ٥", "النشرة رقم ٦"],
    &["نشرة السابعة مساء", "نشرة الثامنة مساء", "نشرة التاسعة مساء"],
    &["حديث المساء: الحلقة 1", "حديث المساء: الحلقة 11", "حديث المساء: الحلقة 12"],
    &[
        "الحلقة الثانية من برنامج الأسرة",
        "الحلقة الثانية والعشرون من برنامج الأسرة",
        "الحلقة الثالثة من برنامج الأسرة",
    ],
    &[
        "أسعار الذهب اليوم الأحد 29 نوفمبر",
        "أسعار الذهب اليوم السبت 28 نوفمبر",
        "أسعار الذهب اليوم الجمعة 27 نوفمبر",
    ],
    &["سعر صرف الدولار 3.75", "سعر صرف الدولار 3.76", "سعر صرف الدولار 3.77", "سعر صرف الدولار 3.78"],
    &["طقس الاثنين في المدينة", "طقس الثلاثاء في المدينة", "طقس الأربعاء في المدينة"],
    &["النخيل 2 - 1 الساحل", "النخيل 1 - 2 الساحل", "النخيل 2 - 2 الساحل"],
    &[
        "سحب اليانصيب 4 8 15",
        "سحب اليانصيب 4 8 15 16",
        "سحب اليانصيب 15 8 4",
        "سحب اليانصيب ۴ ۸",
        "سحب اليانصيب ٨ ٤",
    ],
];

/// Forty words that no other line has.
fn text_of_line(line: usize) -> String {
    let letter = |at: usize| char::from_u32(0x628 + u32::try_from(at % 18).unwrap()).unwrap();
    let word = |number: usize| (1..6).map(move |at| letter(line * 5 + number * at + at * at));
    (1..41).map(|number| word(number).collect::<String>()).collect::<Vec<_>>().join(" ")
}

#[test]
fn entries_that_differ_in_numbers_alone_are_all_published() {
    let origin = Origin::start();
    let home = home(&origin);
    let texts: Vec<String> = (0..NUMBERED.len()).map(text_of_line).collect();
    let titles_with_texts: Vec<(&str, &str)> = NUMBERED
        .iter()
        .zip(&texts)
        .flat_map(|(titles, text)| titles.iter().map(|title| (*title, text.as_str())))
        .collect();
    assert_eq!(titles_with_texts.len(), 30);
    let guids: Vec<String> = (0..30).map(|number| number.to_string()).collect();
    let times: Vec<String> = (0..30).map(|number| today(60 + 20 * number)).collect();
    let items: Vec<(&str, &str, (&str, &str))> = titles_with_texts
        .iter()
        .zip(guids.iter().zip(&times))
        .map(|(entry, (guid, time))| (guid.as_str(), time.as_str(), *entry))
        .collect();
    // Some arrive alone, and all are known after a restart.
    origin.put("/a", rss("a", &items[7..]));
    origin.put("/b", rss("b", &[]));
    origin.put("/c", rss("c", &[]));
    assert!(home.command(&["poll", "--all"]).status.success());
    origin.put("/a", rss("a", &items));
    assert!(home.command(&["poll", "--all"]).status.success());
    let program = home.run();
    let mut published = titles(&program, "/feed.json");
    assert_eq!(published.len(), 30, "{published:#?}");
    published.sort();
    let mut expected: Vec<&str> = titles_with_texts.iter().map(|(title, _)| *title).collect();
    expected.sort_unstable();
    assert_eq!(published, expected);
}
