import assert from 'node:assert/strict';
import test from 'node:test';
import { Connection } from '../../src/pages/assets/connection.js';
import { Draft } from '../../src/pages/assets/draft.js';
import { Outbox } from '../../src/pages/assets/outbox.js';
import { Writing } from '../../src/pages/assets/writing.js';
import { HandClock, sockets } from './support.mjs';

/** The server's one draft, as the REST contract has it. */
class Shelf {
  stored = { body: '', subject: null, kind: null, revision: 0, pendingId: null, updatedAt: null };
  saves = [];
  failing = null;
  losesAnswers = false;

  load = async () => ({ ...this.stored });

  save = async ({ body, subject, kind = null, pendingId, revision }) => {
    if (this.failing) throw this.failing;
    if (revision !== undefined && revision !== this.stored.revision) {
      throw Object.assign(new Error('changed'), { code: 'conflict', status: 409, answer: { current: { ...this.stored } } });
    }
    this.stored = { body, subject, kind, pendingId, revision: this.stored.revision + 1, updatedAt: 'now' };
    this.saves.push(body);
    if (this.losesAnswers) throw Object.assign(new Error('cut'), { code: 'offline', status: 0, passing: true });
    return { ...this.stored };
  };
}

const away = Object.assign(new Error('away'), { code: 'busy', status: 503, passing: true, retryAfterMs: 1_000 });

/** A page with one thread open; `shelf` outlives it, like the server. */
function page(shelf = new Shelf()) {
  const clock = new HandClock();
  const net = sockets();
  const connection = new Connection({ url: 'ws://hub', open: net.open, clock, random: () => 1 });
  const outbox = new Outbox(connection, clock);
  const draft = new Draft({ load: shelf.load, save: shelf.save, clock });
  const writing = new Writing({ thread: 't', door: 'portal', outbox, draft, clock });
  connection.start();
  net.last().welcomes();
  return { clock, net, shelf, writing, draft, sends: () => net.last().of('send') };
}

const acknowledge = ({ net }, { id }, seq = 1) => net.last().says({ type: 'sent', id, thread: 't', seq, at: 'now' });

test('writing is saved when it pauses, not at every key', async () => {
  const { clock, shelf, writing } = page();
  writing.edit('h');
  await clock.pass(100);
  writing.edit('he');
  await clock.pass(500);
  assert.deepEqual(shelf.saves, ['he']);
});

test('the text and its id are on the server before the send leaves', async () => {
  const one = page();
  one.shelf.failing = away;
  one.writing.edit('hello');
  one.writing.send({});
  await one.clock.pass(3_000);
  assert.equal(one.sends().length, 0);
  assert.equal(one.writing.text.trim(), 'hello');
  one.shelf.failing = null;
  await one.clock.pass(2_000);
  assert.equal(one.sends().length, 1);
  assert.equal(one.shelf.stored.pendingId, one.sends()[0].id);
});

test('only sent clears the text, and then the draft', async () => {
  const one = page();
  one.writing.edit('hello');
  one.writing.send({});
  await one.clock.pass(2_000);
  assert.equal(one.writing.text.trim(), 'hello');
  acknowledge(one, one.sends()[0]);
  await one.clock.pass(1_000);
  assert.equal(one.writing.text, '');
  assert.deepEqual([one.shelf.stored.body, one.shelf.stored.pendingId], ['', null]);
});

test('what is typed while a send is under way stays, and is the next message', async () => {
  const one = page();
  one.writing.edit('first');
  one.writing.send({});
  await one.clock.pass(1_000);
  one.writing.edit('second');
  one.writing.send({});
  acknowledge(one, one.sends()[0], 1);
  await one.clock.pass(1_000);
  assert.deepEqual(one.sends().map(({ body }) => body), ['first', 'second']);
  acknowledge(one, one.sends()[1], 2);
  await one.clock.pass(1_000);
  assert.equal(one.writing.text, '');
});

test('a page loaded after a break sends the same text with the same id', async () => {
  const before = page();
  before.writing.edit('hello');
  before.writing.send({});
  await before.clock.pass(10);
  const [{ id }] = before.sends();
  const after = page(before.shelf);
  await after.writing.load();
  await after.clock.pass(100);
  assert.deepEqual(after.sends().map((frame) => [frame.id, frame.body]), [[id, 'hello']]);
  acknowledge(after, { id });
  await after.clock.pass(1_000);
  assert.equal(after.writing.text, '');
  const third = page(before.shelf);
  await third.writing.load();
  await third.clock.pass(1_000);
  assert.equal(third.sends().length, 0);
});

test('a refused message stays as text, and nothing written after it is sent', async () => {
  const one = page();
  one.writing.edit('first');
  one.writing.send({});
  await one.clock.pass(1_000);
  one.writing.edit('second');
  one.writing.send({});
  one.net.last().says({ type: 'error', code: 'threadClosed', id: one.sends()[0].id, message: 'Closed.' });
  await one.clock.pass(1_000);
  assert.equal(one.writing.text, 'first\nsecond');
  assert.equal(one.writing.refusal.message, 'Closed.');
  assert.equal(one.sends().length, 1);
  assert.equal(one.shelf.stored.body, 'first\nsecond');
  assert.equal(one.shelf.stored.pendingId, null);
});

