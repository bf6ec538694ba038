//! Which addresses are everybody's: those that IANA's registries of special-purpose addresses do not set aside.

use ipnet::{Ipv4Net, Ipv6Net};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::LazyLock,
};

/// Set aside in IPv4: this network, private, shared, loopback, link-local (with the metadata services of clouds),
/// protocols, documentation, 6to4 relays, benchmarks, multicast, and what is reserved.
static V4: LazyLock<Vec<Ipv4Net>> = LazyLock::new(|| {
    let nets = [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    ];
    nets.iter().filter_map(|net| net.parse().ok()).collect()
});

/// What IPv6 gives to everybody is 2000::/3; of that, these are set aside: protocols, documentation, 6to4.
static V6: LazyLock<Vec<Ipv6Net>> = LazyLock::new(|| {
    let nets = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];
    nets.iter().filter_map(|net| net.parse().ok()).collect()
});

/// Whether the address is everybody's. An IPv4 address that is written as one of IPv6 is judged as what it is.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match embedded_v4(address) {
            Some(inner) => is_public_v4(inner),
            None => (address.segments()[0] & 0xe000) == 0x2000 && !V6.iter().any(|net| net.contains(&address)),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !V4.iter().any(|net| net.contains(&address))
}

/// Of `::ffff:a.b.c.d` and of the prefix by which networks translate, `64:ff9b::a.b.c.d`.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let is_translated = [a, b, c, d, e, f] == [0x64, 0xff9b, 0, 0, 0, 0];
    let [g0, g1] = g.to_be_bytes();
    let [h0, h1] = h.to_be_bytes();
    address.to_ipv4_mapped().or(is_translated.then_some(Ipv4Addr::new(g0, g1, h0, h1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_everybodys_is_public() {
        for inside in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002:7f00:1::",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["1.1.1.1", "172.32.0.1", "192.0.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"] {
            assert!(is_public(outside.parse().unwrap()), "{outside}");
        }
    }
}
