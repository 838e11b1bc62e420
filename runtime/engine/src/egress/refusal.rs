//! What a strategy is told of a call that failed.

use std::error::Error;

use stratagem_channels::{ALLOW_PRIVATE, AddressError};
use stratagem_domain::strategy::{HttpError, HttpErrorKind};
use url::Url;

use super::short;

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
