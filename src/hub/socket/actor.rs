//! The socket as an actor of actix-web-actors, which no other file names. Its context is polled only while the client
//! reads; so it keeps nothing, decides nothing, and is ended from outside when it stalls.

use super::{
    assemble::{Assembly, Message},
    cut::Connection,
    guard::{Bounds, Guard, Shared},
    hang_up::HangUp,
};
use crate::hub::{
    session::link::{FromSocket, ToSocket},
    wire::Disconnect,
};
use actix::{
    Actor, ActorContext, ActorFutureExt, AsyncContext, ContextFutureSpawner, Handler, Recipient, StreamHandler,
    WrapFuture, dev::SendError,
};
use actix_http::ws::{Codec, Item};
use actix_web::{
    Error, HttpRequest, HttpResponse,
    body::MessageBody,
    http::header::{self, HeaderValue},
    web,
};
use actix_web_actors::ws::{self, CloseCode, CloseReason, ProtocolError, WebsocketContext, WsResponseBuilder};
use std::{rc::Rc, time::Duration};

/// Makes the one who gets what the socket hears, given where to send what it is to say.
pub type MakePeer = Box<dyn FnOnce(Recipient<ToSocket>) -> Recipient<FromSocket>>;

/// After its end a socket's last frame has so long to get into the kernel's hands.
const LAST_WORDS: Duration = Duration::from_millis(100);
/// The room of the codec above the limit that the guard enforces.
const SLACK: usize = 1_024;
/// A peer that does not close a failed connection by then is not waited for.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// Answers an upgrade: opens a socket whose frames go to the peer.
///
/// `protocol`: the subprotocol that was chosen. `capacity`: frames that may wait for a client that reads slowly.
///
/// Only version 13 is spoken; the library would take drafts, too.
///
/// # Errors
/// When the request is no WebSocket handshake.
pub fn open(
    request: &HttpRequest,
    payload: web::Payload,
    bounds: Bounds,
    protocol: Option<&'static str>,
    capacity: usize,
    make_peer: MakePeer,
) -> Result<HttpResponse, Error> {
    if request.headers().get(header::SEC_WEBSOCKET_VERSION).is_none_or(|version| version.as_bytes() != b"13") {
        return Ok(HttpResponse::UpgradeRequired()
            .insert_header((header::SEC_WEBSOCKET_VERSION, "13"))
            .insert_header((header::UPGRADE, "websocket"))
            .body("This address speaks WebSocket, version 13."));
    }
    let shared = Rc::new(Shared::default());
    let socket = Socket {
        make_peer: Some(make_peer),
        peer: None,
        shared: shared.clone(),
        assembly: Assembly::default(),
        capacity,
        failed: false,
        closed: false,
        connection: Connection::of(request),
    };
    let codec = Codec::new().max_size(bounds.message_bytes as usize + SLACK);
    let mut response =
        WsResponseBuilder::new(socket, request, Guard::new(payload, bounds, shared)).codec(codec).start()?;
    // Not chosen by the library, which sees the first line of an offer that comes in several.
    if let Some(protocol) = protocol {
        let chosen = HeaderValue::from_static(protocol);
        response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, chosen);
    }
    let connection = Connection::of(request);
    Ok(response.map_body(|_, frames| HangUp::after(frames, connection).boxed()))
}

struct Socket {
    make_peer: Option<MakePeer>,
    peer: Option<Recipient<FromSocket>>,
    shared: Rc<Shared>,
    assembly: Assembly,
    capacity: usize,
    failed: bool,
    closed: bool,
    connection: Option<Connection>,
}

type Ctx = WebsocketContext<Socket>;

impl Socket {
    /// Hands over; while the peer is busy the socket reads no further, and the client feels it.
    fn hand_over(&mut self, message: FromSocket, ctx: &mut Ctx) {
        let Some(peer) = &self.peer else { return };
        match peer.try_send(message) {
            Ok(()) => {}
            Err(SendError::Full(message)) => peer.send(message).into_actor(self).map(|_, _, _| ()).wait(ctx),
            Err(SendError::Closed(_)) => ctx.stop(),
        }
    }

    fn alive(&self) {
        // One sign of life more or less.
        drop(self.peer.as_ref().map(|peer| peer.try_send(FromSocket::Alive)));
    }

    fn message(&mut self, message: Message, ctx: &mut Ctx) {
        match message {
            Message::Text(text) => self.hand_over(FromSocket::Text(text), ctx),
            Message::Binary(bytes) => self.hand_over(FromSocket::Binary(bytes), ctx),
        }
    }

