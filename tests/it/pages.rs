//! Pages for readers, with the real binary: how to subscribe on every kind of page, headlines alone, the sources, the
//! choices of a search, the operator's style of dates, and a site below a path.

use crate::support::site;
use crate::support::web::{get, get_with};

const BROWSER: (&str, &str) = ("accept", "text/html");

#[test]
fn every_kind_of_page_says_how_to_subscribe() {
    let (_origin, home) = site::home();
    let program = site::run(&home);
    program.indexed();
    let story = get(program.address, "/feed.json").json();
    let mut stories = story["items"].as_array().unwrap().iter();
    let story = stories.find_map(|item| item["_rafid"]["story"]["url"].as_str()).unwrap();
    let story = url::Url::parse(story).unwrap().path().to_owned();
    for (path, own) in [
        ("/", ""),
        ("/?density=compact", ""),
        ("/source/one/", "source/one/"),
        ("/category/world/", "category/world/"),
        ("/output/rain/", "output/rain/"),
        ("/archive/1/", ""),
        (story.as_str(), ""),
        ("/search", ""),
        ("/search?q=Ferry", "search/Ferry/"),
        ("/sources", ""),
        ("/status", ""),
        ("/nothing", ""),
    ] {
        let page = get_with(program.address, path, &[BROWSER]).text();
        let (_, panel) = page.split_once("<summary>اشترك</summary>").expect(path);
        let (panel, _) = panel.split_once("</details>").unwrap();
        for file in ["feed.xml", "atom.xml", "feed.json"] {
            let address = format!(">http://{}/{own}{file}</code>", program.address);
            assert!(panel.contains(&address), "{path}: {address} in {panel}");
        }
        let whole = format!(">http://{}/feed.xml</code>", program.address);
        assert!(panel.contains(&whole) && panel.contains("/sources.opml"), "{path}: {panel}");
        assert_eq!(page.matches("<h1").count(), 1, "{path}");
    }
    assert!(program.stop().success());
}

#[test]
fn readers_choose_how_much_they_see_and_where_they_search() {
    let (_origin, home) = site::home();
    let program = site::run(&home);
    program.indexed();
    let normal = get(program.address, "/").text();
    let compact = get(program.address, "/?density=compact");
    assert_eq!(compact.status, 200);
    let compact = compact.text();
    assert!(normal.contains("class=\"teaser\"") && !compact.contains("class=\"teaser\""));
    assert_eq!(normal.matches("<article").count(), compact.matches("<article").count());
    assert!(compact.contains("href=\"/category/world/?density=compact\""), "{compact}");
    assert_eq!(get(program.address, "/?density=dense").status, 404);
    assert!(normal.contains("آخر تفقّد للمصادر <time"), "{normal}");

    let sources = get(program.address, "/sources").text();
    for expected in
        ["<h2>محليات</h2>", "وكالة الأنهار", "صحيفة غائبة", "متعثّر", "آخر خبر جديد <time"]
    {
        assert!(sources.contains(expected), "{expected} in {sources}");
    }
    let own = get(program.address, "/source/one/").text();
    assert!(
        own.contains("<a href=\"https://news.example/\" rel=\"noopener\">موقع الناشر</a>"),
        "{own}"
    );

    let rain = "%D8%A3%D9%85%D8%B7%D8%A7%D8%B1";
    let titles = |query: &str| get(program.address, &format!("/search?{query}")).text();
    assert!(titles(&format!("q={rain}&source=&category=")).contains("الجبال الغربية"));
    assert!(titles(&format!("q={rain}&source=one")).contains("الجبال الغربية"));
    let other = titles(&format!("q={rain}&source=two"));
    assert!(!other.contains("الجبال الغربية") && other.contains("source:&#34;two&#34;"), "{other}");
    assert!(titles("category=World").contains("Ferry"));
    assert!(program.stop().success());
}

#[test]
fn a_site_below_a_path_is_answered_with_the_path_and_without() {
    let (_origin, home) = site::home();
    let text = std::fs::read_to_string(home.config()).unwrap();
    let style = "months = \"levant\"\ndigits = \"arab\"\nhijri = true\n";
    home.write(&format!("[site]\naddress = \"https://example.org/news/\"\n{style}{text}"));
    let program = site::run(&home);
    for (path, status) in [
        ("/news/", 200),
        ("/news/feed.xml", 200),
        ("/news/source/one", 308),
        ("/news/category/world/atom.xml", 200),
        ("/news/style.css", 200),
        ("/news/nothing", 404),
        ("/newsroom/", 404),
        ("/feed.xml", 200),
        ("/source/one/", 200),
    ] {
        assert_eq!(get(program.address, path).status, status, "{path}");
    }
    let page = get(program.address, "/news/").text();
    assert_eq!(page, get(program.address, "/").text());
    for expected in [
        "href=\"/news/style.css?v=",
        "<link rel=\"canonical\" href=\"https://example.org/news/\">",
        "action=\"/news/search\"",
        " هـ</span></h2>",
        "٤ مصادر",
    ] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
    let levant =
        ["كانون", "شباط", "آذار", "نيسان", "أيار", "حزيران", "تموز", "آب", "أيلول", "تشرين"];
    assert!(levant.iter().any(|month| page.contains(month)), "{page}");
    let location = get(program.address, "/news/source/one").header("location").to_owned();
    assert_eq!(location, "one/", "relative to either path");
    assert!(program.stop().success());
}
