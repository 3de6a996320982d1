//! The publisher's link → the link to publish: absolute, without trackers; every other byte is
//! unchanged.

use std::borrow::Cow;

use url::Url;

use super::absolute_url;

/// Parameters that only record where a reader came from, in lower case, sorted. Rows: parameters
/// that the programs document which write them (Google Ads, Meta, Microsoft Advertising, Yandex,
/// Mailchimp, `HubSpot`, Marketo, Adobe, AT Internet), and `traffic_source` as seen in Arabic
/// feeds.
const TRACKERS: &[&str] = &[
    "__hsfp",
    "__hssc",
    "__hstc",
    "__twitter_impression",
    "_ga",
    "_gl",
    "_hsenc",
    "_hsmi",
    "_openstat",
    "cmpid",
    "dclid",
    "fb_action_ids",
    "fb_action_types",
    "fb_ref",
    "fb_source",
    "fbclid",
    "gaa_at",
    "gbraid",
    "gclid",
    "gclsrc",
    "guccounter",
    "hsctatracking",
    "igsh",
    "igshid",
    "mbid",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "msclkid",
    "ns_campaign",
    "ns_fee",
    "ns_linkname",
    "ns_mchannel",
    "ns_source",
    "oly_anon_id",
    "oly_enc_id",
    "ref_src",
    "ref_url",
    "s_cid",
    "s_kwcid",
    "spm",
    "srsltid",
    "traffic_source",
    "trk",
    "ttclid",
    "twclid",
    "vero_conv",
    "vero_id",
    "wbraid",
    "wickedid",
    "xtor",
    "yclid",
    "ysclid",
];

/// Prefixes of such parameters, sorted: AT Internet, `HubSpot`, Matomo (old and new names), Piwik,
/// Salesforce, Urchin (now Google Analytics) and its copies.
const TRACKER_PREFIXES: &[&str] = &["at_", "hsa_", "itm_", "mtm_", "pk_", "stm_", "utm_"];

/// Parameters that are trackers only with one of the values of `FEED_SOURCES`, sorted.
const SOURCE_PARAMETERS: &[&str] = &["from", "ref", "source", "src"];
/// The values that make one of `SOURCE_PARAMETERS` a tracker, sorted.
const FEED_SOURCES: &[&str] = &["feed", "feeds", "rss", "rss2", "rssfeed"];

/// The link to publish; `None`: it is not a web address.
pub(super) fn canonical_link(words: &str, base: Option<&Url>) -> Option<String> {
    let address = absolute_url::absolute_web_url(&without_entities(words), base)?;
    if !address.contains(['?', '#']) {
        return Some(address);
    }
    Some(without_trackers(&address))
}

/// `&amp;` in an address is an `&` that was escaped once too often, perhaps several times.
fn without_entities(words: &str) -> Cow<'_, str> {
    if !words.contains("&amp;") {
        return Cow::Borrowed(words);
    }
    let mut parts = words.split('&');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut rest = part;
        while let Some(after) = rest.strip_prefix("amp;") {
            rest = after;
        }
        // `&amp;&amp;` and the like keep their number.
        plain.push('&');
        plain.push_str(rest);
    }
    Cow::Owned(plain)
}

/// An absolute address without its trackers.
pub(super) fn without_trackers(address: &str) -> String {
    let (address, fragment) = split_once_at(address, '#');
    let (path, query) = split_once_at(address, '?');
    let mut out = path.to_owned();
    let mut mark = '?';
    for parameter in query.iter().flat_map(|query| query.split('&')) {
        let is_nothing = parameter.is_empty() && mark == '?';
        if !is_tracker(parameter) && !is_nothing {
            out.push(mark);
            out.push_str(parameter);
            mark = '&';
        }
    }
    if let Some(fragment) = fragment.filter(|fragment| is_meaningful(fragment)) {
        out.push('#');
        out.push_str(fragment);
    }
    out
}

