//! A picture → whether it decorates a text: the writer's portrait, an emoji, a share button. It stays in the
//! text, but it is never the picture of an article.

use super::{attributes, pictures};

/// Sides of a picture in pixels below which it is an icon: the largest emoji and share buttons have 48.
const SMALLEST_SIDE: u32 = 50;

/// Hosts (including their subdomains) with the prefix of the path of pictures that decorate, sorted.
/// Sources: the documentation of `Gravatar`, `WordPress` (`wp_staticize_emoji`, smilies), Twemoji, GitHub
/// and Creative Commons; the addresses of portraits and buttons of Blogger, Facebook, X, `YouTube`,
/// `AddToAny`, Pinterest and `PayPal` as they occur in feeds.
const DECORATION_HOSTS: &[(&str, &str)] = &[
    ("abs-0.twimg.com", "/emoji/"),
    ("abs.twimg.com", "/emoji/"),
    ("addtoany.com", "/buttons/"),
    ("assets.pinterest.com", "/images/"),
    ("avatars.githubusercontent.com", "/"),
    ("blogblog.com", "/img/"),
    ("fbcdn.net", "/images/emoji.php/"),
    ("fbcdn.net", "/rsrc.php/"),
    ("gravatar.com", "/avatar/"),
    ("i.creativecommons.org", "/l/"),
    ("licensebuttons.net", "/l/"),
    ("paypalobjects.com", "/"),
    ("pbs.twimg.com", "/profile_images/"),
    ("s.w.org", "/images/core/emoji/"),
    ("wp.com", "/wp-content/mu-plugins/"),
    ("yt3.ggpht.com", "/"),
    ("yt4.ggpht.com", "/"),
];

/// Hosts (including their subdomains) with the prefix of the path of forms that share a page, sorted: a
/// picture that leads there is a button. Sources: the documentation of each service for buttons on pages.
const SHARE_FORMS: &[(&str, &str)] = &[
    ("addtoany.com", "/"),
    ("api.whatsapp.com", "/send"),
    ("bsky.app", "/intent/"),
    ("digg.com", "/submit"),
    ("facebook.com", "/dialog/"),
    ("facebook.com", "/share"),
    ("feeds.feedburner.com", "/~ff/"),
    ("feeds.wordpress.com", "/1.0/go"),
    ("getpocket.com", "/save"),
    ("linkedin.com", "/shareArticle"),
    ("linkedin.com", "/sharing/"),
    ("pinterest.com", "/pin/create/"),
    ("plus.google.com", "/share"),
    ("reddit.com", "/submit"),
    ("t.me", "/share/"),
    ("telegram.me", "/share/"),
    ("tumblr.com", "/share"),
    ("twitter.com", "/intent/"),
    ("twitter.com", "/share"),
    ("vk.com", "/share.php"),
    ("wa.me", "/"),
    ("x.com", "/intent/"),
    ("x.com", "/share"),
];

/// Words in the name of a file that is a button, sorted.
const BUTTON_WORDS: [&str; 6] = ["btn", "button", "ico", "icon", "share", "sharing"];
/// Words that stand beside them, sorted: services, and what says how a button looks.
const BESIDE_BUTTON_WORDS: [&str; 26] = [
    "black",
    "blue",
    "circle",
    "email",
    "facebook",
    "fb",
    "gray",
    "grey",
    "instagram",
    "linkedin",
    "logo",
    "mail",
    "pinterest",
    "print",
    "round",
    "sm",
    "small",
    "social",
    "square",
    "telegram",
    "this",
    "tw",
    "twitter",
    "whatsapp",
    "white",
    "x",
];
/// Endings of pictures that are drawn; a photo has another.
const DRAWN_ENDINGS: [&str; 4] = ["gif", "png", "svg", "webp"];

/// The last words of the classes of such pictures, sorted (`WordPress` and its themes, Disqus, Twemoji).
const DECORATION_CLASSES: [&str; 5] = ["avatar", "emoji", "gravatar", "smiley", "twemoji"];

/// Whether a picture decorates, by its address and its stated size.
pub(super) fn is_decoration(address: &str, width: Option<u32>, height: Option<u32>) -> bool {
    let is_small = [width, height].into_iter().flatten().any(|side| side < SMALLEST_SIDE);
    is_small || pictures::is_below_any(address, DECORATION_HOSTS) || is_named_like_button(address)
}

