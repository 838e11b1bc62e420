//! Which addresses are dialled: the resolver of names, and the check of literal addresses, which no client resolves.

use std::error::Error;
use std::net::IpAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use stratagem_channels::{ALLOW_PRIVATE, AddressError, AddressPolicy};
use stratagem_domain::strategy::{HttpError, HttpErrorKind};
use url::{Host, Url};

use super::short;

/// Gives out only addresses that may be dialled, and each connection is made to one of those.
pub(super) struct VettedResolver(pub(super) AddressPolicy);

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

/// Whether the URL's address may be dialled, where it is one and not a name.
pub(super) fn check_literal(policy: &AddressPolicy, url: &Url) -> Result<(), String> {
    let address: IpAddr = match url.host() {
        Some(Host::Ipv4(v4)) => v4.into(),
        Some(Host::Ipv6(v6)) => v6.into(),
        Some(Host::Domain(_)) | None => return Ok(()),
    };
    policy.check(url.host_str().unwrap_or_default(), address).map_err(|error| error.to_string())
}

/// What the strategy is told of a failed call.
pub(super) fn explain(error: &reqwest::Error, url: &Url) -> HttpError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    let mut innermost = error.to_string();
    while let Some(this) = cause {
        if let Some(refused @ AddressError::Refused(_)) = this.downcast_ref::<AddressError>() {
            // Which address a name has in here is not the tenant's to know.
            tracing::info!(%refused, "a strategy's request was refused");
            let host = url.host_str().unwrap_or_default();
            let message =
                format!("{host} has no address that may be called; the operator can allow it with {ALLOW_PRIVATE}");
            return HttpError::new(HttpErrorKind::Denied, message);
        }
        innermost = this.to_string();
        cause = this.source();
    }
    HttpError::new(
        HttpErrorKind::Unreachable,
        format!("{} cannot be reached: {}", short(url.as_str()), short(&innermost)),
    )
}