fn split_once_at(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// Whether a parameter (`name=value`) is a tracker.
pub(super) fn is_tracker(parameter: &str) -> bool {
    let (name, value) = split_once_at(parameter, '=');
    let name = name.to_ascii_lowercase();
    let known = |table: &[&str], word: &str| table.binary_search(&word).is_ok();
    known(TRACKERS, &name)
        || TRACKER_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || (known(SOURCE_PARAMETERS, &name)
            && value.is_some_and(|value| known(FEED_SOURCES, &value.to_ascii_lowercase())))
}

/// A fragment is kept unless it is empty, a tracker (`#xtor=RSS-1`), or names a feed.
fn is_meaningful(fragment: &str) -> bool {
    !fragment.is_empty()
        && !is_tracker(fragment)
        && FEED_SOURCES.binary_search(&fragment.to_ascii_lowercase().as_str()).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &str, expected: &str) {
        assert_eq!(canonical_link(words, None).as_deref(), Some(expected), "{words}");
    }

    #[test]
    fn trackers_are_removed_and_the_rest_stays() {
        check("https://a.example/x?utm_source=rss", "https://a.example/x");
        check("https://a.example/x?id=1&utm_source=rss&b=2", "https://a.example/x?id=1&b=2");
        check("https://a.example/x?traffic_source=rss#c", "https://a.example/x#c");
        check("https://a.example/x?UTM_Medium=a&fbclid", "https://a.example/x");
        check("https://a.example/x?a&&b=", "https://a.example/x?a&&b=");
        check("https://a.example/x?", "https://a.example/x");
        check("https://a.example/أخبار/%d8%a?س=ص", "https://a.example/أخبار/%d8%a?س=ص");
        check("https://a.example/x?ref=rss&SectionID=2", "https://a.example/x?SectionID=2");
        check("https://a.example/x?ref=main", "https://a.example/x?ref=main");
        check("https://a.example/x?feed=rss", "https://a.example/x?feed=rss");
        check("https://a.example/?p=1&amp;utm_id=2&amp;amp;b=3", "https://a.example/?p=1&b=3");
        check("https://a.example/x?q=a?b", "https://a.example/x?q=a?b");
    }

    #[test]
    fn fragments() {
        check("https://a.example/#!/news/1", "https://a.example/#!/news/1");
        check("https://a.example/x#top", "https://a.example/x#top");
        check("https://a.example/x#", "https://a.example/x");
        check("https://a.example/x#xtor=RSS-1", "https://a.example/x");
        check("https://a.example/x#utm_source=a&utm_medium=b", "https://a.example/x");
        check("https://a.example/x#rss", "https://a.example/x");
    }

    #[test]
    fn tables_are_sorted_and_every_row_matches() {
        for table in [TRACKERS, TRACKER_PREFIXES, SOURCE_PARAMETERS, FEED_SOURCES] {
            assert!(table.is_sorted(), "{table:?}");
        }
        for name in TRACKERS {
            check(&format!("https://a.example/?{}=1", name.to_uppercase()), "https://a.example/");
        }
        for prefix in TRACKER_PREFIXES {
            check(&format!("https://a.example/?{prefix}x=1&y=2"), "https://a.example/?y=2");
        }
        for source in SOURCE_PARAMETERS {
            for word in FEED_SOURCES {
                check(&format!("https://a.example/?{source}={word}"), "https://a.example/");
            }
            check(
                &format!("https://a.example/?{source}=x"),
                &format!("https://a.example/?{source}=x"),
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn canonical_twice_is_canonical_once(
            tail in "([/?#&=;. %]|amp;|utm_x=1|rss|ref|[a-z0-9أ-ي]|\\PC){0,30}",
        ) {
            if let Some(once) = canonical_link(&format!("https://a.example/{tail}"), None) {
                proptest::prop_assert_eq!(canonical_link(&once, None), Some(once));
            }
        }
    }
}
