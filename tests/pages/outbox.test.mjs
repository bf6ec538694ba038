import assert from 'node:assert/strict';
import test from 'node:test';
import { Connection } from '../../src/pages/assets/connection.js';
import { Outbox } from '../../src/pages/assets/outbox.js';
import { HandClock, settle, sockets } from './support.mjs';

function online() {
  const clock = new HandClock();
  const net = sockets();
  const connection = new Connection({ url: 'ws://hub', open: net.open, clock, random: () => 1 });
  const outbox = new Outbox(connection, clock);
  connection.start();
  net.last().welcomes();
  return { clock, net, connection, outbox, sends: () => net.last().of('send').map(({ id }) => id) };
}

const message = (id, thread = 't') => ({ id, thread, body: `words of ${id}` });
const acknowledged = (id, seq) => ({ type: 'sent', id, thread: 't', seq, at: '2025-01-01T00:00:00Z' });

test('in one thread a send waits for the one before it', async () => {
  const { net, outbox, sends } = online();
  outbox.send(message('a'));
  outbox.send(message('b'));
  outbox.send(message('x', 'other'));
  assert.deepEqual(sends(), ['a', 'x']);
  net.last().says(acknowledged('a', 1));
  assert.deepEqual(sends(), ['a', 'x', 'b']);
});

test('a send whose answer was cut off is repeated with its id, once a connection', async () => {
  const { clock, net, outbox, sends } = online();
  const sent = outbox.send(message('a'));
  net.last().breaks();
  await clock.pass(1_000);
  net.last().welcomes();
  assert.deepEqual(sends(), ['a']);
  net.last().says(acknowledged('a', 5));
  assert.equal((await sent).seq, 5);
});

test('a break between two sends keeps their order', async () => {
  const { clock, net, outbox, sends } = online();
  outbox.send(message('a'));
  outbox.send(message('b'));
  net.last().breaks();
  await clock.pass(1_000);
  net.last().welcomes();
  net.last().says(acknowledged('a', 1));
  net.last().says(acknowledged('b', 2));
  assert.deepEqual(sends(), ['a', 'b']);
});

test('busy and rateLimited wait as long as the hub says', async () => {
  const { clock, net, outbox, sends } = online();
  outbox.send(message('a'));
  net.last().says({ type: 'error', code: 'rateLimited', id: 'a', message: 'Slowly.', retryAfterMs: 3_000 });
  await clock.pass(2_900);
  assert.deepEqual(sends(), ['a']);
  assert.equal(outbox.stateOf('a'), 'paused');
  await clock.pass(200);
  assert.deepEqual(sends(), ['a', 'a']);
});

test('a refusal that repeating cannot cure is handed back, and the next send goes on', async () => {
  const { net, outbox, sends } = online();
  const refused = outbox.send(message('a')).catch((refusal) => refusal);
  outbox.send(message('b'));
  net.last().says({ type: 'error', code: 'threadClosed', id: 'a', message: 'This thread is closed.' });
  assert.equal((await refused).code, 'threadClosed');
  assert.deepEqual(sends(), ['a', 'b']);
});

test('a hub that never answers is asked again over a fresh connection', async () => {
  const { clock, net, outbox, sends } = online();
  outbox.send(message('a'));
  await clock.pass(16_000);
  assert.equal(net.all.length, 2);
  net.last().welcomes();
  assert.deepEqual(sends(), ['a']);
});

test('only what never left can be taken back', async () => {
  const { net, connection, outbox } = online();
  outbox.send(message('a')).catch(() => {});
  assert.equal(outbox.withdraw('a'), false);
  net.last().breaks();
  const back = outbox.send(message('b', 'other')).catch((refusal) => refusal);
  assert.equal(connection.online, false);
  assert.equal(outbox.withdraw('b'), true);
  assert.equal((await back).code, 'withdrawn');
});

test('the same id joins the send under way', async () => {
  const { net, outbox, sends } = online();
  const both = Promise.all([outbox.send(message('a')), outbox.send(message('a'))]);
  net.last().says(acknowledged('a', 1));
  await both;
  await settle();
  assert.deepEqual(sends(), ['a']);
});
