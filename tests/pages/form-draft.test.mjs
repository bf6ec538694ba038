// The answers of a form while they are written: nothing is lost between windows, offline and on leaving.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HandClock, settle } from './support.mjs';
import { FormDraft } from '../../src/pages/assets/form-draft.js';

/** A hub that keeps one draft as the real one does. */
function hub() {
  const kept = { answers: {}, revision: 0 };
  const hub = { kept, saves: [], down: false };
  hub.save = async ({ revision, answers }, { keepalive = false }) => {
    hub.saves.push({ revision, answers, keepalive });
    if (hub.down) throw Object.assign(new Error('offline'), { status: 0, passing: true });
    if (revision !== undefined && revision !== kept.revision) {
      throw Object.assign(new Error('conflict'), { status: 409, code: 'conflict', answer: { current: structuredClone(kept) } });
    }
    for (const [key, answer] of Object.entries(answers)) {
      if (answer === null) delete kept.answers[key];
      else kept.answers[key] = answer;
    }
    kept.revision += 1;
    return { revision: kept.revision, savedAt: 'now' };
  };
  hub.window = (clock) => new FormDraft({ draft: structuredClone(kept), save: hub.save, clock });
  return hub;
}

test('only what changed is sent, when writing pauses', async () => {
  const [clock, server] = [new HandClock(), hub()];
  const draft = server.window(clock);
  draft.set('a', 'o');
  draft.set('a', 'one');
  await clock.pass(1_000);
  draft.set('b', 2);
  draft.set('a', null);
  await clock.pass(1_000);
  assert.deepEqual(server.saves.map(({ answers }) => answers), [{ a: 'one' }, { a: null, b: 2 }]);
  assert.deepEqual(server.kept.answers, { b: 2 });
  assert.equal(draft.unsaved, false);
});

test('what another window wrote comes in, and one’s own goes out', async () => {
  const [clock, server] = [new HandClock(), hub()];
  const [one, other] = [server.window(clock), server.window(clock)];
  const taken = [];
  other.addEventListener('taken', ({ detail }) => taken.push(...detail));
  one.set('a', 'from one');
  await clock.pass(1_000);
  other.set('b', 'from other');
  await clock.pass(1_000);
  assert.deepEqual(server.kept.answers, { a: 'from one', b: 'from other' });
  assert.deepEqual([taken, other.answers.a, other.conflicts.size], [['a'], 'from one', 0]);
});

test('where both changed the same answer neither is lost before somebody chooses', async () => {
  for (const theirs of [true, false]) {
    const [clock, server] = [new HandClock(), hub()];
    const [one, other] = [server.window(clock), server.window(clock)];
    one.set('a', 'one');
    await clock.pass(1_000);
    other.set('a', 'other');
    other.set('b', 'more');
    await clock.pass(5_000);
    assert.deepEqual(server.kept.answers, { a: 'one', b: 'more' });
    assert.deepEqual([other.answers.a, other.conflicts.get('a'), other.endangered], ['other', 'one', true]);
    await assert.rejects(other.settled());
    other.choose('a', theirs);
    await clock.pass(1_000);
    assert.equal(server.kept.answers.a, theirs ? 'one' : 'other');
    assert.equal(other.unsaved, false);
  }
});

test('without a connection everything waits, and goes out when there is one', async () => {
  const [clock, server] = [new HandClock(), hub()];
  const draft = server.window(clock);
  server.down = true;
  draft.set('a', 'kept here');
  await clock.pass(10_000);
  assert.deepEqual([draft.unsaved, draft.endangered, draft.trouble.status], [true, true, 0]);
  server.down = false;
  await clock.pass(3_000);
  assert.deepEqual([server.kept.answers.a, draft.unsaved, draft.trouble], ['kept here', false, null]);
});

test('leaving sends what is left, whatever is under way', async () => {
  const [clock, server] = [new HandClock(), hub()];
  const draft = server.window(clock);
  draft.set('a', 'last words');
  draft.leave();
  await settle();
  assert.deepEqual(server.saves, [{ revision: undefined, answers: { a: 'last words' }, keepalive: true }]);
});

test('a save that arrived without an answer is no conflict', async () => {
  const [clock, server] = [new HandClock(), hub()];
  const draft = server.window(clock);
  const { save } = server;
  let lost = true;
  const flaky = new FormDraft({ draft: { answers: {}, revision: 0 }, clock, save: async (...asked) => {
    const answer = await save(...asked);
    if (!lost) return answer;
    lost = false;
    throw Object.assign(new Error('lost'), { status: 0, passing: true });
  } });
  flaky.set('a', 'once');
  await clock.pass(10_000);
  assert.deepEqual([server.kept, flaky.conflicts.size, flaky.unsaved, draft.unsaved], [{ answers: { a: 'once' }, revision: 1 }, 0, false, false]);
});

test('an answer that nobody gave is none, whatever its field is called', async () => {
  const [clock, server] = [new HandClock(), hub()];
  const draft = server.window(clock);
  assert.deepEqual([draft.answers.constructor, draft.unsaved], [undefined, false]);
  draft.set('constructor', 'a');
  draft.set('toString', 'b');
  await clock.pass(1_000);
  assert.deepEqual(server.kept.answers, { constructor: 'a', toString: 'b' });
  draft.set('constructor', null);
  await clock.pass(1_000);
  assert.deepEqual([server.kept.answers, draft.unsaved], [{ toString: 'b' }, false]);
});
