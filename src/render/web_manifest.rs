//! The site → its web application manifest (w3.org/TR/appmanifest): its name and icon on the home screen of a telephone.

use serde_json::json;

use super::masthead::SiteFrame;
use super::{ICON, root_path};

/// The name of the file below the base.
pub const FILE: &str = "manifest.webmanifest";
/// The media type.
pub const MEDIA_TYPE: &str = "application/manifest+json";

/// The whole file as text. Its addresses are paths, so that it works under any host name.
pub fn render_web_manifest(frame: &SiteFrame) -> String {
    let root = root_path(&frame.base);
    let manifest = json!({
        "name": frame.title,
        "short_name": frame.title,
        "lang": "ar",
        "dir": "rtl",
        "id": root,
        "start_url": root,
        "scope": root,
        "display": "minimal-ui",
        // The paper and the links of `style.css` by day.
        "background_color": "#fbfaf7",
        "theme_color": "#0b5563",
        "icons": [
            { "src": format!("{root}{ICON}"), "sizes": "512x512", "type": "image/png" },
            { "src": format!("{root}icon.svg"), "sizes": "any", "type": "image/svg+xml" },
        ],
    });
    manifest.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::STYLE;

    #[test]
    fn it_names_the_site_below_its_path() {
        let frame = SiteFrame {
            title: "أخبار «اليوم» & غيرها".to_owned(),
            base: "https://news.example/rafid/".to_owned(),
            ..SiteFrame::default()
        };
        let manifest: serde_json::Value =
            serde_json::from_str(&render_web_manifest(&frame)).unwrap();
        assert_eq!(manifest["name"], frame.title);
        assert_eq!(
            (&manifest["start_url"], &manifest["scope"]),
            (&json!("/rafid/"), &json!("/rafid/"))
        );
        assert_eq!(manifest["icons"][0]["src"], "/rafid/icon.png");
        for (color, variable) in [("background_color", "--paper"), ("theme_color", "--link")] {
            let value = manifest[color].as_str().unwrap();
            assert!(STYLE.contains(&format!("{variable}: {value};")), "{variable} is not {value}");
        }
    }
}
