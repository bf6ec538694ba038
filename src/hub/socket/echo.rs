//! `carehub bench-echo`: the bare socket on loopback, echoing text and binary up to 20 MiB. For conformance suites,
//! and as the yardstick for what the socket itself can do.

use super::{Bounds, open, remember_connection};
use crate::hub::session::link::{FromSocket, ToSocket};
use actix::{Actor, ActorContext, Context, Handler, Recipient};
use actix_web::{App, Error, HttpRequest, HttpResponse, HttpServer, web};
use std::{net::Ipv4Addr, time::Duration};

const BOUNDS: Bounds = Bounds { message_bytes: 20 * 1024 * 1024, frame_time: Duration::from_secs(60), binary: true };
const CAPACITY: usize = 1_024;

struct Echo(Recipient<ToSocket>);

impl Actor for Echo {
    type Context = Context<Self>;
}

impl Handler<FromSocket> for Echo {
    type Result = ();

    fn handle(&mut self, message: FromSocket, ctx: &mut Context<Self>) {
        let back = match message {
            FromSocket::Text(text) => ToSocket::Text(text),
            FromSocket::Binary(bytes) => ToSocket::Binary(bytes),
            FromSocket::Alive | FromSocket::Drained => return,
            FromSocket::Failed(why) => ToSocket::Close(why),
            FromSocket::Closed => return ctx.stop(),
        };
        // A client that sends more than it reads loses the connection, not the machine its memory.
        if self.0.try_send(back).is_err() {
            ctx.stop();
        }
    }
}

async fn upgrade(request: HttpRequest, payload: web::Payload) -> Result<HttpResponse, Error> {
    open(&request, payload, BOUNDS, None, CAPACITY, Box::new(|socket| Echo(socket).start().recipient()))
}

/// Serves until interrupted.
///
/// # Errors
/// When the port is taken.
pub async fn run(port: u16) -> std::io::Result<()> {
    let server = HttpServer::new(|| App::new().default_service(web::get().to(upgrade)))
        .on_connect(remember_connection)
        .tcp_nodelay(true)
        .bind((Ipv4Addr::LOCALHOST, port))?;
    for address in server.addrs() {
        println!("echo on ws://{address}/");
    }
    server.run().await
}
