//! `pictures = true` with the real binary: which pictures are requested and which are not, by the origin's own log;
//! what readers get, and after a restart, too.

use std::fmt::Write as _;
use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use crate::support::program::{Home, Program};
use crate::support::web::{get, get_with};
use crate::support::{Origin, Page};

fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| {
        Rgb([x, y, x * y].map(|it| u8::try_from(it % 251).unwrap()))
    });
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(picture).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn served(bytes: Vec<u8>, content_type: &'static str) -> Page {
    Page::xml(bytes).content_type(content_type)
}

/// A feed with an icon, whose entries have these pictures.
fn feed(origin: &Origin, pictures: &[String]) -> Page {
    let (site, icon) = (origin.url("/"), origin.url("/icon.png"));
    let mut items = String::new();
    for (at, address) in pictures.iter().enumerate() {
        // The first one is the newest.
        let age = jiff::SignedDuration::from_mins(i64::try_from(at).unwrap() + 1);
        let date = (jiff::Timestamp::now() - age).to_string();
        let _ = write!(
            items,
            "<item><guid isPermaLink='false'>{at}</guid><title>خبر رقم {at}</title>\
             <description>نص الخبر رقم {at}</description>\
             <pubDate>{date}</pubDate><enclosure url='{address}' type='image/jpeg' length='1'/></item>"
        );
    }
    Page::xml(format!(
        "<rss version='2.0'><channel><title>صحيفة الميناء</title><link>{site}</link>\
         <image><url>{icon}</url><title>x</title><link>{site}</link></image>{items}</channel></rss>"
    ))
}

fn home(origin: &Origin, serve: &str) -> Home {
    let url = origin.url("/feed");
    Home::new(origin, &format!("[serve]\n{serve}\n[[source]]\nid = \"a\"\nurl = \"{url}\"\n"))
}

/// The front page, once it has this many pictures beside headlines, and an icon.
fn page_with_pictures(program: &Program, count: usize) -> String {
    loop {
        let page = get(program.address, "/").text();
        if page.matches("<img class=\"lead\"").count() == count
            && page.contains("<img class=\"icon\"")
        {
            return page;
        }
        program.wait_for("outputs rendered", |_| true);
    }
}

