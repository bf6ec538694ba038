//! Taking the port, before anything else is started: when somebody has it, nothing has happened yet.

use std::{
    io,
    net::{IpAddr, SocketAddr, TcpListener},
};

use socket2::{Domain, Protocol, Socket, Type};

/// Connections that may wait to be accepted. After a restart everybody comes back within seconds.
const BACKLOG: i32 = 4096;

/// A listener on this address; port 0 takes a free one.
pub fn bind(address: IpAddr, port: u16) -> anyhow::Result<TcpListener> {
    let address = SocketAddr::new(address, port);
    listen(address).map_err(|error| anyhow::anyhow!("{}", explain(address, &error)))
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // A port whose last owner has just ended is free; one with a living owner is not.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn explain(address: SocketAddr, error: &io::Error) -> String {
    let (ip, port) = (address.ip(), address.port());
    match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "port {port} on {ip} is in use by another program. Choose another with CAREHUB_PORT (CAREHUB_PORT=0 takes a \
             free one)"
        ),
        io::ErrorKind::PermissionDenied => {
            format!("port {port} needs special rights. Choose one above 1023 with CAREHUB_PORT")
        }
        io::ErrorKind::AddrNotAvailable => {
            format!(
                "{ip} is no address of this machine. Choose another with CAREHUB_BIND (127.0.0.1: this machine only)"
            )
        }
        _ => format!("cannot listen on {address}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_named_with_the_way_out() {
        let loopback = IpAddr::from([127, 0, 0, 1]);
        let first = bind(loopback, 0).unwrap();
        let port = first.local_addr().unwrap().port();
        let error = bind(loopback, port).unwrap_err().to_string();
        assert!(error.contains(&port.to_string()) && error.contains("CAREHUB_PORT"), "{error}");
        drop(first);
        bind(loopback, port).unwrap();
    }

    #[test]
    fn a_foreign_address_is_named() {
        let error = bind(IpAddr::from([192, 0, 2, 1]), 0).unwrap_err().to_string();
        assert!(error.contains("CAREHUB_BIND"), "{error}");
    }
}
