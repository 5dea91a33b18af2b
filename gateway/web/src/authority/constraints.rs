//! What the root may speak for: names and addresses that belong to nobody outside.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rcgen::{CidrSubnet, GeneralSubtree};

/// Names that no public authority gives away.
const LOCAL_NAMES: [&str; 6] = ["localhost", "local", "lan", "home.arpa", "internal", "intranet"];

/// Local names, private addresses, and the hosts that the root is made for.
pub(super) fn permitted(hosts: &[String]) -> Vec<GeneralSubtree> {
    let v4 = |a, b, c, d, prefix| (IpAddr::V4(Ipv4Addr::new(a, b, c, d)), prefix);
    let v6 = |first, prefix| (IpAddr::V6(Ipv6Addr::new(first, 0, 0, 0, 0, 0, 0, 0)), prefix);
    let mut nets = vec![
        v4(10, 0, 0, 0, 8),
        v4(172, 16, 0, 0, 12),
        v4(192, 168, 0, 0, 16),
        v4(127, 0, 0, 0, 8),
        v4(169, 254, 0, 0, 16),
        // Carrier-grade NAT, which VPNs such as Tailscale use.
        v4(100, 64, 0, 0, 10),
        (IpAddr::V6(Ipv6Addr::LOCALHOST), 128),
        v6(0xfc00, 7),
        v6(0xfe80, 10),
    ];
    let mut names: Vec<String> = LOCAL_NAMES.map(str::to_owned).to_vec();
    for host in hosts {
        match host.parse::<IpAddr>() {
            Ok(address) => nets.push((address, if address.is_ipv4() { 32 } else { 128 })),
            Err(_) if !names.contains(host) => names.push(host.clone()),
            Err(_) => {}
        }
    }
    let names = names.into_iter().map(GeneralSubtree::DnsName);
    let nets = nets
        .into_iter()
        .map(|(net, prefix)| GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(net, prefix)));
    names.chain(nets).collect()
}