/// Whether an absolute address is that of a form that shares a page.
pub(super) fn is_share_form(address: &str) -> bool {
    pictures::is_below_any(address, SHARE_FORMS)
}

/// Whether a style makes a picture as small as an icon.
pub(super) fn is_small_by_style(style: &str) -> bool {
    style.split(';').filter_map(|rule| rule.split_once(':')).any(|(name, value)| {
        let name = name.trim();
        let is_side = name.eq_ignore_ascii_case("width") || name.eq_ignore_ascii_case("height");
        let value = value.trim();
        let pixels = value.get(value.len().saturating_sub(2)..);
        is_side
            && pixels.is_some_and(|unit| unit.eq_ignore_ascii_case("px"))
            && attributes::parse_pixels(value).is_some_and(|side| side < SMALLEST_SIDE)
    })
}

/// Whether the name of a file says that it is a button, and nothing else (`twitter-icon.svg`, `share.png`).
fn is_named_like_button(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let file = path.rsplit('/').next().unwrap_or_default();
    let Some((name, ending)) = file.rsplit_once('.') else { return false };
    if !DRAWN_ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(ending)) {
        return false;
    }
    let name = name.to_ascii_lowercase();
    let is_among = |words: &[&str], word: &str| words.binary_search(&word).is_ok();
    let words = || {
        let words = name.split(|c: char| !c.is_alphabetic());
        words.filter(|word| !word.is_empty() && *word != "px")
    };
    words().any(|word| is_among(&BUTTON_WORDS, word))
        && words().all(|word| is_among(&BUTTON_WORDS, word) || is_among(&BESIDE_BUTTON_WORDS, word))
}

/// Whether one of an element's classes is that of a picture that decorates.
pub(super) fn has_decoration_class(classes: &str) -> bool {
    classes.split_ascii_whitespace().any(|class| {
        let last = class.rsplit('-').next().unwrap_or_default().to_ascii_lowercase();
        DECORATION_CLASSES.binary_search(&last.as_str()).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons_are_recognized_by_what_they_lead_to_and_by_their_names() {
        assert!(SHARE_FORMS.is_sorted());
        for (host, start) in SHARE_FORMS {
            assert!(is_share_form(&format!("https://www.{host}{start}?u=x")), "{host}");
            assert!(!is_share_form(&format!("https://not{host}{start}?u=x")), "{host}");
        }
        assert!(!is_share_form("https://t.me/s/akhbar") && !is_share_form("https://x.com/a/1"));
        assert!(BUTTON_WORDS.is_sorted() && BESIDE_BUTTON_WORDS.is_sorted());
        let check = |name: &str, expected: bool| {
            let address = format!("https://a.example/i/{name}");
            assert_eq!(is_decoration(&address, None, None), expected, "{name}");
        };
        for name in
            ["twitter-icon.svg", "share.png", "icon_fb_32px.PNG?v=1", "share-this-button.gif"]
        {
            check(name, true);
        }
        for name in [
            "twitter.png",
            "twitter-icon.jpg",
            "share-of-oil.png",
            "rss%20buttons.png",
            "icon",
            "iconic.png",
        ] {
            check(name, false);
        }
        assert!(is_small_by_style("border:0; Width: 24px"));
        assert!(is_small_by_style("height:16PX;width:640px"));
        for style in ["width:100%", "max-width:24px", "width:640px", "width:2em", "24px", ""] {
            assert!(!is_small_by_style(style), "{style}");
        }
    }

    #[test]
    fn decorations_are_recognized_by_host_size_and_class() {
        assert!(DECORATION_HOSTS.is_sorted() && DECORATION_CLASSES.is_sorted());
        for (host, start) in DECORATION_HOSTS {
            assert!(is_decoration(&format!("https://{host}{start}x.png"), None, None), "{host}");
            assert!(is_decoration(&format!("https://2.{host}{start}x"), Some(640), None), "{host}");
            assert!(!is_decoration(&format!("https://not{host}{start}x"), None, None), "{host}");
        }
        let photo = "https://a.example/avatar/1.jpg";
        assert!(!is_decoration(photo, None, None));
        assert!(!is_decoration(photo, Some(640), Some(480)));
        assert!(is_decoration(photo, Some(32), Some(32)));
        assert!(is_decoration(photo, Some(640), Some(20)));
        assert!(has_decoration_class("aligncenter Avatar avatar-96"));
        assert!(!has_decoration_class("wp-image-12 avatar-movie"));
    }
}