    fn fragment(&mut self, item: Item, ctx: &mut Ctx) {
        let taken = match item {
            Item::FirstText(bytes) => self.assembly.begin(true, &bytes),
            Item::FirstBinary(bytes) => self.assembly.begin(false, &bytes),
            Item::Continue(bytes) => self.assembly.add(&bytes),
            Item::Last(bytes) => match self.assembly.end(&bytes) {
                Ok(message) => return self.message(message, ctx),
                Err(why) => Err(why),
            },
        };
        match taken {
            Ok(()) => self.alive(),
            Err(why) => self.fail(why, ctx),
        }
    }

    /// Nothing more is heard; the peer closes, after the answers that it owes.
    fn fail(&mut self, why: Disconnect, ctx: &mut Ctx) {
        self.failed = true;
        self.hand_over(FromSocket::Failed(why), ctx);
        ctx.run_later(LAST_ANSWERS, move |socket, ctx| socket.close(why, ctx));
    }

    fn close(&mut self, why: Disconnect, ctx: &mut Ctx) {
        let description = (!why.reason().is_empty()).then(|| why.reason().to_owned());
        self.close_with(Some(CloseReason { code: CloseCode::from(why.code()), description }), ctx);
    }

    fn close_with(&mut self, reason: Option<CloseReason>, ctx: &mut Ctx) {
        if !std::mem::replace(&mut self.closed, true) {
            ctx.close(reason);
        }
        ctx.stop();
    }
}

impl Actor for Socket {
    type Context = Ctx;

    fn started(&mut self, ctx: &mut Ctx) {
        ctx.set_mailbox_capacity(self.capacity);
        self.peer = self.make_peer.take().map(|make| make(ctx.address().recipient()));
    }

    #[allow(clippy::disallowed_methods, reason = "one message, the last")]
    fn stopped(&mut self, _: &mut Ctx) {
        // The server ends the connection after the closing handshake (RFC 6455, 7.1.1); the library leaves it open.
        if let Some(connection) = self.connection.take() {
            actix::spawn(async move {
                tokio::time::sleep(LAST_WORDS).await;
                connection.cut();
            });
        }
        if let Some(peer) = self.peer.take() {
            peer.do_send(FromSocket::Closed);
        }
    }
}

impl StreamHandler<Result<ws::Message, ProtocolError>> for Socket {
    fn handle(&mut self, item: Result<ws::Message, ProtocolError>, ctx: &mut Ctx) {
        self.shared.handled.set(self.shared.handled.get() + 1);
        if self.closed || self.failed {
            return;
        }
        match item {
            Ok(ws::Message::Text(text)) => self.message(Message::Text(text), ctx),
            Ok(ws::Message::Binary(bytes)) => self.message(Message::Binary(bytes), ctx),
            Ok(ws::Message::Continuation(item)) => self.fragment(item, ctx),
            Ok(ws::Message::Ping(payload)) => {
                ctx.pong(&payload);
                self.alive();
            }
            Ok(ws::Message::Pong(_)) => self.alive(),
            Ok(ws::Message::Nop) => {}
            // The close handshake: the same code goes back.
            Ok(ws::Message::Close(reason)) => {
                let reason = reason.map(|reason| CloseReason { description: None, ..reason });
                self.close_with(reason, ctx);
            }
            Err(error) => {
                let why = self.shared.verdict.get().unwrap_or(match error {
                    ProtocolError::Overflow => Disconnect::TooBig,
                    // After the guard, the only thing left that the library reports like this is text that is none.
                    ProtocolError::Io(_) => Disconnect::InvalidUtf8,
                    _ => Disconnect::ProtocolError,
                });
                self.fail(why, ctx);
            }
        }
    }

    fn finished(&mut self, ctx: &mut Ctx) {
        ctx.stop();
    }
}

impl Handler<ToSocket> for Socket {
    type Result = ();

    fn handle(&mut self, message: ToSocket, ctx: &mut Ctx) {
        if self.closed {
            return;
        }
        match message {
            ToSocket::Text(text) => ctx.text(text),
            ToSocket::Binary(bytes) => ctx.binary(bytes),
            ToSocket::Large(text) => {
                ctx.text(text);
                // Handled only while the client reads: what came before has left.
                self.hand_over(FromSocket::Drained, ctx);
            }
            ToSocket::Ping => ctx.ping(b""),
            ToSocket::Close(why) => self.close(why, ctx),
        }
    }
}
