//! A network of its own, whose only link can be cut: what is sent into it is lost without a word.

use std::{
    fs,
    net::{IpAddr, SocketAddr, TcpStream},
    os::fd::AsFd,
    process::Command,
};

/// A network namespace, linked to this one, as long as this lives.
pub struct Network {
    name: String,
    /// The address of this side.
    pub here: IpAddr,
}

fn ip(arguments: &str) -> bool {
    Command::new("ip").args(arguments.split_whitespace()).output().is_ok_and(|output| output.status.success())
}

impl Network {
    /// None where it may not be made (it needs root and `ip`).
    pub fn new() -> Option<Self> {
        let pid = std::process::id();
        // A /30 out of a range for private use; the process id keeps two runs apart.
        let (third, fourth) = (pid / 64 % 256, pid % 64 * 4);
        let network =
            Self { name: format!("carehub{pid}"), here: format!("10.213.{third}.{}", fourth + 1).parse().unwrap() };
        let (name, here, there) = (&network.name, network.here, format!("10.213.{third}.{}", fourth + 2));
        let steps = [
            format!("netns add {name}"),
            format!("link add ch{pid} type veth peer name inside netns {name}"),
            format!("addr add {here}/30 dev ch{pid}"),
            format!("link set ch{pid} up"),
            format!("-n {name} addr add {there}/30 dev inside"),
            format!("-n {name} link set inside up"),
        ];
        steps.iter().all(|step| ip(step)).then_some(network)
    }

    /// A connection out of it.
    pub fn connect(&self, to: SocketAddr) -> TcpStream {
        let namespace = fs::File::open(format!("/run/netns/{}", self.name)).unwrap();
        // A thread of its own: it stays in there, and the socket belongs to where it was made.
        let connect = move || {
            let network = rustix::thread::LinkNameSpaceType::Network;
            rustix::thread::move_into_link_name_space(namespace.as_fd(), Some(network)).unwrap();
            TcpStream::connect(to).unwrap()
        };
        std::thread::spawn(connect).join().unwrap()
    }

    /// Cuts the link, or mends it.
    pub fn set_link(&self, up: bool) {
        assert!(ip(&format!("-n {} link set inside {}", self.name, if up { "up" } else { "down" })));
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // The link goes with it.
        ip(&format!("netns del {}", self.name));
    }
}
