//! Why a connection ends, as a value.

/// A reason for closing a connection, with its close code (RFC 6455 and PROTOCOL).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disconnect {
    /// The client said goodbye.
    Normal,
    /// The hub restarts: come back after a random 0 to 5 s.
    Restarting,
    /// RFC 6455 was broken.
    ProtocolError,
    /// A binary frame: the protocol has none.
    Unsupported,
    /// Text that is not UTF-8.
    InvalidUtf8,
    /// A frame was announced and not sent in time.
    TooSlow,
    /// Larger than a frame may be.
    TooBig,
    /// No credential, or one that ended: sign in.
    SignIn,
    /// The credential of another user.
    Forbidden,
    /// More connections, or frames, than allowed.
    TooMany,
}

impl Disconnect {
    /// The close code on the wire.
    pub fn code(self) -> u16 {
        match self {
            Self::Normal => 1000,
            Self::ProtocolError => 1002,
            Self::Unsupported => 1003,
            Self::InvalidUtf8 => 1007,
            Self::TooSlow => 1008,
            Self::TooBig => 1009,
            Self::Restarting => 1012,
            Self::SignIn => 4401,
            Self::Forbidden => 4403,
            Self::TooMany => 4429,
        }
    }

    /// A few words for whoever debugs a client.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Normal => "",
            Self::ProtocolError => "protocol error",
            Self::Unsupported => "text frames only",
            Self::InvalidUtf8 => "not UTF-8",
            Self::TooSlow => "frame not completed in time",
            Self::TooBig => "frame too large",
            Self::Restarting => "restarting",
            Self::SignIn => "sign in",
            Self::Forbidden => "another user's token",
            Self::TooMany => "too many connections or frames",
        }
    }
}
