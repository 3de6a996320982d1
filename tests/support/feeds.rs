//! Feeds for journeys, with texts of our own.

/// An RSS feed of these entries: guid, title, text, day of November 2026.
pub fn rss(title: &str, entries: &[(&str, &str, &str, u8)]) -> String {
    let items: String = entries
        .iter()
        .map(|(guid, title, text, day)| {
            format!(
                "<item><guid isPermaLink=\"false\">{guid}</guid><title>{title}</title>\
                 <link>https://news.example/{guid}</link><description>{text}</description>\
                 <pubDate>{day:02} Nov 2026 08:00:00 +0300</pubDate></item>"
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><rss version=\"2.0\"><channel>\
         <title>{title}</title><link>https://news.example/</link><description>أخبار</description>\
         <language>ar</language>{items}</channel></rss>"
    )
}

/// An Atom feed of these entries: id, title, text, day of November 2026.
pub fn atom(title: &str, entries: &[(&str, &str, &str, u8)]) -> String {
    let items: String = entries
        .iter()
        .map(|(id, title, text, day)| {
            format!(
                "<entry><id>urn:x:{id}</id><title>{title}</title>\
                 <link href=\"https://atom.example/{id}\"/><summary>{text}</summary>\
                 <updated>2026-11-{day:02}T09:00:00Z</updated></entry>"
            )
        })
        .collect();
    format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"ar\"><id>urn:x:feed</id>\
         <title>{title}</title><link href=\"https://atom.example/\"/>\
         <updated>2026-11-24T09:00:00Z</updated>{items}</feed>"
    )
}
