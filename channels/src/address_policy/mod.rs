//! Which addresses may be dialled on a tenant's behalf.
//!
//! A tenant names hosts (a mail server, a provider's base URL), and the server stands inside somebody's network: without
//! a rule, naming `169.254.169.254` would make it read the cloud's credentials. So a host is resolved once, the addresses
//! are checked, and **the checked address is what is dialled**; a name that resolves to something else a moment later
//! changes nothing. TLS still checks the host's name.

mod networks;

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use networks::Network;

/// The environment variable that the operator allows private addresses with.
pub const ALLOW_PRIVATE: &str = "STRATAGEM_HTTP_ALLOW_PRIVATE";

/// The rule. The default lets public addresses through and nothing else.
#[derive(Debug, Clone, Default)]
pub struct AddressPolicy {
    hosts: Vec<String>,
    networks: Vec<Network>,
    allow_loopback: bool,
    loopback_only: bool,
    names: Names,
}

/// Who is asked for the addresses of a name.
#[derive(Clone, Default)]
enum Names {
    /// The operating system.
    #[default]
    System,
    /// Somebody else.
    Other(Arc<Lookup>),
}

/// Gives the addresses of a name.
pub type Lookup = dyn Fn(&str) -> Vec<IpAddr> + Send + Sync;

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "System",
            Self::Other(_) => "Other",
        })
    }
}

/// Why a host was not dialled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The rule forbids it: it stays forbidden until somebody changes a setting.
    #[error("{0}")]
    Refused(String),
    /// The name could not be resolved just now.
    #[error("{0}")]
    Unresolved(String),
}

impl AddressPolicy {
    /// Reads the operator's list: hosts, addresses and networks (`10.1.0.0/16`), separated by commas. A host on it may
    /// have any address.
    ///
    /// # Errors
    /// The entry that is none of these.
    pub fn parse(list: &str) -> Result<Self, String> {
        let mut policy = Self::default();
        for entry in list.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            match Network::parse(entry) {
                Some(network) => policy.networks.push(network),
                None if is_host_name(entry) => policy.hosts.push(canonical(entry)),
                None => return Err(format!("{ALLOW_PRIVATE}: `{entry}` is neither a host nor a network")),
            }
        }
        Ok(policy)
    }

    /// Whether loopback addresses may be dialled without being on the list, as in a demo.
    #[must_use]
    pub fn allow_loopback(mut self, allow: bool) -> Self {
        self.allow_loopback = allow;
        self
    }

    /// Loopback and nothing else, whatever is on the list: for the jumping clock, under which weeks of messages are sent
    /// in a moment and must not leave the machine.
    #[must_use]
    pub fn loopback_only(mut self) -> Self {
        self.loopback_only = true;
        self
    }

    /// Names are looked up here, and not by the operating system: for tests of names that change their addresses.
    #[must_use]
    pub fn with_lookup(mut self, lookup: Arc<Lookup>) -> Self {
        self.names = Names::Other(lookup);
        self
    }

    /// Whether `ip` may be dialled for `host`.
    ///
    /// # Errors
    /// [`AddressError::Refused`], which names the setting that would allow it.
    pub fn check(&self, host: &str, ip: IpAddr) -> Result<(), AddressError> {
        if self.loopback_only {
            return if ip.is_loopback() {
                Ok(())
            } else {
                Err(AddressError::Refused(format!(
                    "{host} ({ip}) is not on this machine: while the clock jumps, only loopback addresses are dialled"
                )))
            };
        }
        let allowed = networks::is_public(ip)
            || (self.allow_loopback && ip.is_loopback())
            || self.hosts.contains(&canonical(host))
            || self.networks.iter().any(|network| network.contains(ip));
        if allowed {
            return Ok(());
        }
        Err(AddressError::Refused(format!(
            "{host} ({ip}) is not a public address; the operator can allow it with {ALLOW_PRIVATE}"
        )))
    }

    /// Resolves `host` once and gives the addresses that may be dialled, in the resolver's order.
    ///
    /// # Errors
    /// Refused where it has no address that may be dialled; unresolved where it has none at all.
    pub async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, AddressError> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let found: Vec<SocketAddr> = match &self.names {
            Names::System => tokio::net::lookup_host((bare, port))
                .await
                .map_err(|error| AddressError::Unresolved(format!("{host} cannot be resolved: {error}")))?
                .collect(),
            Names::Other(lookup) => lookup(bare).into_iter().map(|ip| SocketAddr::new(ip, port)).collect(),
        };
        let mut allowed = Vec::new();
        let mut refusal = None;
        for address in found {
            match self.check(host, address.ip()) {
                Ok(()) => allowed.push(address),
                Err(error) => refusal = Some(error),
            }
        }
        match refusal {
            _ if !allowed.is_empty() => Ok(allowed),
            Some(refusal) => Err(refusal),
            None => Err(AddressError::Unresolved(format!("{host} has no address"))),
        }
    }
}

