//! Words of `feeds.toml` ↔ values: lengths of time, sizes, hosts with ports.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use super::settings::HostPort;

/// The units of time, largest first, in seconds.
const TIME_UNITS: [(&str, u64); 5] =
    [("w", 7 * 86_400), ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)];

/// The units of size, in bytes: 1024s with an `i`, 1000s without (IEC 80000-13). Longest first.
const SIZE_UNITS: [(&str, u64); 7] = [
    ("gib", 1 << 30),
    ("mib", 1 << 20),
    ("kib", 1 << 10),
    ("gb", 1_000_000_000),
    ("mb", 1_000_000),
    ("kb", 1000),
    ("b", 1),
];

/// Parses `90s`, `30m`, `1h30m`, `2d`, `1w`; each unit occurs once, larger ones first. `None`: another
/// form, or more seconds than 64 bits hold.
pub(super) fn parse_duration(words: &str) -> Option<Duration> {
    let mut rest = words.trim();
    let mut units = TIME_UNITS.iter();
    let mut seconds = 0_u64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let (number, after) = split_leading_number(rest)?;
        let (unit, worth) = units.find(|(unit, _)| after.starts_with(unit))?;
        seconds = seconds.checked_add(number.checked_mul(*worth)?)?;
        rest = after.strip_prefix(unit)?.trim_start();
    }
    Some(Duration::from_secs(seconds))
}

/// The form that `parse_duration` accepts: `1h30m`; `0s` for zero. Fractions of a second are dropped.
pub(super) fn format_duration(duration: Duration) -> String {
    let mut left = duration.as_secs();
    let mut words = String::new();
    for (unit, worth) in TIME_UNITS.iter().skip(1) {
        if left >= *worth {
            words.extend([&(left / worth).to_string(), *unit]);
            left %= worth;
        }
    }
    if words.is_empty() { "0s".to_owned() } else { words }
}

/// Parses `16MiB`, `16 MB`, `64kib`, `1000`, as bytes. `None`: another form, or too large.
pub(super) fn parse_size(words: &str) -> Option<u64> {
    let words = words.trim().to_ascii_lowercase();
    let (number, unit) = split_leading_number(&words)?;
    let unit = unit.trim_start();
    if unit.is_empty() {
        return Some(number);
    }
    let (_, worth) = SIZE_UNITS.iter().find(|(name, _)| *name == unit)?;
    number.checked_mul(*worth)
}

/// The form that `parse_size` accepts, in the largest unit of 1024s without a remainder.
pub(super) fn format_size(bytes: u64) -> String {
    [("GiB", 1_u64 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
        .iter()
        .find(|(_, worth)| bytes >= *worth && bytes.is_multiple_of(*worth))
        .map_or_else(|| format!("{bytes}B"), |(unit, worth)| format!("{}{unit}", bytes / worth))
}

fn split_leading_number(words: &str) -> Option<(u64, &str)> {
    let end = words.find(|c: char| !c.is_ascii_digit()).unwrap_or(words.len());
    let (digits, rest) = words.split_at_checked(end)?;
    Some((digits.parse().ok()?, rest))
}

/// The values of `listen`, in words.
pub(super) const LISTEN_EXPECTED: &str =
    "an address with a port, such as \"127.0.0.1:8080\" or \"[::]:8080\"";

/// Parses `127.0.0.1:8080`, `[::1]:0` or `localhost:8080` (which is 127.0.0.1).
pub(super) fn parse_listen(words: &str) -> Option<SocketAddr> {
    let words = words.trim();
    match words.strip_prefix("localhost:") {
        Some(port) => Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse().ok()?))),
        None => words.parse().ok(),
    }
}

/// `[::1]:80` for `::1:80`: an address of IPv6 with a port needs brackets, since its last group looks like a
/// port. `None`: another form.
pub(super) fn add_brackets(words: &str) -> Option<String> {
    let (host, port) = words.trim().rsplit_once(':')?;
    let (host, port) = (host.parse::<Ipv6Addr>().ok()?, port.parse::<u16>().ok()?);
    Some(format!("[{host}]:{port}"))
}

