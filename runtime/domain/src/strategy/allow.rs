use std::fmt;

/// A line of a tenant's allow-list: which hosts strategies may call, and how.
///
/// `[METHOD[,METHOD…] ][SCHEME://]HOST[:PORT]`, for example `api.example.com`, `*.example.com`, `GET,HEAD https://10.1.2.3:8443`.
/// Without methods all are allowed, without a scheme both, without a port all ports. `*.` stands for one label or more, and not for
/// none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRule {
    methods: Vec<String>,
    scheme: Option<String>,
    host: String,
    port: Option<u16>,
}

impl HttpRule {
    /// Reads a line; the error says what is wrong with it.
    pub fn parse(line: &str) -> Result<Self, String> {
        let (methods, target) = match line.trim().rsplit_once(' ') {
            Some((methods, target)) => (methods.split(',').map(|m| m.trim().to_ascii_uppercase()).collect(), target),
            None => (Vec::new(), line.trim()),
        };
        if let Some(odd) =
            methods.iter().find(|m: &&String| m.is_empty() || !m.bytes().all(|b| b.is_ascii_alphabetic()))
        {
            return Err(format!("`{odd}` is no HTTP method"));
        }
        let (scheme, authority) = match target.split_once("://") {
            Some((scheme @ ("http" | "https"), rest)) => (Some(scheme.to_owned()), rest),
            Some((scheme, _)) => return Err(format!("`{scheme}` is neither http nor https")),
            None => (None, target),
        };
        let (host, port) = split_port(authority)?;
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        if !is_host(host.strip_prefix("*.").unwrap_or(&host)) {
            return Err(format!("`{host}` is no host name or address"));
        }
        Ok(Self { methods, scheme, host, port })
    }

    /// Whether the rule lets this through. `host` as URLs have it: lower case, an IPv6 address in brackets.
    pub fn allows(&self, method: &str, scheme: &str, host: &str, port: u16) -> bool {
        self.port.is_none_or(|allowed| allowed == port)
            && (self.methods.is_empty() || self.methods.iter().any(|allowed| allowed == method))
            && self.scheme.as_deref().is_none_or(|allowed| allowed == scheme)
            && self.covers(host)
    }

    fn covers(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.');
        match self.host.strip_prefix('*') {
            Some(suffix) => host.len() > suffix.len() && host.ends_with(suffix),
            None => host == self.host,
        }
    }
}

impl fmt::Display for HttpRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.methods.is_empty() {
            write!(f, "{} ", self.methods.join(","))?;
        }
        if let Some(scheme) = &self.scheme {
            write!(f, "{scheme}://")?;
        }
        f.write_str(&self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), String> {
    // The colons of an IPv6 address are inside of its brackets.
    let after = authority.rfind(']').map_or(0, |bracket| bracket + 1);
    let Some(colon) = authority[after..].find(':') else { return Ok((authority, None)) };
    let (host, port) = (&authority[..after + colon], &authority[after + colon + 1..]);
    match port {
        "*" => Ok((host, None)),
        number => match number.parse() {
            Ok(port) if port > 0 => Ok((host, Some(port))),
            _ => Err(format!("`{number}` is no port")),
        },
    }
}

fn is_host(text: &str) -> bool {
    if let Some(inner) = text.strip_prefix('[') {
        return inner.strip_suffix(']').is_some_and(|inner| inner.parse::<std::net::Ipv6Addr>().is_ok());
    }
    let is_label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    (1..=253).contains(&text.len()) && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(line: &str) -> HttpRule {
        HttpRule::parse(line).unwrap()
    }

    #[test]
    fn a_host_alone_is_that_host_on_every_port() {
        let plain = rule("API.example.com.");
        assert!(plain.allows("DELETE", "https", "api.example.com", 443));
        assert!(plain.allows("GET", "http", "api.example.com", 8080));
        assert!(plain.allows("GET", "http", "api.example.com.", 80));
        for (scheme, host, port) in [
            ("https", "xapi.example.com", 443),
            ("https", "example.com", 443),
            ("https", "api.example.com.evil.test", 443),
        ] {
            assert!(!plain.allows("GET", scheme, host, port), "{scheme} {host} {port}");
        }
    }

    #[test]
    fn wildcards_ports_schemes_and_methods() {
        let wild = rule("*.example.com");
        assert!(wild.allows("GET", "https", "a.b.example.com", 443));
        assert!(!wild.allows("GET", "https", "example.com", 443));
        assert!(!wild.allows("GET", "https", ".example.com", 443));
        assert!(!wild.allows("GET", "https", "badexample.com", 443));
        assert!(rule("h:*").allows("GET", "http", "h", 1));
        assert!(rule("http://[::1]:8080").allows("GET", "http", "[::1]", 8080));
        assert!(!rule("https://h").allows("GET", "http", "h", 80));
        let reads = rule("get, HEAD https://h:8443");
        assert!(reads.allows("GET", "https", "h", 8443) && !reads.allows("POST", "https", "h", 8443));
        assert_eq!(reads.to_string(), "GET,HEAD https://h:8443");
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for odd in [
            "",
            "*",
            "*.",
            "a b c",
            "ftp://h",
            "h:0",
            "h:70000",
            "h:",
            "h/path",
            "user@h",
            "[::1",
            "h..x",
            "G3T h",
            "ä.example",
        ] {
            assert!(HttpRule::parse(odd).is_err(), "{odd}");
        }
    }
}
