//! The headers of a response → how long it stays fresh, and how long the server wants no request.
//!
//! Freshness follows RFC 9111 section 4.2 for a private cache: `max-age`, else `Expires` minus
//! `Date`, minus `Age`. `s-maxage` is for shared caches and not read. `no-store` and `no-cache` give no
//! time to come back, so they give nothing: no header makes polling faster.

use http::HeaderMap;
use http::header::{AGE, CACHE_CONTROL, DATE, EXPIRES, HeaderName, RETRY_AFTER};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use crate::model::Freshness;

/// What `headers`, received at `now`, allow.
pub(super) fn parse_freshness(headers: &HeaderMap, now: Timestamp) -> Freshness {
    Freshness {
        fresh_seconds: fresh_seconds(headers, now),
        retry_after_seconds: retry_after_seconds(headers, now),
        clock_ahead_seconds: clock_ahead_seconds(headers, now),
    }
}

/// `Date` and, from a cache, its `Age`: the server's clock, compared with ours.
fn clock_ahead_seconds(headers: &HeaderMap, now: Timestamp) -> Option<i64> {
    let sent_at = single_header(headers, &DATE).and_then(parse_http_date)?;
    let age = i64::try_from(age_seconds(headers)).unwrap_or(i64::MAX);
    Some(sent_at.as_second().saturating_add(age).saturating_sub(now.as_second()))
}

fn age_seconds(headers: &HeaderMap) -> u64 {
    let age = single_header(headers, &AGE)
        .and_then(|list| parse_delta_seconds(list.split(',').next()?.trim()));
    age.unwrap_or(0)
}

fn fresh_seconds(headers: &HeaderMap, now: Timestamp) -> Option<u64> {
    let mut max_age = None;
    for (name, value) in cache_directives(headers) {
        match name.as_str() {
            "no-store" => return None,
            // With a value it concerns some header fields only (RFC 9111 section 5.2.2.4).
            "no-cache" if value.is_none() => return None,
            // If it is given twice, the first counts (RFC 9111 section 4.2.1).
            "max-age" if max_age.is_none() => max_age = Some(value.unwrap_or_default()),
            _ => {}
        }
    }
    let lifetime = match max_age {
        Some(word) => parse_delta_seconds(&word)?,
        None => seconds_to_expiry(headers, now)?,
    };
    Some(lifetime.saturating_sub(age_seconds(headers)))
}

/// `Expires` minus `Date`, or minus now. An unreadable date counts as none.
fn seconds_to_expiry(headers: &HeaderMap, now: Timestamp) -> Option<u64> {
    let expires_at = single_header(headers, &EXPIRES).and_then(parse_http_date)?;
    let sent_at = single_header(headers, &DATE).and_then(parse_http_date).unwrap_or(now);
    Some(seconds_between(sent_at, expires_at))
}

/// RFC 9110 section 10.2.3: seconds, or an HTTP date in any of its three forms.
fn retry_after_seconds(headers: &HeaderMap, now: Timestamp) -> Option<u64> {
    let word = single_header(headers, &RETRY_AFTER)?;
    parse_delta_seconds(word).or_else(|| Some(seconds_between(now, parse_http_date(word)?)))
}

/// `delta-seconds`; a number that is too large means "very long" (RFC 9111 section 1.2.2).
fn parse_delta_seconds(word: &str) -> Option<u64> {
    let is_number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| word.parse().unwrap_or(u64::MAX))
}

/// 0 when `to` is not later than `from`.
fn seconds_between(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.as_second().saturating_sub(from.as_second())).unwrap_or(0)
}

/// The three forms of RFC 9110 section 5.6.7, and the two that are sent instead of them: a zone other
/// than GMT (RFC 5322) and RFC 3339.
fn parse_http_date(word: &str) -> Option<Timestamp> {
    if let Ok(at) = httpdate::parse_http_date(word) {
        // The last day of 9999, which some send for "never", is later than our latest time.
        return Some(Timestamp::try_from(at).unwrap_or(Timestamp::MAX));
    }
    let mail = DateTimeParser::new().relaxed_weekday(true);
    mail.parse_timestamp(word).ok().or_else(|| word.parse().ok())
}

fn single_header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// The directives of all `Cache-Control` lines in their order: names in lower case, values without
/// their quotes.
fn cache_directives(headers: &HeaderMap) -> Vec<(String, Option<String>)> {
    let lines = headers.get_all(CACHE_CONTROL).iter();
    lines
        .flat_map(|line| split_list(&String::from_utf8_lossy(line.as_bytes())))
        .filter_map(|element| {
            let (name, value) = match element.split_once('=') {
                Some((name, value)) => (name, Some(value.trim().trim_matches('"').trim())),
                None => (element.as_str(), None),
            };
            let name = name.trim().to_ascii_lowercase();
            (!name.is_empty()).then(|| (name, value.map(str::to_owned)))
        })
        .collect()
}

