//! Asking identity providers. They are not trusted to be quick, brief or honest: what they may send, and for how long, is
//! bounded, nothing follows a redirect, and nothing that they name leads inside.

use crate::{
    config::Profile,
    egress::{Egress, Failure, Reach, Refused},
};
use openidconnect::{HttpRequest, HttpResponse, http};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(10);
/// Keys and metadata of the large providers take a tenth of it.
const ANSWER_BYTES: usize = 256 * 1024;

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    #[error("the identity provider was not reached ({})", .0.code())]
    Away(Failure),
    #[error("the identity provider's answer cannot be read")]
    Unreadable(#[from] http::Error),
}

/// A client for them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Http(Egress);

impl Http {
    /// Trusts the system's authorities. In development providers may be on this machine.
    ///
    /// # Errors
    /// When the system has none.
    pub fn new(profile: Profile) -> anyhow::Result<Self> {
        let reach = if profile == Profile::Production { Reach::Public } else { Reach::PublicAndLoopback };
        Ok(Self(Egress::new(reach, PATIENCE)?))
    }

    /// Whether an issuer could be asked at all.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, issuer: &str) -> Result<(), Refused> {
        self.0.check(issuer).map(drop)
    }

    /// Asks.
    ///
    /// # Errors
    /// When there is no answer, or none that could be one.
    pub async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let asked = self.0.send_within(request.try_into(), ANSWER_BYTES).await.map_err(HttpError::Away)?;
        let mut answer = http::Response::builder().status(asked.status);
        for (name, value) in &asked.headers {
            answer = answer.header(name, value);
        }
        Ok(answer.body(asked.body)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{io::Read, net::TcpListener, thread};

    /// A server on this machine that counts who comes.
    fn inside() -> (String, thread::JoinHandle<usize>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
        listener.set_nonblocking(true).unwrap();
        let counting = thread::spawn(move || {
            let until = std::time::Instant::now() + Duration::from_secs(2);
            let mut came = 0;
            while std::time::Instant::now() < until {
                if let Ok((mut stream, _)) = listener.accept() {
                    let _ = stream.read(&mut [0; 1]);
                    came += 1;
                }
                thread::sleep(Duration::from_millis(10));
            }
            came
        });
        (url, counting)
    }

    #[actix_web::test]
    async fn an_issuer_of_a_production_hub_leads_nowhere_inside() {
        let http = Http::new(Profile::Production).unwrap();
        let (url, came) = inside();
        for inside in [
            &url,
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://169.254.169.254/latest/meta-data/",
            "https://10.0.0.8/",
            "https://[::ffff:10.0.0.8]/",
            "http://accounts.example.org/",
            "https://user:word@accounts.example.org/",
        ] {
            assert!(http.check(inside).is_err(), "{inside}");
            let request = http::Request::get(inside).body(Vec::new()).unwrap();
            assert!(matches!(http.send(request).await, Err(HttpError::Away(Failure::Refused(_)))), "{inside}");
        }
        assert!(http.check("https://accounts.example.org").is_ok());
        assert_eq!(came.join().unwrap(), 0, "somebody inside was asked");
    }
}
