//! Where an address that a person typed in may lead: out to the public, never into the house's own
//! network, unless the operator named the host. Otherwise anybody with a sign-in could make the
//! gateway knock on doors behind the firewall.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Addresses longer than this are refused, in bytes.
const MAX_LENGTH: usize = 2048;

/// The URL in `text`, if messages may go there.
pub(crate) fn url(text: &str, hosts: &[String]) -> Result<Url, String> {
    if text.len() > MAX_LENGTH {
        return Err(format!("the address is longer than {MAX_LENGTH} bytes"));
    }
    let url = Url::parse(text).map_err(|e| format!("this is not a web address: {e}"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a web address with a name or password in it is not taken".into());
    }
    let host = url.host().ok_or("a web address with a host is wanted")?;
    let named = is_named(&host.to_string(), hosts);
    match url.scheme() {
        "https" => {}
        "http" if named => {}
        _ => return Err("the address must start with https://".into()),
    }
    if !named && !is_public_host(&host) {
        return Err(
            "the address leads into a private network: the operator has to name its host in `hosts`"
                .into(),
        );
    }
    Ok(url)
}

/// Whether `host` is out in the public, and not this machine's or a private network's.
pub(crate) fn is_public_host(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => is_public_name(name),
        Host::Ipv4(ip) => is_public((*ip).into()),
        Host::Ipv6(ip) => is_public((*ip).into()),
    }
}

/// Whether the host that a person named may be reached at `ip`: a name can be made to point anywhere after
/// it was checked.
pub(crate) fn may_lead(host: &str, ip: IpAddr, hosts: &[String]) -> bool {
    is_named(host, hosts) || is_public(ip)
}

fn is_named(host: &str, hosts: &[String]) -> bool {
    hosts.iter().any(|h| h.eq_ignore_ascii_case(host))
}

fn is_public_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    const PRIVATE: [&str; 6] = ["localhost", "local", "internal", "lan", "home", "arpa"];
    name.rsplit_once('.').is_some_and(|(_, last)| !PRIVATE.contains(&last))
}

/// Neither this machine's nor a private network's.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            !(v4.is_loopback()
                || v4.is_private()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_broadcast()
                || v4.is_multicast())
        }
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_public(v4.into()),
            None => {
                !(v6.is_loopback()
                    || v6.is_unspecified()
                    || v6.is_unique_local()
                    || v6.is_unicast_link_local()
                    || v6.is_multicast())
            }
        },
    }
}

/// Looks names up as the system does, and drops private addresses of public names: a name can be made
/// to point anywhere after it was checked.
pub(crate) struct PublicOnly {
    hosts: Arc<[String]>,
}

impl PublicOnly {
    /// Names in `hosts` may lead anywhere.
    pub fn except(hosts: &[String]) -> Self {
        Self { hosts: hosts.into() }
    }
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let hosts = self.hosts.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0))
                .await?
                .filter(|at| may_lead(name.as_str(), at.ip(), &hosts))
                .collect();
            if found.is_empty() {
                return Err(io::Error::new(io::ErrorKind::NotFound, "no public address").into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_out_to_the_public_and_nowhere_else() {
        for good in
            ["https://push.example.com/x", "https://203.0.113.7/x", "https://a.example:8443/"]
        {
            assert!(url(good, &[]).is_ok(), "{good}");
        }
        for bad in [
            "push.example.com",
            "http://push.example.com/x",
            "ftp://push.example.com/x",
            "https://user:pass@push.example.com/",
            "https://localhost/x",
            "https://printer.local/x",
            "https://printer/x",
            "https://127.0.0.1/x",
            "https://127.1/x",
            "https://10.1.2.3/x",
            "https://169.254.169.254/x",
            "https://[::1]/x",
            "https://[::ffff:192.168.1.1]/x",
            "https://[fd00::1]/x",
        ] {
            assert!(url(bad, &[]).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_operator_may_name_a_host_of_the_house() {
        let hosts = ["nas.lan".to_owned(), "127.0.0.1".to_owned()];
        assert!(url("http://nas.lan:8080/hook", &hosts).is_ok());
        assert!(url("http://127.0.0.1/hook", &hosts).is_ok());
        assert!(url("http://other.lan/hook", &hosts).is_err());
    }

    #[tokio::test]
    async fn a_name_that_points_home_is_not_followed_there() {
        let name = || "localhost".parse::<Name>().unwrap();
        let Err(refused) = PublicOnly::except(&[]).resolve(name()).await else {
            panic!("localhost was resolved")
        };
        assert!(refused.to_string().contains("no public address"));
        let named = PublicOnly::except(&["localhost".into()]).resolve(name()).await.unwrap();
        assert!(named.count() > 0);
    }
}
