//! Which addresses HTTP clients dial: a resolver of names, and the check of literal addresses, which no client resolves.

use std::net::IpAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::{AddressError, AddressPolicy};

/// Gives out only addresses that may be dialled, and each connection is made to one of those.
pub struct VettedResolver(pub AddressPolicy);

impl Resolve for VettedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = self.0.clone();
        Box::pin(async move {
            // The port is set by the connector.
            let addresses = policy.resolve(name.as_str(), 0).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

impl AddressPolicy {
    /// Whether the URL's address may be dialled, where it is one and not a name.
    ///
    /// # Errors
    /// [`AddressError::Refused`].
    pub fn check_literal(&self, url: &Url) -> Result<(), AddressError> {
        let address: IpAddr = match url.host() {
            Some(Host::Ipv4(v4)) => v4.into(),
            Some(Host::Ipv6(v6)) => v6.into(),
            Some(Host::Domain(_)) | None => return Ok(()),
        };
        self.check(url.host_str().unwrap_or_default(), address)
    }
}
