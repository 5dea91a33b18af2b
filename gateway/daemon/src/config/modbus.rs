//! `[[modbus.buses]]`: the lines and servers that Modbus devices hang on.

use std::collections::BTreeMap;

use super::{
    fields::{Fields, Node},
    problem::At,
};

/// A Modbus TCP server: one device, or a gateway with a line of them behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bus {
    /// Host name or address.
    pub host: String,
    /// TCP port; 502 where none is written.
    pub port: u16,
}

/// Modbus TCP's own port.
const PORT: u16 = 502;

/// Reads `[modbus]`.
pub fn read(mut fields: Fields<'_>) -> BTreeMap<String, Bus> {
    let mut buses = BTreeMap::new();
    for node in fields.tables("buses") {
        if let Some((id, bus)) = bus(node, &buses) {
            buses.insert(id, bus);
        }
    }
    fields.done();
    buses
}

fn bus(node: Node<'_>, others: &BTreeMap<String, Bus>) -> Option<(String, Bus)> {
    let mut fields = node.fields("[[modbus.buses]]")?;
    let problems = fields.walk.problems;
    let id = fields.required::<String>("id");
    let tcp = fields.required::<String>("tcp");
    fields.done();
    let id = id?;
    if others.contains_key(&id.value) {
        problems.error(
            &id.span,
            format!("there is a bus \"{}\" already", id.value),
            "give each bus an id of its own",
        );
        return None;
    }
    let At { value: tcp, span } = tcp?;
    let Some((host, port)) = host_and_port(&tcp) else {
        problems.error(
            &span,
            format!("\"{tcp}\" is no host with a port"),
            "write it as \"192.168.1.50\" or \"192.168.1.50:502\"",
        );
        return None;
    };
    if let Some((other, _)) = others.iter().find(|(_, b)| b.host == host && b.port == port) {
        problems.warning(
            &span,
            format!("bus \"{other}\" leads to {tcp} as well: both would ask it at the same time"),
            "hang the devices of both on one of them",
        );
    }
    Some((id.value, Bus { host, port }))
}

/// `host`, `host:port`, `[v6]` or `[v6]:port`.
fn host_and_port(text: &str) -> Option<(String, u16)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(v6) => {
            let (host, rest) = v6.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (host, rest.strip_prefix(':').or(rest.is_empty().then_some(""))?)
        }
        None => text.split_once(':').unwrap_or((text, "")),
    };
    let port = if port.is_empty() { PORT } else { port.parse().ok().filter(|p| *p > 0)? };
    let host_is_good = !host.is_empty() && !host.contains(['/', ' ', '@']) && !text.ends_with(':');
    host_is_good.then(|| (host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::host_and_port;

    #[test]
    fn a_host_is_read_with_and_without_its_port() {
        let read = |text| host_and_port(text).map(|(h, p)| format!("{h} {p}"));
        assert_eq!(read("192.168.1.50").as_deref(), Some("192.168.1.50 502"));
        assert_eq!(read("lift.local:1502").as_deref(), Some("lift.local 1502"));
        assert_eq!(read("[fe80::1]:503").as_deref(), Some("fe80::1 503"));
        for bad in ["", ":502", "a:", "a:b", "a:0", "a:70000", "tcp://a", "a b", "[x]:1", "[::1]5"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