/// A host's name as it is compared: lower case, without the dot at its end.
fn canonical(host: &str) -> String {
    host.trim_end_matches('.').to_ascii_lowercase()
}

fn is_host_name(text: &str) -> bool {
    text.len() <= 253
        && text.chars().any(|c| c.is_ascii_alphabetic())
        && text.trim_end_matches('.').split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn public_addresses_pass_and_all_others_do_not() {
        let policy = AddressPolicy::default();
        for public in ["8.8.8.8", "1.1.1.1", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "2a00:1450::8a"] {
            assert_eq!(policy.check("host.example", ip(public)), Ok(()), "{public}");
        }
        for other in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "168.63.129.16",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            let error = policy.check("host.example", ip(other)).unwrap_err();
            assert!(error.to_string().contains(ALLOW_PRIVATE), "{other}: {error}");
        }
    }

    #[test]
    fn the_operator_allows_hosts_addresses_and_networks() {
        let policy = AddressPolicy::parse("mail.internal, 10.1.0.0/16,192.168.7.7, fd00::/8,").unwrap();
        assert_eq!(policy.check("Mail.Internal.", ip("172.16.0.9")), Ok(()));
        assert_eq!(policy.check("other", ip("10.1.2.3")), Ok(()));
        assert_eq!(policy.check("other", ip("192.168.7.7")), Ok(()));
        assert_eq!(policy.check("other", ip("fd12::1")), Ok(()));
        for refused in ["10.2.0.1", "192.168.7.8", "127.0.0.1", "fe80::1", "::ffff:10.1.2.3"] {
            assert!(policy.check("other", ip(refused)).is_err(), "{refused}");
        }
    }

    #[test]
    fn an_entry_that_is_neither_host_nor_network_is_named() {
        for wrong in ["10.0.0.0/33", "10.0.0", "http://x", "a b", "10.0.0.0/", "::/129", "-/8"] {
            let error = AddressPolicy::parse(&format!("ok.example,{wrong}")).unwrap_err();
            assert!(error.contains(wrong), "{error}");
        }
    }

    #[test]
    fn loopback_is_a_switch_of_its_own() {
        let open = AddressPolicy::default().allow_loopback(true);
        assert_eq!(open.check("localhost", ip("127.0.0.1")), Ok(()));
        assert_eq!(open.check("localhost", ip("::1")), Ok(()));
        assert!(open.check("x", ip("10.0.0.1")).is_err());

        let closed = AddressPolicy::parse("10.0.0.0/8,mail.example").unwrap().loopback_only();
        assert_eq!(closed.check("localhost", ip("127.0.0.1")), Ok(()));
        for refused in ["8.8.8.8", "10.0.0.1"] {
            assert!(closed.check("mail.example", ip(refused)).is_err(), "{refused}");
        }
    }

    /// `getaddrinfo` reads all of these as 127.0.0.1, so the check must come after it.
    #[tokio::test]
    async fn odd_spellings_of_loopback_are_refused() {
        let policy = AddressPolicy::default();
        for spelling in
            ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "017700000001", "0x7f.1", "localhost", "[::1]"]
        {
            assert!(policy.resolve(spelling, 25).await.is_err(), "{spelling}");
        }
        let allowed = AddressPolicy::default().allow_loopback(true).resolve("127.1", 25).await.unwrap();
        assert_eq!(allowed, ["127.0.0.1:25".parse().unwrap()]);
    }
}
