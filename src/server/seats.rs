//! How many connections an address may have. One too many is cut as soon as it is there; nothing is read from it.

use crate::{config::edge::Edge, hub::socket};
use actix_web::dev::Extensions;
use socket2::SockRef;
use std::{
    any::Any,
    collections::{HashMap, hash_map::Entry},
    net::{IpAddr, Shutdown},
    sync::{Arc, Mutex, PoisonError},
};

/// Where nothing is set. An office shares one address; each of its browsers has a few.
const DEFAULT: usize = 1_000;

/// The connections of each address.
#[derive(Clone)]
pub struct Seats {
    edge: Edge,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A connection's place; free again when the connection ends.
struct Seat {
    address: IpAddr,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Seats {
    /// All free.
    pub fn new(edge: Edge) -> Self {
        Self { edge, taken: Arc::default() }
    }

    /// For `HttpServer::on_connect`: gives the connection a place, or cuts it.
    pub fn take(&self, io: &dyn Any, extensions: &mut Extensions) {
        let Some(stream) = socket::tcp_of(io) else { return };
        let Ok(peer) = stream.peer_addr() else { return };
        let address = peer.ip().to_canonical();
        let Some(most) = self.most_of(address) else { return };
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(address).or_default();
        if *count >= most {
            drop(taken);
            tracing::warn!("an address has as many connections as it may: another was cut");
            // It may be gone already.
            let _ = SockRef::from(stream).shutdown(Shutdown::Both);
            return;
        }
        *count += 1;
        extensions.insert(Seat { address, taken: self.taken.clone() });
    }

    /// None: as many as there is room for. Behind a proxy everybody has its address.
    fn most_of(&self, address: IpAddr) -> Option<usize> {
        if self.edge.trusted_proxies.contain(address) {
            return None;
        }
        match self.edge.connections_per_address {
            Some(most) => Some(most),
            None if address.is_loopback() => None,
            None => Some(DEFAULT),
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut count) = taken.entry(self.address) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}
