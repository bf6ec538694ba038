// The hub many teams would write: socket.io, one INSERT a message, acknowledged after it, emitted
// to the room. It signs nobody in, has no resume, and numbers all messages with one sequence.
// It exists to be measured beside Carehub and must never be used for anything else.
'use strict';

const { createServer } = require('node:http');
const { Pool } = require('pg');
const { Server } = require('socket.io');

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS peer_message (
    seq bigserial PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    thread uuid NOT NULL,
    sender uuid NOT NULL,
    body text NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX IF NOT EXISTS peer_message_thread ON peer_message (thread, seq);
  CREATE TABLE IF NOT EXISTS peer_receipt (
    thread uuid NOT NULL,
    reader uuid NOT NULL,
    read bigint NOT NULL,
    PRIMARY KEY (thread, reader)
  );
`;

const INSERT = {
  name: 'insert',
  text: 'INSERT INTO peer_message (id, thread, sender, body) VALUES ($1, $2, $3, $4) RETURNING seq::int8, at',
};

const READ = {
  name: 'read',
  text: `INSERT INTO peer_receipt (thread, reader, read) VALUES ($1, $2, $3)
         ON CONFLICT (thread, reader) DO UPDATE SET read = greatest(peer_receipt.read, excluded.read)
         RETURNING read`,
};

async function main() {
  if (!process.env.DATABASE_URL) throw new Error('DATABASE_URL is not set');
  const pool = new Pool({
    connectionString: process.env.DATABASE_URL,
    max: Number(process.env.POOL ?? 20),
  });
  await pool.query(SCHEMA);

  const http = createServer();
  const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false });

  io.on('connection', (socket) => {
    const { user, threads = [] } = socket.handshake.auth;
    for (const thread of threads) socket.join(thread);

    socket.on('send', async ({ id, thread, body }, acknowledge) => {
      try {
        const { rows } = await pool.query({ ...INSERT, values: [id, thread, user, body] });
        const seq = Number(rows[0].seq);
        const at = rows[0].at.toISOString();
        acknowledge({ id, thread, seq, at });
        socket.to(thread).emit('entry', { thread, seq, id, from: { id: user }, body, at });
      } catch (error) {
        console.error(error.message);
        acknowledge({ id, code: 'internal' });
      }
    });

    socket.on('read', async ({ thread, seq }) => {
      try {
        const { rows } = await pool.query({ ...READ, values: [thread, user, seq] });
        const read = Number(rows[0].read);
        socket.to(thread).emit('receipt', { thread, user, delivered: read, read });
      } catch (error) {
        console.error(error.message);
      }
    });
  });

  const port = Number(process.env.PORT ?? 3000);
  http.listen(port, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${port}`));
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
