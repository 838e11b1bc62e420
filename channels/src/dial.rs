//! Servers that a tenant names by host and port, and how a connection to one is opened: only to addresses that the rule allows.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::settings::Fields;
use crate::{AddressError, AddressPolicy};

/// A host may have many addresses; this many are tried.
const MAX_ADDRESSES: usize = 3;

/// How a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encryption {
    /// Not at all. With a password it goes over the wire in the clear: for servers on the same machine or network.
    None,
    /// By `STARTTLS`. A server that does not offer it gets nothing.
    StartTls,
    /// From the first byte (ports 465 and 993).
    Implicit,
}

/// The settings `host`, `port` and `tls`.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) encryption: Encryption,
}

impl Server {
    /// Reads the three fields; none where one of them is wrong, which `fields` then knows.
    pub(crate) fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let host = fields.required_text("host").filter(|host| {
            let fits = host.len() <= 253 && host.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:[]".contains(c));
            if !fits {
                fields.wrong("host", "is no host name or address");
            }
            fits
        });
        let port = fields.required("port").and_then(|value| {
            let port = value.as_u64().and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0);
            if port.is_none() {
                fields.wrong("port", "must be a number from 1 to 65535");
            }
            port
        });
        let encryption = fields.required_text("tls").and_then(|name| match name {
            "none" => Some(Encryption::None),
            "starttls" => Some(Encryption::StartTls),
            "tls" => Some(Encryption::Implicit),
            _ => {
                fields.wrong("tls", "must be `none`, `starttls` or `tls`");
                None
            }
        });
        Some(Self { host: host?.to_owned(), port: port?, encryption: encryption? })
    }
}

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotDialled {
    /// The rule forbids it: it stays forbidden until somebody changes a setting.
    #[error("{0}")]
    Refused(String),
    /// It may work in a while.
    #[error("{0}")]
    Failed(String),
    /// So may this.
    #[error("the server took too long to answer")]
    TimedOut,
}

/// The addresses of `host` that may be dialled, a few of them.
///
/// # Errors
/// There is none, or `limit` passed.
pub(crate) async fn addresses(
    policy: &AddressPolicy,
    host: &str,
    port: u16,
    limit: Duration,
) -> Result<impl Iterator<Item = SocketAddr> + Send + use<>, NotDialled> {
    let addresses = timeout(limit, policy.resolve(host, port)).await.map_err(|_| NotDialled::TimedOut)?;
    let addresses = addresses.map_err(|error| match error {
        AddressError::Refused(reason) => NotDialled::Refused(reason),
        AddressError::Unresolved(reason) => NotDialled::Failed(reason),
    })?;
    Ok(addresses.into_iter().take(MAX_ADDRESSES))
}

/// Connects to exactly `address`.
///
/// # Errors
/// Nobody listens there, or `limit` passed.
pub(crate) async fn connect(address: SocketAddr, limit: Duration) -> Result<TcpStream, NotDialled> {
    let stream = timeout(limit, TcpStream::connect(address))
        .await
        .map_err(|_| NotDialled::TimedOut)?
        .map_err(|error| NotDialled::Failed(error.to_string()))?;
    // Commands are small and each waits for its reply. Where the option is missing it is only slower.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}
