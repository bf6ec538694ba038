//! Where PostgreSQL is, and whether what is said to it is said over TLS. `sslmode` and `sslrootcert` stand in the
//! connection string as psql has them, with one difference: a certificate is always checked, whichever mode asks for
//! one. Never shows a connection string.

use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};
use std::{net::IpAddr, path::PathBuf};
use tokio_postgres::config::{Host, SslMode};

/// A connection string that was read.
#[derive(Clone, Debug)]
pub struct Target {
    /// With the library's `require` where the connection is to be over TLS.
    pub options: tokio_postgres::Config,
    /// Whose certificates are believed, as PEM; None: the system's authorities.
    pub roots: Option<PathBuf>,
}

impl Target {
    /// Reads a connection string.
    ///
    /// # Errors
    /// When it is none. The library's words may quote it, so they are not passed on.
    pub fn parse(url: &SecretString) -> anyhow::Result<Self> {
        let text = url.expose_secret();
        let (known, roots) = if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            of_url(text)
        } else {
            of_words(text)
        };
        let options = known.parse().ok().context(
            "the connection string cannot be read: write postgres://user:password@host/database or host=… user=… \
             dbname=…, and sslmode as disable, prefer, require or verify-full",
        )?;
        Ok(Self { options, roots: roots.map(PathBuf::from) })
    }

    /// Whether the connection is over TLS or not made. The milder modes of psql go without: whoever stands between
    /// could choose for them.
    pub fn is_over_tls(&self) -> bool {
        self.options.get_ssl_mode() == SslMode::Require
    }

    /// A host on the network that would be talked to in the clear.
    pub fn host_in_the_clear(&self) -> Option<String> {
        if self.is_over_tls() {
            return None;
        }
        let is_far =
            |name: &&str| *name != "localhost" && !name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        let hosts = self.options.get_hosts().iter().filter_map(|host| match host {
            Host::Tcp(name) => Some(name.as_str()),
            Host::Unix(_) => None,
        });
        let addresses = self.options.get_hostaddrs().iter().find(|address| !address.is_loopback());
        hosts.clone().find(is_far).map(str::to_owned).or_else(|| addresses.map(ToString::to_string))
    }
}

/// The library knows `require` alone, and no `sslrootcert`.
fn in_its_words(pair: &str) -> &str {
    match pair {
        "sslmode=verify-full" | "sslmode=verify-ca" => "sslmode=require",
        other => other,
    }
}

fn of_url(text: &str) -> (String, Option<String>) {
    let Some((address, query)) = text.split_once('?') else { return (text.to_owned(), None) };
    let is_roots = |pair: &&str| pair.starts_with("sslrootcert=");
    let others: Vec<&str> = query.split('&').filter(|pair| !is_roots(pair)).map(in_its_words).collect();
    // A plus is a plus here.
    let roots = query.split('&').find(is_roots).map(|pair| pair.replace('+', "%2B"));
    let roots = roots.and_then(|pair| Some(url::form_urlencoded::parse(pair.as_bytes()).next()?.1.into_owned()));
    (format!("{address}?{}", others.join("&")), roots)
}

fn of_words(text: &str) -> (String, Option<String>) {
    let mut roots = None;
    let mut others = Vec::new();
    for word in words(text) {
        match word.strip_prefix("sslrootcert=") {
            Some(path) => roots = Some(path.trim_matches('\'').to_owned()),
            None => others.push(in_its_words(word)),
        }
    }
    (others.join(" "), roots)
}

/// What stands between spaces; those within quotes separate nothing.
fn words(text: &str) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    let between = |c: char| {
        let ends = c.is_whitespace() && !quoted && !escaped;
        quoted ^= c == '\'' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    };
    text.split(between).filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> Target {
        Target::parse(&SecretString::from(text)).unwrap()
    }

    #[test]
    fn the_ways_of_psql_are_understood_in_both_spellings() {
        for text in [
            "postgres://ann:a%20word@db.example.org/carehub?connect_timeout=3&sslmode=verify-full&sslrootcert=/etc/our%20ca.pem",
            r"host=db.example.org user=ann password='a word' connect_timeout=3 sslmode=verify-full sslrootcert='/etc/our ca.pem' dbname=carehub",
        ] {
            let found = target(text);
            assert_eq!(found.roots, Some(PathBuf::from("/etc/our ca.pem")));
            assert_eq!(
                (found.options.get_password(), found.options.get_dbname()),
                (Some(&b"a word"[..]), Some("carehub"))
            );
            assert_eq!(found.options.get_connect_timeout().map(std::time::Duration::as_secs), Some(3));
            assert!(found.is_over_tls());
        }
        assert_eq!(words(r"a='b c' d=e\ f g"), ["a='b c'", r"d=e\ f", "g"]);
        let wrong = Target::parse(&SecretString::from("host=x sslmode=maybe password=secret")).unwrap_err();
        assert!(!format!("{wrong:?}").contains("secret"));
    }

    #[test]
    fn only_what_goes_over_the_network_without_tls_is_in_the_clear() {
        for near in [
            "host=/run/postgresql",
            "postgres://localhost/carehub",
            "host=127.0.0.1,::1",
            "postgres://db.example.org/carehub?sslmode=require",
            "host=db.example.org sslmode=verify-ca",
        ] {
            assert_eq!(target(near).host_in_the_clear(), None, "{near}");
        }
        for far in [
            "postgres://db.example.org/carehub",
            "host=db.example.org sslmode=prefer",
            "host=localhost,db.example.org sslmode=disable",
        ] {
            assert_eq!(target(far).host_in_the_clear().as_deref(), Some("db.example.org"), "{far}");
        }
        assert_eq!(target("host=localhost hostaddr=192.0.2.7").host_in_the_clear().as_deref(), Some("192.0.2.7"));
    }
}
