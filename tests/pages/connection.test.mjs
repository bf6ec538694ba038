import assert from 'node:assert/strict';
import test from 'node:test';
import { Connection } from '../../src/pages/assets/connection.js';
import { HandClock, settle, sockets } from './support.mjs';

function started(options = {}) {
  const clock = new HandClock();
  const net = sockets();
  const connection = new Connection({ url: 'ws://hub', open: net.open, clock, random: () => 1, ...options });
  connection.start();
  return { clock, net, connection };
}

test('after a break it says what it has and from where', async () => {
  const { clock, net, connection } = started();
  connection.have.set('t', () => 7);
  net.last().welcomes({ cursor: 'c9' });
  net.last().breaks();
  await clock.pass(1_000);
  net.last().says({ type: 'welcome', epoch: 'first', heartbeatSeconds: 25 });
  assert.deepEqual(net.last().of('sync'), [{ type: 'sync', cursor: 'c9', have: { t: 7 } }]);
});

test('another epoch makes it forget its cursor', async () => {
  const { clock, net, connection } = started();
  let told = 0;
  connection.addEventListener('epoch', () => { told += 1; });
  net.last().welcomes({ epoch: 'first', cursor: 'c9' });
  net.last().breaks();
  await clock.pass(1_000);
  net.last().says({ type: 'welcome', epoch: 'second', heartbeatSeconds: 25 });
  assert.equal(told, 1);
  assert.equal(net.last().of('sync')[0].cursor, null);
});

test('tries come ever less often, and never less than twice a minute', async () => {
  const { clock, net } = started();
  const waits = [];
  for (let n = 0; n < 10; n += 1) {
    net.last().breaks();
    const before = net.all.length;
    let waited = 0;
    while (net.all.length === before) {
      await clock.pass(250);
      waited += 250;
    }
    waits.push(waited);
  }
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000, 30000]);
});

test('a restarting hub is given up to five seconds', async () => {
  const { clock, net } = started({ random: () => 0.5 });
  net.last().welcomes();
  net.last().breaks(1012);
  await clock.pass(2_400);
  assert.equal(net.all.length, 1);
  await clock.pass(200);
  assert.equal(net.all.length, 2);
});

test('4401 ends it: nobody knocks again without a new sign-in', async () => {
  const { clock, net, connection } = started();
  net.last().welcomes();
  net.last().breaks(4401);
  await clock.pass(120_000);
  assert.equal(connection.state, 'ended');
  assert.equal(net.all.length, 1);
});

test('an upgrade refused because the session is over ends it, too', async () => {
  const { clock, net, connection } = started({ stillSignedIn: async () => false });
  net.last().breaks();
  await settle();
  await clock.pass(60_000);
  assert.equal(connection.state, 'ended');
  assert.equal(net.all.length, 1);
});

test('a silent connection is tried and then replaced', async () => {
  const { clock, net } = started();
  net.last().welcomes();
  await clock.pass(25_000);
  assert.equal(net.last().of('ping').length, 1);
  await clock.pass(9_000);
  assert.equal(net.all.length, 2);
});

test('a pong keeps the connection', async () => {
  const { clock, net } = started();
  net.last().welcomes();
  await clock.pass(25_000);
  net.last().says({ type: 'pong' });
  await clock.pass(20_000);
  assert.equal(net.all.length, 1);
});

test('what cannot leave now is refused, not kept', () => {
  const { net, connection } = started();
  assert.equal(connection.send({ type: 'typing' }), false);
  net.last().welcomes();
  assert.equal(connection.send({ type: 'typing' }), true);
});
