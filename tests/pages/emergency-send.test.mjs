// An emergency gets to the hub, whatever stands between.

import assert from 'node:assert/strict';
import test from 'node:test';
import { EmergencySend } from '../../src/pages/assets/emergency-send.js';
import { HandClock, settle } from './support.mjs';

const memory = () => {
  const held = new Map();
  return { getItem: (key) => held.get(key) ?? null, setItem: (key, value) => held.set(key, value), removeItem: (key) => held.delete(key) };
};

/** A hub that answers in turn; the last answer stays. */
function hub(...answers) {
  const asked = [];
  const post = async (method, path, { body }) => {
    asked.push({ method, path, ...body });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { asked, post };
}
const problem = (status, code = null) => Object.assign(new Error(`status ${status}`), { status, code, passing: status === 0 || status >= 500 || status === 429, retryAfterMs: null });

test('it is repeated with one id until the hub has it', async () => {
  const clock = new HandClock();
  const { asked, post } = hub(problem(0), problem(503), { seq: 7 });
  const send = new EmergencySend('t', { post, clock, store: memory() });
  let sent = null;
  send.addEventListener('sent', ({ detail }) => { sent = detail; });
  const done = send.send('help');
  await settle();
  assert.equal(send.state, 'sending');
  assert.notEqual(send.left, null);
  await clock.pass(10_000);
  assert.equal(await done, true);
  assert.deepEqual(new Set(asked.map(({ id }) => id)).size, 1);
  assert.deepEqual([asked.length, asked[0].path, asked[0].body, asked[0].priority], [3, 'portal/messages/t/reply', 'help', 'emergency']);
  assert.deepEqual([send.state, send.left, sent.seq, sent.body], [null, null, 7, 'help']);
});

test('a refusal that repeating cannot cure is said, and nothing is left to be sent', async () => {
  const { asked, post } = hub(problem(409));
  const send = new EmergencySend('t', { post, clock: new HandClock(), store: memory() });
  assert.equal(await send.send('help'), false);
  assert.deepEqual([asked.length, send.state, send.problem.status, send.left], [1, 'refused', 409, null]);
});

test('whoever is signed out meanwhile keeps the id, so that it is sent once when they are back', async () => {
  const store = memory();
  const first = hub(problem(401));
  const send = new EmergencySend('t', { post: first.post, clock: new HandClock(), store });
  await send.send('help');
  const again = new EmergencySend('t', { post: hub({ seq: 1 }).post, clock: new HandClock(), store });
  assert.equal(again.left, first.asked[0].id);
  assert.equal(await again.resume('help'), true);
  assert.equal(again.left, null);
});

test('what an earlier page left arrived with other words: it is not refused, and not sent anew', async () => {
  const store = memory();
  const first = new EmergencySend('new', { path: 'portal/messages', post: hub(problem(401)).post, clock: new HandClock(), store });
  await first.send('by the river', { subject: 'Help' });
  const { asked, post } = hub(problem(409, 'conflict'));
  const again = new EmergencySend('new', { path: 'portal/messages', post, clock: new HandClock(), store });
  let sent = null;
  again.addEventListener('sent', ({ detail }) => { sent = detail; });
  assert.equal(await again.resume('I need help now.', { subject: 'Emergency' }), true);
  assert.deepEqual([asked.length, asked[0].path, asked[0].subject, sent.body], [1, 'portal/messages', 'Emergency', null]);
  assert.deepEqual([again.state, again.left], [null, null]);
});
