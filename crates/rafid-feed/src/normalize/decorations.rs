//! A picture → whether it decorates a text: the writer's portrait, an emoji, a share button. It stays in the
//! text, but it is never the picture of an article.

use super::pictures;

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

/// The last words of the classes of such pictures, sorted (`WordPress` and its themes, Disqus, Twemoji).
const DECORATION_CLASSES: [&str; 5] = ["avatar", "emoji", "gravatar", "smiley", "twemoji"];

/// Whether a picture decorates, by its address and its stated size.
pub(super) fn is_decoration(address: &str, width: Option<u32>, height: Option<u32>) -> bool {
    let is_small = [width, height].into_iter().flatten().any(|side| side < SMALLEST_SIDE);
    is_small || pictures::is_below_any(address, DECORATION_HOSTS)
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
