//! A list of networks and addresses, such as `10.0.0.0/8, 192.0.2.7, ::1`.

use anyhow::Context;
use ipnet::IpNet;
use std::{net::IpAddr, str::FromStr};

/// Addresses that something holds for. The empty list holds none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// Whether the address is in one of them. An IPv4 address is the same however it is written.
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl FromStr for Networks {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let network = |part: &str| -> anyhow::Result<IpNet> {
            match part.parse::<IpAddr>() {
                Ok(address) => Ok(IpNet::from(address)),
                Err(_) => part.parse().with_context(|| format!("{part} is no network")),
            }
        };
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(network).collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_its_addresses_and_no_other() {
        let networks: Networks = "10.0.0.0/8, 192.0.2.7,::1".parse().unwrap();
        for inside in ["10.255.255.255", "192.0.2.7", "::1", "::ffff:10.0.0.1"] {
            assert!(networks.contain(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["11.0.0.0", "192.0.2.8", "::2", "127.0.0.1"] {
            assert!(!networks.contain(outside.parse().unwrap()), "{outside}");
        }
        assert!("10.0.0.0/33".parse::<Networks>().is_err());
        assert!(!Networks::default().contain("127.0.0.1".parse().unwrap()));
    }
}
