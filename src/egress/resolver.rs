//! Names to addresses for calls outside. Whoever owns a name decides what it leads to, and may decide otherwise a moment
//! later: hence addresses are judged here, where connections are made with them, and not before.

use super::{Reach, address};
use futures_util::{FutureExt, future::BoxFuture};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{io, net::SocketAddr, sync::Arc};

type Found = io::Result<Vec<SocketAddr>>;
type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, Found> + Send + Sync>;

/// Asks the system, and leaves out what is out of reach.
#[derive(Clone)]
pub struct Resolver {
    reach: Reach,
    lookup: Lookup,
}

/// A name that leads only to what is out of reach.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to no public address")]
pub struct OutOfReach;

impl Resolver {
    /// By the system's own.
    pub fn new(reach: Reach) -> Self {
        let system = |name: String| async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) }.boxed();
        Self { reach, lookup: Arc::new(system) }
    }

    #[cfg(test)]
    fn answering(reach: Reach, lookup: impl Fn(String) -> Vec<SocketAddr> + Send + Sync + 'static) -> Self {
        Self { reach, lookup: Arc::new(move |name| std::future::ready(Ok(lookup(name))).boxed()) }
    }
}

/// Whether calls may go there.
pub(super) fn is_within(reach: Reach, address: std::net::IpAddr) -> bool {
    address::is_public(address) || reach == Reach::PublicAndLoopback && address.to_canonical().is_loopback()
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (reach, found) = (self.reach, (self.lookup)(name.as_str().to_owned()));
        Box::pin(async move {
            let within: Vec<SocketAddr> =
                found.await?.into_iter().filter(|address| is_within(reach, address.ip())).collect();
            match within.is_empty() {
                true => Err(OutOfReach.into()),
                false => Ok(Box::new(within.into_iter()) as Addrs),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    async fn resolve(resolver: &Resolver, name: &str) -> Option<Vec<String>> {
        let found = resolver.resolve(name.parse().unwrap()).await.ok()?;
        Some(found.map(|address| address.ip().to_string()).collect())
    }

    #[actix_web::test]
    async fn a_name_of_this_machine_leads_nowhere_unless_that_was_allowed() {
        assert_eq!(resolve(&Resolver::new(Reach::Public), "localhost").await, None);
        assert!(resolve(&Resolver::new(Reach::PublicAndLoopback), "localhost").await.is_some());
    }

    #[actix_web::test]
    async fn a_name_that_leads_elsewhere_the_second_time_is_judged_each_time() {
        let asked = AtomicUsize::new(0);
        let resolver = Resolver::answering(Reach::Public, move |_| match asked.fetch_add(1, Ordering::Relaxed) {
            0 => vec!["1.1.1.1:0".parse().unwrap(), "10.0.0.7:0".parse().unwrap()],
            _ => vec!["169.254.169.254:0".parse().unwrap()],
        });
        assert_eq!(resolve(&resolver, "rebinding.example").await, Some(vec!["1.1.1.1".to_owned()]));
        assert_eq!(resolve(&resolver, "rebinding.example").await, None);
    }
}