/// Splits at commas outside of quotes.
fn split_list(line: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        quoted ^= c == '"';
        match found.last_mut() {
            Some(element) if c != ',' || quoted => element.push(c),
            _ => found.push(String::new()),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn now() -> Timestamp {
        "2026-11-24T10:00:00Z".parse().unwrap()
    }

    fn headers(lines: &[(HeaderName, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        headers
    }

    #[test]
    fn cache_control_decides() {
        let check = |lines: &[&str], expected: Option<u64>| {
            let lines: Vec<_> = lines.iter().map(|line| (CACHE_CONTROL, *line)).collect();
            assert_eq!(
                parse_freshness(&headers(&lines), now()).fresh_seconds,
                expected,
                "{lines:?}"
            );
        };
        check(&[], None);
        check(&["max-age=600"], Some(600));
        check(&["public, MAX-AGE = 600 , must-revalidate"], Some(600));
        check(&["max-age=\"600\""], Some(600));
        check(&["public", "max-age=600"], Some(600));
        check(&["max-age=600, max-age=7200"], Some(600));
        check(&["max-age=0"], Some(0));
        check(&["max-age=-1"], None);
        check(&["max-age=ten"], None);
        check(&["max-age"], None);
        check(&["max-age=99999999999999999999999"], Some(u64::MAX));
        check(&["s-maxage=600"], None);
        check(&["no-cache"], None);
        check(&["max-age=600, no-cache"], None);
        check(&["max-age=600", "No-Store"], None);
        check(&["no-cache=\"Set-Cookie, max-age=5\", max-age=600"], Some(600));
        check(&["private=\"x, no-store\", max-age=600"], Some(600));
        check(&[",,=,max-age=600,,"], Some(600));
        check(&["أخبار, max-age=600"], Some(600));
    }

    #[test]
    fn expiry_counts_from_the_answers_date() {
        let check = |lines: &[(HeaderName, &str)], expected: Option<u64>| {
            assert_eq!(
                parse_freshness(&headers(lines), now()).fresh_seconds,
                expected,
                "{lines:?}"
            );
        };
        let eleven = "Tue, 24 Nov 2026 11:00:00 GMT";
        let half_past_ten = "Tue, 24 Nov 2026 10:30:00 GMT";
        check(&[(EXPIRES, eleven)], Some(3600));
        check(&[(EXPIRES, eleven), (DATE, half_past_ten)], Some(1800));
        check(&[(EXPIRES, half_past_ten), (DATE, eleven)], Some(0));
        check(&[(EXPIRES, eleven), (DATE, "yesterday")], Some(3600));
        check(&[(EXPIRES, "0")], None);
        check(&[(EXPIRES, "-1")], None);
        check(&[(EXPIRES, eleven), (CACHE_CONTROL, "max-age=60")], Some(60));
        check(&[(EXPIRES, eleven), (CACHE_CONTROL, "max-age=x")], None);
        check(&[(EXPIRES, eleven), (CACHE_CONTROL, "no-cache")], None);
        check(&[(EXPIRES, eleven), (AGE, "600")], Some(3000));
    }

    #[test]
    fn age_is_subtracted() {
        let check = |age: &str, expected: u64| {
            let lines = headers(&[(CACHE_CONTROL, "max-age=600"), (AGE, age)]);
            assert_eq!(parse_freshness(&lines, now()).fresh_seconds, Some(expected), "{age}");
        };
        check("100", 500);
        check("600", 0);
        check("9999", 0);
        check("99999999999999999999999", 0);
        check("100, 300", 500);
        check("-5", 600);
        check("old", 600);
    }

    #[test]
    fn retry_after_in_every_form() {
        let check = |word: &str, expected: Option<u64>| {
            let found =
                parse_freshness(&headers(&[(RETRY_AFTER, word)]), now()).retry_after_seconds;
            assert_eq!(found, expected, "{word}");
        };
        check("120", Some(120));
        check(" 120 ", Some(120));
        check("0", Some(0));
        check("Tue, 24 Nov 2026 11:00:00 GMT", Some(3600));
        check("Tuesday, 24-Nov-26 11:00:00 GMT", Some(3600));
        check("Tue Nov 24 11:00:00 2026", Some(3600));
        check("Tue, 24 Nov 2026 14:00:00 +0300", Some(3600));
        check("Mon, 24 Nov 2026 11:00:00 UT", Some(3600));
        check("24 Nov 2026 11:00 GMT", Some(3600));
        check("2026-11-24T11:00:00Z", Some(3600));
        check("Tue, 24 Nov 2026 09:00:00 GMT", Some(0));
        check("99999999999999999999999", Some(u64::MAX));
        let end_of_time = Timestamp::MAX.as_second() - now().as_second();
        check("Fri, 31 Dec 9999 23:59:59 GMT", u64::try_from(end_of_time).ok());
        check("-120", None);
        check("1.5", None);
        check("", None);
        check("soon", None);
        check("Tue, 99 Nov 2026 11:00:00 GMT", None);
    }

    #[test]
    fn the_servers_clock_is_compared_with_ours() {
        let check = |lines: &[(HeaderName, &str)], expected: Option<i64>| {
            let found = parse_freshness(&headers(lines), now()).clock_ahead_seconds;
            assert_eq!(found, expected, "{lines:?}");
        };
        let half_past_nine = (DATE, "Tue, 24 Nov 2026 09:30:00 GMT");
        check(&[], None);
        check(&[(DATE, "yesterday")], None);
        check(&[(DATE, "Tue, 24 Nov 2026 10:00:05 GMT")], Some(5));
        check(std::slice::from_ref(&half_past_nine), Some(-1800));
        check(&[half_past_nine.clone(), (AGE, "1800")], Some(0));
        check(&[half_past_nine, (AGE, "99999999999999999999")], Some(i64::MAX - now().as_second()));
    }

    proptest::proptest! {
        #[test]
        fn no_header_panics(word in "\\PC{0,60}", age in "[0-9, -]{0,30}") {
            let lines = [
                (CACHE_CONTROL, word.as_str()),
                (EXPIRES, word.as_str()),
                (RETRY_AFTER, word.as_str()),
                (AGE, age.as_str()),
            ];
            parse_freshness(&headers(&lines), now());
        }
    }
}
