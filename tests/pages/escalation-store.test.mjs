// What staff see of emergencies between two readings of the list.

import assert from 'node:assert/strict';
import test from 'node:test';
import { EscalationStore } from '../../src/pages/assets/escalation-store.js';

const one = (id, state, more = {}) => ({ id, state, thread: `t${id}`, client: { id: 'c', name: 'Ann' }, raisedAt: `2026-11-21T02:0${id}:00Z`, ...more });
const ids = (store) => store.list().map(({ id }) => id);

test('the gravest stands first, then the oldest, drills last, and what is closed nowhere', () => {
  const store = new EscalationStore();
  store.start([one('1', 'acknowledged'), one('2', 'paging'), one('3', 'exhausted'), one('4', 'exhausted', { drill: true }), one('5', 'resolved'), one('0', 'raised')]);
  assert.deepEqual(ids(store), ['3', '0', '2', '1', '4']);
  assert.deepEqual(store.unanswered.map(({ id }) => id), ['3', '0', '2', '4']);
});

test('a frame changes what is held at once and keeps what only the list knows', () => {
  const store = new EscalationStore();
  store.start([one('1', 'paging')]);
  store.frame({ type: 'escalation', id: '1', state: 'acknowledged', acknowledgedBy: { id: 'b', name: 'Ben' } });
  const [held] = store.list();
  assert.equal(held.state, 'acknowledged');
  assert.equal(held.client.name, 'Ann');
  assert.equal('type' in held, false);
  assert.equal(store.unanswered.length, 0);
});

test('the last resort comes as a flag of a frame and stays the gravest', () => {
  const store = new EscalationStore();
  store.start([one('1', 'paging')]);
  store.frame({ type: 'escalation', id: '1', state: 'paging', exhausted: true });
  assert.equal(store.list()[0].state, 'exhausted');
});

test('an emergency that the list has not told of yet is shown all the same, and the list is asked for', () => {
  const store = new EscalationStore();
  assert.deepEqual(store.frame({ type: 'escalation', id: '1', state: 'raised', thread: 't', raisedAt: '2026-11-21T02:00:00Z' }), { stale: true });
  assert.deepEqual(ids(store), ['1']);
  store.start([one('1', 'paging')]);
  assert.equal(store.list()[0].client.name, 'Ann');
  assert.deepEqual(ids(store), ['1']);
});

test('what is over goes', () => {
  const store = new EscalationStore();
  store.start([one('1', 'acknowledged')]);
  assert.deepEqual(store.frame({ type: 'escalation', id: '1', state: 'resolved' }), { stale: false });
  assert.deepEqual(ids(store), []);
});