test('a colleague\'s answer is shown once, then the same id goes through', async () => {
  const one = page();
  one.writing.edit('mine');
  one.writing.send({ basedOn: 4 });
  await one.clock.pass(10);
  const [{ id, basedOn }] = one.sends();
  assert.equal(basedOn, 4);
  one.net.last().says({ type: 'error', code: 'conflict', id, message: 'Answered.', entries: [{ seq: 5 }] });
  await one.clock.pass(1_000);
  one.writing.sendAnyway();
  await one.clock.pass(10);
  assert.deepEqual([one.sends()[1].id, one.sends()[1].basedOn], [id, undefined]);
});

test('a text changed on another device is never overwritten', async () => {
  const shelf = new Shelf();
  const one = page(shelf);
  const other = page(shelf);
  await one.writing.load();
  await other.writing.load();
  other.writing.edit('there');
  await other.clock.pass(500);
  one.writing.edit('here');
  await one.clock.pass(500);
  assert.equal(shelf.stored.body, 'there');
  assert.equal(one.draft.conflict.body, 'there');
  await one.writing.resolve('there\n\nhere');
  assert.equal(shelf.stored.body, 'there\n\nhere');
});

test('a save that arrived although its answer was lost is no conflict', async () => {
  const one = page();
  one.shelf.losesAnswers = true;
  one.writing.edit('hello');
  await one.clock.pass(500);
  one.shelf.losesAnswers = false;
  await one.clock.pass(3_000);
  assert.equal(one.draft.conflict, null);
  assert.equal(one.draft.dirty, false);
});

test('leaving saves what was typed last, also over a save under way', async () => {
  const one = page();
  one.writing.edit('hello');
  await one.clock.pass(500);
  one.writing.edit('hello again');
  one.writing.leave();
  await one.clock.pass(0);
  assert.equal(one.shelf.stored.body, 'hello again');
});

test('leaving while a send is under way keeps what was typed after it', async () => {
  const one = page();
  one.writing.edit('first');
  one.writing.send({});
  await one.clock.pass(1_000);
  one.writing.edit('second');
  one.writing.leave();
  await one.clock.pass(0);
  assert.equal(one.shelf.stored.body, 'first\nsecond');
});

test('what never left can be taken back, and is text again', async () => {
  const one = page();
  one.shelf.failing = away;
  one.writing.edit('not yet');
  one.writing.send({});
  await one.clock.pass(1_500);
  assert.equal(one.writing.withdraw(), true);
  one.shelf.failing = null;
  await one.clock.pass(5_000);
  assert.equal(one.sends().length, 0);
  assert.equal(one.writing.text.trim(), 'not yet');
  assert.deepEqual([one.shelf.stored.body.trim(), one.shelf.stored.pendingId], ['not yet', null]);
  one.writing.send({});
  await one.clock.pass(100);
  assert.deepEqual(one.sends().map(({ body }) => body), ['not yet']);
});

test('a save that arrived although its answer was lost is no other device, whatever was typed since', async () => {
  const { clock, shelf, writing, draft } = page();
  shelf.losesAnswers = true;
  writing.edit('first');
  await clock.pass(500);
  writing.edit('first second');
  await clock.pass(500);
  shelf.losesAnswers = false;
  writing.edit('first second third');
  await clock.pass(5_000);
  assert.equal(draft.conflict, null);
  assert.equal(shelf.stored.body, 'first second third');
});

test('what takes long leaves the box, each on its own, and comes back when it is taken back', async () => {
  const one = page();
  one.shelf.failing = away;
  one.writing.edit('first');
  one.writing.send({});
  assert.equal(one.writing.box, 'first');
  await one.clock.pass(500);
  one.writing.edit('second');
  one.writing.send({});
  one.writing.edit('third');
  assert.deepEqual(one.writing.pending.map(({ body }) => body), ['first', 'second']);
  assert.equal(one.writing.box, 'third');
  assert.equal(one.writing.withdraw(), true);
  assert.equal(one.writing.box, 'first\nsecond\nthird');
});

test('a text is kept with whom it is for', async () => {
  const shelf = new Shelf();
  const one = page(shelf);
  one.writing.addressedTo('note');
  await one.clock.pass(1_000);
  assert.deepEqual(shelf.saves, [], 'nothing is written yet');
  one.writing.edit('among us');
  await one.clock.pass(1_000);
  const other = page(shelf);
  await other.writing.load();
  assert.deepEqual([other.writing.text, other.writing.kind], ['among us', 'note']);
  other.writing.addressedTo('message');
  await other.clock.pass(1_000);
  assert.equal(shelf.stored.kind, 'message');
});
