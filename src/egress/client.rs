//! Asking a server outside. Whatever it does, the caller has an answer or a failure within the patience, of bounded size;
//! never follows a redirect, never uses a proxy of the environment, and never tells in a failure what was asked.

use super::{
    Reach,
    resolver::{Resolver, is_within},
};
use reqwest::{Client, Method, Request, StatusCode, Url, header::HeaderMap};
use std::{net::IpAddr, sync::Arc, time::Duration};

/// The most that is read of an answer: what providers really send is a tenth of it.
pub const ANSWER_BYTES: usize = 64 * 1024;

/// A client for servers outside. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Egress {
    client: Client,
    reach: Reach,
}

/// A URL that is not called.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refused {
    #[error("this is no web address")]
    Unreadable,
    #[error("it must begin with https://")]
    InTheClear,
    #[error("it holds a user name or password")]
    Credentials,
    #[error("it leads to no public address")]
    OutOfReach,
}

/// What a server said. Never believed.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    /// Its address is out of reach: nothing was sent.
    Refused(Refused),
    /// Nothing was sent.
    Unreachable,
    /// It may have arrived.
    Timeout,
    /// It may have arrived.
    BrokenOff,
    /// It may have arrived.
    TooLarge,
}

impl Failure {
    /// For the record.
    pub fn code(self) -> &'static str {
        match self {
            Self::Refused(_) => "outOfReach",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::BrokenOff => "brokenOff",
            Self::TooLarge => "tooLarge",
        }
    }
}

impl Egress {
    /// Trusts the system's authorities.
    ///
    /// # Errors
    /// When the system has none.
    pub fn new(reach: Reach, patience: Duration) -> anyhow::Result<Self> {
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .dns_resolver(Arc::new(Resolver::new(reach)))
            .no_proxy()
            .timeout(patience)
            .connect_timeout(patience / 2)
            // A connection that was kept is to an address that was judged a while ago.
            .pool_max_idle_per_host(0)
            .user_agent("carehub")
            .build()?;
        Ok(Self { client, reach })
    }

    /// The URL, where it may be called. Names are judged once they are looked up.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, url: &str) -> Result<Url, Refused> {
        let url = Url::parse(url).map_err(|_| Refused::Unreadable)?;
        let host = url.host_str().ok_or(Refused::Unreadable)?;
        let is_local = match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(address) if !is_within(self.reach, address) => return Err(Refused::OutOfReach),
            Ok(address) => address.to_canonical().is_loopback(),
            Err(_) => is_this_machine(host),
        };
        if is_local && self.reach != Reach::PublicAndLoopback {
            return Err(Refused::OutOfReach);
        }
        match url.scheme() {
            "https" => {}
            "http" if is_local => {}
            "http" => return Err(Refused::InTheClear),
            _ => return Err(Refused::Unreadable),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refused::Credentials);
        }
        Ok(url)
    }

    /// A request, to be sent by [`Egress::send`].
    pub fn post(&self, url: Url) -> reqwest::RequestBuilder {
        self.client.post(url)
    }

    /// The same with another verb.
    pub fn request(&self, method: Method, url: Url) -> reqwest::RequestBuilder {
        self.client.request(method, url)
    }

    /// Asks, for an answer of at most [`ANSWER_BYTES`].
    ///
    /// # Errors
    /// When there is no answer, or none that could be one.
    pub async fn send(&self, request: reqwest::Result<Request>) -> Result<Answer, Failure> {
        self.send_within(request, ANSWER_BYTES).await
    }

    /// Asks, for an answer of at most so many bytes.
    ///
    /// # Errors
    /// When there is no answer, or none that could be one.
    pub async fn send_within(&self, request: reqwest::Result<Request>, most: usize) -> Result<Answer, Failure> {
        let request = request.map_err(|_| Failure::Refused(Refused::Unreadable))?;
        self.check(request.url().as_str()).map_err(Failure::Refused)?;
        let mut response = self.client.execute(request).await.map_err(|error| judge(&error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| judge(&error))? {
            if body.len() + chunk.len() > most {
                return Err(Failure::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body })
    }
}

fn is_this_machine(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    host == "localhost" || host.ends_with(".localhost")
}

fn judge(error: &reqwest::Error) -> Failure {
    if error.is_connect() {
        return Failure::Unreachable;
    }
    if error.is_timeout() { Failure::Timeout } else { Failure::BrokenOff }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn egress(reach: Reach) -> Egress {
        Egress::new(reach, Duration::from_secs(2)).unwrap()
    }

    #[actix_web::test]
    async fn what_leads_inside_is_not_called() {
        let egress = egress(Reach::Public);
        for (url, why) in [
            ("https://127.0.0.1/", Refused::OutOfReach),
            ("https://2130706433/", Refused::OutOfReach),
            ("https://0x7f.1/", Refused::OutOfReach),
            ("https://[::1]:8443/", Refused::OutOfReach),
            ("https://[::ffff:169.254.169.254]/", Refused::OutOfReach),
            ("http://169.254.169.254/latest/meta-data/", Refused::OutOfReach),
            ("https://LOCALHOST/", Refused::OutOfReach),
            ("https://a.localhost./", Refused::OutOfReach),
            ("http://push.example.org/", Refused::InTheClear),
            ("file:///etc/passwd", Refused::Unreadable),
            ("gopher://push.example.org/", Refused::Unreadable),
            ("https://user:word@push.example.org/", Refused::Credentials),
            ("push.example.org", Refused::Unreadable),
        ] {
            assert_eq!(egress.check(url).unwrap_err(), why, "{url}");
        }
        assert!(egress.check("https://push.example.org/send/x").is_ok());
        // A name that was not known for what it is when it was checked.
        let hosts = std::fs::read_to_string("/etc/hosts").unwrap_or_default();
        let names = hosts.lines().filter(|line| line.starts_with("127.") || line.starts_with("::1"));
        for name in names.filter_map(|line| line.split_whitespace().nth(1)) {
            let sent = egress.send(egress.client.get(format!("https://{name}:1/")).build()).await;
            assert!(matches!(sent, Err(Failure::Unreachable | Failure::Refused(_))), "{name}: {sent:?}");
        }
    }

    #[test]
    fn in_development_this_machine_may_be_called_in_the_clear_and_nothing_else_inside() {
        let egress = egress(Reach::PublicAndLoopback);
        for url in ["http://127.0.0.1:8081/x", "http://localhost:8081/x", "http://[::1]/"] {
            assert!(egress.check(url).is_ok(), "{url}");
        }
        assert_eq!(egress.check("http://10.0.0.1/").unwrap_err(), Refused::OutOfReach);
        assert_eq!(egress.check("http://push.example.org/").unwrap_err(), Refused::InTheClear);
    }
}
