//! A small site that has every kind of page: two languages, a category, a named output, breaking news, a
//! story of two sources, an older page, and a source that fails.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use super::program::{Home, Program};
use super::{Origin, Page};

/// One event as two sources report it.
const STORY: [(&str, &str); 2] = [
    (
        "عاجل: انهيار جسر المشاة في مدينة الزيتون وإصابة سبعة عمال",
        "أصيب سبعة عمال صباح اليوم عندما انهار جسر المشاة القديم في وسط مدينة الزيتون أثناء أعمال الترميم، وقال \
         رئيس البلدية إن المهندسين كانوا حذروا من تصدع القواعد قبل شهر، وأغلقت الشرطة الشارع الرئيس.",
    ),
    (
        "إصابة سبعة عمال بانهيار جسر مشاة في الزيتون أثناء ترميمه",
        "انهار جسر المشاة في مدينة الزيتون أثناء الترميم فأصيب سبعة عمال نقلوا إلى المستشفى المركزي، وأغلقت \
         الشرطة الشارع الرئيس، فيما قال رئيس البلدية إن المهندسين حذروا من تصدع قواعد الجسر القديم.",
    ),
];

fn minutes_ago(minutes: i64) -> String {
    let at = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(minutes);
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_string(&at).unwrap()
}

/// A feed of these entries: name, minutes of age, title, text.
fn rss(title: &str, language: &str, entries: &[(&str, i64, &str, &str)]) -> Page {
    let item = |(name, minutes, title, text): &(&str, i64, &str, &str)| {
        format!(
            "<item><guid isPermaLink='false'>{name}</guid><title>{title}</title>\
             <link>https://news.example/{name}</link><description>{text}</description>\
             <pubDate>{}</pubDate></item>",
            minutes_ago(*minutes)
        )
    };
    let items: String = entries.iter().map(item).collect();
    Page::xml(format!(
        "<rss version='2.0'><channel><title>{title}</title><link>https://news.example/</link>\
         <description>{}</description><language>{language}</language>{items}</channel></rss>",
        if language == "ar" {
            "كل جديد من مراسلينا"
        } else {
            "News from the harbour"
        }
    ))
}

/// The site's origin and its configuration.
pub fn home() -> (Origin, Home) {
    let origin = Origin::start();
    let [(title, text), (other_title, other_text)] = STORY;
    let older = ("w", 300, "أمطار على الجبال الغربية", "لا أضرار حتى المساء");
    origin.put("/one", rss("وكالة الأنهار", "ar", &[("a", 60, title, text), older]));
    let wheat = ("q", 200, "ارتفاع أسعار القمح في الأسواق", "توقع تجار استمرار الزيادة");
    origin.put("/two", rss("صحيفة الميناء", "ar", &[("b", 30, other_title, other_text), wheat]));
    let port =
        ("p", 90, "Harbour reopens after a week of storms", "Ships began to enter the port.");
    let ferry = ("f", 100, "BREAKING: Ferry runs aground", "All passengers are safe.");
    origin.put("/three", rss("Harbour Herald", "en", &[port, ferry]));
    origin.put("/gone", Page::status(404));
    let mut rest =
        "[serve]\npage_entries = 3\n\n[[output]]\nid = \"rain\"\nname = \"أخبار المطر\"\n\
                    keep = [\"أمطار\"]\n\n"
            .to_owned();
    for (id, more) in [
        ("one", "category = \"محليات\""),
        ("two", "category = \"اقتصاد\""),
        ("three", "category = \"World\""),
        ("gone", "name = \"صحيفة غائبة\""),
    ] {
        let url = origin.url(&format!("/{id}"));
        let _ = write!(rest, "[[source]]\nid = \"{id}\"\nurl = \"{url}\"\n{more}\n\n");
    }
    let home = Home::new(&origin, &rest);
    (origin, home)
}

/// Where the search index is.
fn index_of(home: &Home) -> PathBuf {
    home.folder.path().join("data/search")
}

/// Puts a file in the place of the search index: no process can use it, whatever its permissions.
pub fn break_search(home: &Home) {
    fs::create_dir_all(index_of(home).parent().unwrap()).unwrap();
    fs::write(index_of(home), "in the way").unwrap();
}

/// Makes the search index possible again, and waits until it is ready.
pub fn mend_search(home: &Home, program: &Program) {
    fs::remove_file(index_of(home)).unwrap();
    program.wait_for("search index ready", |_| true);
}

/// The daemon, once everything was polled and rendered.
pub fn run(home: &Home) -> Program {
    let program = home.run();
    program.wait_for("first pass", |_| true);
    program.rendered();
    program
}