/// The addresses of these pictures on a page.
fn addresses(page: &str, class: &str) -> Vec<String> {
    let tag = format!("<img class=\"{class}\" src=\"");
    let starts = page.split(&tag).skip(1);
    starts.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

#[test]
fn pages_show_copies_that_are_served_from_here_and_outlive_a_restart() {
    let origin = Origin::start();
    origin.put("/1.jpg", served(picture(1200, 800, ImageFormat::Jpeg), "image/jpeg"));
    origin.put("/icon.png", served(picture(96, 96, ImageFormat::Png), "image/png"));
    origin.put("/feed", feed(&origin, &[origin.url("/1.jpg")]));
    let home = home(&origin, "pictures = true");
    let program = home.run();
    let page = page_with_pictures(&program, 1);
    assert!(page.contains("width=\"408\" height=\"272\" alt=\"\" loading=\"lazy\""), "{page}");
    assert!(!page.contains(&origin.address.to_string()), "no address of the publisher: {page}");
    let compact = get(program.address, "/?density=compact").text();
    assert!(!compact.contains("<img class=\"lead\""), "{compact}");
    let lead = addresses(&page, "lead").remove(0);
    let icon = addresses(&page, "icon").remove(0);
    let copy = get(program.address, &lead);
    assert_eq!((copy.status, copy.header("content-type")), (200, "image/jpeg"));
    assert_eq!(copy.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(copy.header("x-content-type-options"), "nosniff");
    assert!(copy.body.starts_with(&[0xff, 0xd8]) && copy.header("content-encoding").is_empty());
    assert_eq!(get(program.address, &icon).header("content-type"), "image/webp");
    let policy = copy.header("content-security-policy");
    assert!(policy.contains("img-src 'self';"), "{policy}");
    for path in ["/picture/", "/picture/x", &format!("{lead}x"), &lead.to_uppercase()] {
        assert_eq!(get(program.address, path).status, 404, "{path}");
    }
    assert!(program.stop().success());

    let program = home.run();
    let again = page_with_pictures(&program, 1);
    assert_eq!(addresses(&again, "lead"), std::slice::from_ref(&lead));
    let tag = copy.header("etag").to_owned();
    assert_eq!(get_with(program.address, &lead, &[("if-none-match", &tag)]).status, 304);
    assert!(program.stop().success());
    for path in ["/1.jpg", "/icon.png"] {
        assert_eq!(origin.requests_to(path).len(), 1, "{path}");
    }
    let accepted = &origin.requests_to("/1.jpg")[0].headers["accept"];
    assert!(accepted.starts_with("image/webp"), "{accepted}");
}

/// A feed without a picture of its own: the page of the site decides which icon is shown.
#[test]
fn a_site_has_the_icon_that_its_page_names() {
    let named = "<link rel=icon href=/16.png sizes=16x16><link rel=icon href=/missing.png sizes=64x64>\
                 <link rel=apple-touch-icon href=/touch.png>";
    for (head, shown, requested) in [
        (named, 48, ["/", "/missing.png", "/touch.png"].as_slice()),
        ("<title>صحيفة</title>", 32, ["/", "/favicon.ico"].as_slice()),
    ] {
        let origin = Origin::start();
        origin.put("/touch.png", served(picture(180, 180, ImageFormat::Png), "image/png"));
        origin.put("/16.png", served(picture(16, 16, ImageFormat::Png), "image/png"));
        origin.put("/favicon.ico", served(picture(32, 32, ImageFormat::Png), "image/x-icon"));
        origin.put("/", Page::html(format!("<html><head>{head}</head><body>خبر</body></html>")));
        let plain = format!(
            "<rss version='2.0'><channel><title>صحيفة الميناء</title><link>{}</link>\
             <item><guid isPermaLink='false'>1</guid><title>خبر</title></item></channel></rss>",
            origin.url("/")
        );
        origin.put("/feed", Page::xml(plain));
        let home = home(&origin, "pictures = true");
        let program = home.run();
        let page = page_with_pictures(&program, 0);
        assert!(page.contains(&format!("width=\"{shown}\" height=\"{shown}\" alt=\"\"")), "{page}");
        assert!(program.stop().success());
        let all = origin.requests();
        let requests: Vec<&str> = all.iter().map(|it| it.path.as_str()).collect();
        let requests: Vec<&str> =
            requests.into_iter().filter(|path| !["/feed", "/robots.txt"].contains(path)).collect();
        assert_eq!(requests, requested);
        assert!(origin.requests_to("/")[0].headers["accept"].starts_with("text/html"));
    }
}

#[test]
fn nothing_is_requested_unless_the_operator_wants_pictures() {
    let origin = Origin::start();
    origin.put("/feed", feed(&origin, &[origin.url("/1.jpg")]));
    let home = home(&origin, "");
    let program = home.run();
    program.polled("a");
    program.rendered();
    let page = get(program.address, "/").text();
    assert!(page.contains("خبر رقم 0") && !page.contains("<img"), "{page}");
    let id = "0".repeat(32);
    assert_eq!(get(program.address, &format!("/picture/{id}")).status, 404);
    assert!(program.stop().success());
    assert!(origin.requests().iter().all(|request| request.path == "/feed"));
    assert!(!home.folder.path().join("data/pictures").exists());
}

#[test]
fn only_good_pictures_from_good_places_are_shown() {
    let (origin, other) = (Origin::start(), Origin::start());
    let paths = ["/moved", "/secret", "/missing", "/page", "/drawing", "/private/1.jpg", "/1.jpg"];
    let jpeg = || served(picture(800, 600, ImageFormat::Jpeg), "image/jpeg");
    origin.put("/robots.txt", Page::xml("User-agent: *\nDisallow: /private/"));
    for path in ["/1.jpg", "/private/1.jpg"] {
        origin.put(path, jpeg());
    }
    other.put("/inside", jpeg());
    let to_other = Page::status(302).header("location", &other.url("/inside"));
    origin.put("/moved", to_other);
    origin.put("/secret", Page::status(301).header("location", "http://10.0.0.1/1.jpg"));
    origin.put("/page", Page::html("<html><body>لا صورة هنا</body></html>"));
    let drawing = "<svg xmlns='http://www.w3.org/2000/svg' width='300' height='200'/>";
    origin.put("/drawing", served(drawing.into(), "image/jpeg"));
    origin.put("/icon.png", served(picture(96, 96, ImageFormat::Png), "image/png"));
    // Those of one host are requested one after another, the newest first: the good one is the last.
    let elsewhere = [other.url("/inside"), "http://169.254.169.254/latest/1.jpg".to_owned()];
    let own = paths.iter().map(|path| origin.url(path));
    let pictures: Vec<String> = elsewhere.into_iter().chain(own).collect();
    origin.put("/feed", feed(&origin, &pictures));
    let url = origin.url("/feed");
    // The other server may be polled, but pictures of this source must not come from it.
    let allowed =
        format!("[polling]\nallow_private = [\"{}\", \"{}\"]\n", origin.address, other.address);
    let home = home(&origin, "");
    home.write(&format!(
        "{allowed}[serve]\npictures = true\n[[source]]\nid = \"a\"\nurl = \"{url}\"\n"
    ));
    let program = home.run();
    page_with_pictures(&program, 1);
    let files = std::fs::read_dir(home.folder.path().join("data/pictures")).unwrap();
    let names: Vec<String> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    let gone = names.iter().filter(|name| name.contains(".gone")).count();
    assert!(gone >= paths.len() - 1, "{names:?}");
    assert!(program.stop().success());
    assert_eq!(other.requests().len(), 0, "{:?}", other.requests());
    for path in paths {
        let expected = usize::from(path != "/private/1.jpg");
        assert_eq!(origin.requests_to(path).len(), expected, "{path}");
    }
}
