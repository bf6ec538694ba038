//! How the hub faces the network: SECURITY lines A3, B1 to B3, B5 to B7, O1, O3, O5, W3.

mod cross_site;
mod docs;
mod fuzz;
mod operators;
mod protections;
mod proxies;
mod rates;
mod sizes;
mod tls;
