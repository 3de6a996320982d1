//! An address → whether it is public, or why not.
//!
//! A feed reader that anyone can point at an address is a way into its own network: addresses that are
//! not globally reachable are refused. The rows are the IANA special-purpose address registries (RFC 6890
//! and its updates); of IPv6 only `2000::/3` is public at all (RFC 4291). An IPv6 address that embeds an
//! IPv4 address is judged by the IPv4 address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// Why `ip` is not public; `None`: it is.
pub(super) fn private_reason(ip: IpAddr) -> Option<&'static str> {
    match ip {
        IpAddr::V4(ip) => private_v4_reason(ip),
        IpAddr::V6(ip) => private_v6_reason(ip),
    }
}

const fn v4(a: u8, b: u8, c: u8, length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, 0), length)
}

const fn v6(a: u16, b: u16, c: u16, length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), length)
}

/// IANA IPv4 special-purpose registry: the networks that are not globally reachable, and multicast.
const PRIVATE_V4: [(Ipv4Net, &str); 15] = [
    (v4(0, 0, 0, 8), "of this network"),
    (v4(10, 0, 0, 8), "private"),
    (v4(100, 64, 0, 10), "shared behind a carrier's NAT"),
    (v4(127, 0, 0, 8), "loopback"),
    (v4(169, 254, 0, 16), "link-local"),
    (v4(172, 16, 0, 12), "private"),
    (v4(192, 0, 0, 24), "for protocol assignments"),
    (v4(192, 0, 2, 24), "for documentation"),
    (v4(192, 88, 99, 24), "a former 6to4 relay"),
    (v4(192, 168, 0, 16), "private"),
    (v4(198, 18, 0, 15), "for benchmarking"),
    (v4(198, 51, 100, 24), "for documentation"),
    (v4(203, 0, 113, 24), "for documentation"),
    (v4(224, 0, 0, 4), "multicast"),
    (v4(240, 0, 0, 4), "reserved"),
];

/// IANA IPv6 special-purpose registry: the networks that are not globally reachable; the first match
/// counts.
const PRIVATE_V6: [(Ipv6Net, &str); 13] = [
    (Ipv6Net::new_assert(Ipv6Addr::UNSPECIFIED, 128), "unspecified"),
    (Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128), "loopback"),
    (Ipv6Net::new_assert(Ipv6Addr::UNSPECIFIED, 96), "IPv4-compatible"),
    (v6(0x64, 0xff9b, 1, 48), "behind a local NAT64"),
    (v6(0x100, 0, 0, 64), "discard-only"),
    (v6(0x2001, 2, 0, 48), "for benchmarking"),
    (v6(0x2001, 0x10, 0, 28), "a former cryptographic identifier"),
    (v6(0x2001, 0xdb8, 0, 32), "for documentation"),
    (v6(0x3fff, 0, 0, 20), "for documentation"),
    (v6(0xfc00, 0, 0, 7), "unique-local"),
    (v6(0xfe80, 0, 0, 10), "link-local"),
    (v6(0xfec0, 0, 0, 10), "site-local"),
    (v6(0xff00, 0, 0, 8), "multicast"),
];

const MAPPED: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96);
const NAT64: Ipv6Net = v6(0x64, 0xff9b, 0, 96);
const TEREDO: Ipv6Net = v6(0x2001, 0, 0, 32);
const SIX_TO_FOUR: Ipv6Net = v6(0x2002, 0, 0, 16);
const GLOBAL_UNICAST: Ipv6Net = v6(0x2000, 0, 0, 3);

fn private_v4_reason(ip: Ipv4Addr) -> Option<&'static str> {
    PRIVATE_V4.iter().find(|(net, _)| net.contains(&ip)).map(|(_, kind)| *kind)
}

fn private_v6_reason(ip: Ipv6Addr) -> Option<&'static str> {
    if let Some((_, kind)) = PRIVATE_V6.iter().find(|(net, _)| net.contains(&ip)) {
        return Some(kind);
    }
    match embedded_ipv4(ip) {
        [Some(first), second] => private_v4_reason(first).or_else(|| private_v4_reason(second?)),
        _ if GLOBAL_UNICAST.contains(&ip) => None,
        _ => Some("unassigned"),
    }
}

/// The IPv4 addresses inside: one in a mapped (RFC 4291), NAT64 (RFC 6052) or 6to4 (RFC 3056) address,
/// two in a Teredo address (RFC 4380: the server, and the client with inverted bits).
fn embedded_ipv4(ip: Ipv6Addr) -> [Option<Ipv4Addr>; 2] {
    let joined =
        |high: u16, low: u16| Some(Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low)));
    let [_, second, third, fourth, _, _, second_to_last, last] = ip.segments();
    if MAPPED.contains(&ip) || NAT64.contains(&ip) {
        [joined(second_to_last, last), None]
    } else if SIX_TO_FOUR.contains(&ip) {
        [joined(second, third), None]
    } else if TEREDO.contains(&ip) {
        [joined(third, fourth), joined(!second_to_last, !last)]
    } else {
        [None, None]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(ip: &str) -> Option<&'static str> {
        private_reason(ip.parse().unwrap())
    }

    #[test]
    fn every_row_refuses_its_first_and_last_address() {
        for (net, expected) in PRIVATE_V4 {
            for ip in [net.network(), net.broadcast()] {
                assert_eq!(private_reason(IpAddr::V4(ip)), Some(expected), "{ip} of {net}");
            }
        }
        for (net, expected) in PRIVATE_V6 {
            let last = private_reason(IpAddr::V6(net.broadcast()));
            assert_eq!(last, Some(expected), "last of {net}");
            // ::/96 begins with two addresses that have rows of their own.
            let first = private_reason(IpAddr::V6(net.network()));
            let is_unspecified = net.network() == Ipv6Addr::UNSPECIFIED;
            let first_kind = if is_unspecified { "unspecified" } else { expected };
            assert_eq!(first, Some(first_kind), "first of {net}");
        }
    }

    #[test]
    fn neighbors_of_private_networks_are_public() {
        for ip in [
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.0.3.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:db7:ffff::1",
            "2001:db9::1",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "3fff:1000::1",
        ] {
            assert_eq!(kind(ip), None, "{ip}");
        }
    }

    #[test]
    fn embedded_addresses_are_judged() {
        let check = |ip: &str, expected: Option<&str>| assert_eq!(kind(ip), expected, "{ip}");
        check("::ffff:127.0.0.1", Some("loopback"));
        check("::ffff:169.254.169.254", Some("link-local"));
        check("::ffff:8.8.8.8", None);
        check("::127.0.0.1", Some("IPv4-compatible"));
        check("64:ff9b::10.0.0.1", Some("private"));
        check("64:ff9b::8.8.8.8", None);
        check("64:ff9b:1::8.8.8.8", Some("behind a local NAT64"));
        check("2002:7f00:1::1", Some("loopback"));
        check("2002:808:808::1", None);
        // Teredo: the server 65.54.227.120; the client is the last 32 bits, inverted.
        check("2001:0:4136:e378:8000:63bf:f7f7:f7f7", None);
        check("2001:0:4136:e378:8000:63bf:80ff:fffe", Some("loopback"));
        check("2001:0:a00:1:8000:63bf:f7f7:f7f7", Some("private"));
    }

    #[test]
    fn only_global_unicast_is_public() {
        for ip in ["1::1", "4000::1", "5f00::1", "64:ff9a::1", "64:ff9b:0:1::1", "fe00::1"] {
            assert_eq!(kind(ip), Some("unassigned"), "{ip}");
        }
    }
}