/// Parses `127.0.0.1:8081`, `intranet.example:80` or `[::1]:8080`: both parts are required.
pub(super) fn parse_host_port(words: &str) -> Option<HostPort> {
    let (host, port) = words.trim().rsplit_once(':')?;
    let port = port.parse().ok().filter(|port| *port != 0)?;
    let host = match url::Host::parse(host).ok()? {
        url::Host::Domain(name) => name,
        url::Host::Ipv4(address) => address.to_string(),
        url::Host::Ipv6(address) => address.to_string(),
    };
    Some(HostPort { host, port })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time() {
        let check = |words: &str, expected: Option<u64>| {
            assert_eq!(parse_duration(words).map(|d| d.as_secs()), expected, "{words:?}");
        };
        check("90s", Some(90));
        check("30m", Some(1800));
        check("1h30m", Some(5400));
        check(" 1h 30m ", Some(5400));
        check("2d", Some(172_800));
        check("1w", Some(604_800));
        check("1w1d1h1m1s", Some(694_861));
        check("0s", Some(0));
        for bad in ["", "30", "m", "30min", "30m1h", "1h1h", "1.5h", "-1h", "1 h", "٣٠m", "forever"]
        {
            check(bad, None);
        }
        check("18446744073709551615w", None);
        check("99999999999999999999s", None);
    }

    #[test]
    fn lengths_of_time_are_formatted_as_they_are_parsed() {
        for (seconds, shown) in [(0, "0s"), (90, "1m30s"), (5400, "1h30m"), (691_200, "8d")] {
            let length = Duration::from_secs(seconds);
            assert_eq!(format_duration(length), shown);
            assert_eq!(parse_duration(shown), Some(length));
        }
    }

    #[test]
    fn sizes() {
        let check = |words: &str, expected: Option<u64>| {
            assert_eq!(parse_size(words), expected, "{words:?}");
        };
        check("16MiB", Some(16 << 20));
        check("16 MB", Some(16_000_000));
        check("64kib", Some(65_536));
        check("1GB", Some(1_000_000_000));
        check("1GiB", Some(1 << 30));
        check("1KB", Some(1000));
        check("12B", Some(12));
        check("1000", Some(1000));
        for bad in
            ["", "MiB", "16M", "16 mega", "1.5MiB", "-1", "99999999999999999999", "99999999999GiB"]
        {
            check(bad, None);
        }
        for (bytes, shown) in [(16 << 20, "16MiB"), (1 << 16, "64KiB"), (1000, "1000B"), (0, "0B")]
        {
            assert_eq!(format_size(bytes), shown);
            assert_eq!(parse_size(shown), Some(bytes));
        }
    }

    #[test]
    fn where_to_listen() {
        let check = |words: &str, expected: Option<&str>| {
            assert_eq!(
                parse_listen(words).map(|at| at.to_string()).as_deref(),
                expected,
                "{words:?}"
            );
        };
        check("127.0.0.1:8080", Some("127.0.0.1:8080"));
        check("0.0.0.0:0", Some("0.0.0.0:0"));
        check("[::1]:80", Some("[::1]:80"));
        check("localhost:8080", Some("127.0.0.1:8080"));
        for bad in ["", "8080", ":8080", "localhost", "localhost:x", "127.0.0.1", "a.example:80"] {
            check(bad, None);
        }
    }

    #[test]
    fn brackets_are_advised_where_they_are_missing() {
        let check = |words: &str, expected: Option<&str>| {
            assert_eq!(add_brackets(words).as_deref(), expected, "{words:?}");
            assert!(expected.is_none_or(|better| parse_listen(better).is_some()), "{words:?}");
        };
        check("::1:80", Some("[::1]:80"));
        check(":::8080", Some("[::]:8080"));
        check("2001:db8::1:80", Some("[2001:db8::1]:80"));
        for other in ["", "::1", "[::1]:80", "127.0.0.1:80", "a.example:80", "::1:x"] {
            check(other, None);
        }
    }

    #[test]
    fn hosts_with_ports() {
        let check = |words: &str, expected: Option<(&str, u16)>| {
            let got = parse_host_port(words);
            assert_eq!(got.as_ref().map(|at| (at.host.as_str(), at.port)), expected, "{words:?}");
        };
        check("127.0.0.1:8081", Some(("127.0.0.1", 8081)));
        check("Intranet.Example:80", Some(("intranet.example", 80)));
        check("[::1]:8080", Some(("::1", 8080)));
        check("[0:0:0:0:0:0:0:1]:8080", Some(("::1", 8080)));
        check("مثال.example:80", Some(("xn--mgbh0fb.example", 80)));
        for bad in [
            "",
            ":80",
            "a.example",
            "a.example:",
            "a.example:0",
            "a.example:65536",
            "::1:80",
            "http://a.example:80",
            "a b:80",
            "a.example/x:80",
        ] {
            check(bad, None);
        }
    }
}
