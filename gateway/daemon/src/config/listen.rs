//! The addresses that the gateway listens on, checked against one another.

use std::{net::SocketAddr, ops::Range};

use super::{
    fields::Fields,
    problem::{At, Problems},
};

/// The listeners met so far, each with the key that asked for it.
#[derive(Debug, Default)]
pub struct Listeners(Vec<(SocketAddr, Range<usize>, String)>);

impl Listeners {
    /// The address behind `key`, noted down.
    pub fn take(&mut self, fields: &mut Fields<'_>, key: &'static str) -> Option<At<SocketAddr>> {
        let at = fields.optional::<SocketAddr>(key)?;
        self.0.push((at.value, at.span.clone(), format!("`{key}` of {}", fields.name)));
        Some(at)
    }

    /// Notes down an address that holds because its key was left out.
    pub fn note(&mut self, address: SocketAddr, fields: &Fields<'_>, key: &str) {
        let what = format!("`{key}` of {}, where it is not written,", fields.name);
        self.0.push((address, fields.span.clone(), what));
    }

    /// Reports addresses that can't both be listened on.
    pub fn check(&self, problems: &Problems) {
        for (n, (address, span, _)) in self.0.iter().enumerate() {
            let clash = self.0[..n].iter().find(|(other, _, _)| clashes(*address, *other));
            if let Some((other, _, what)) = clash {
                problems.error(
                    span,
                    format!("{address} is taken already: {what} listens on {other}"),
                    "give each of them a port of its own",
                );
            }
        }
    }
}

/// True if only one of the two can be listened on. `[::]` takes IPv4 too.
fn clashes(a: SocketAddr, b: SocketAddr) -> bool {
    a.port() != 0
        && a.port() == b.port()
        && (a.ip() == b.ip() || a.ip().is_unspecified() || b.ip().is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_port_serves_one_listener_unless_the_addresses_differ() {
        let clash = |a: &str, b: &str| clashes(a.parse().unwrap(), b.parse().unwrap());
        assert!(clash("0.0.0.0:80", "127.0.0.1:80"));
        assert!(clash("[::]:80", "0.0.0.0:80"));
        assert!(!clash("127.0.0.1:80", "127.0.0.2:80"));
        assert!(!clash("127.0.0.1:80", "127.0.0.1:81"));
        assert!(!clash("127.0.0.1:0", "127.0.0.1:0"), "port 0 is any free one");
    }
}
