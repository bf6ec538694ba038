import assert from 'node:assert/strict';
import test from 'node:test';
import { Marks, ThreadLog } from '../../src/pages/assets/thread-log.js';
import { fits, ThreadStore } from '../../src/pages/assets/thread-store.js';

const entry = (seq, more = {}) => ({ seq, id: `e${seq}`, kind: 'message', from: { id: 'other' }, body: `b${seq}`, at: '2025-01-01T00:00:00Z', thread: 't', ...more });

test('an entry is taken once, in order, and never over a gap', () => {
  const log = new ThreadLog();
  log.start([entry(5), entry(6)], true);
  assert.equal(log.append(entry(6)), 'known');
  assert.equal(log.append(entry(8)), 'gap');
  assert.equal(log.append(entry(7)), 'added');
  assert.deepEqual(log.entries.map(({ seq }) => seq), [5, 6, 7]);
});

test('an older page that overlaps adds only what was missing', () => {
  const log = new ThreadLog();
  log.start([entry(5)], true);
  assert.deepEqual(log.prepend([entry(3), entry(4), entry(5)], false).map(({ seq }) => seq), [3, 4]);
  assert.equal(log.more, false);
});

test('marks only grow, and read implies delivered', () => {
  const marks = new Marks();
  marks.set({ user: 'other', read: 4 });
  marks.set({ user: 'other', delivered: 2, read: 1 });
  assert.deepEqual(marks.of('other'), { delivered: 4, read: 4 });
  assert.deepEqual([4, 5].map((seq) => marks.stateOf(seq, ['other'])), ['read', 'sent']);
});

const summary = { id: 't', head: 3, read: 3, unread: 0, status: 'open', assignee: { id: 'me' }, priority: 'normal', lastEntryAt: '2025-01-01T00:00:00Z' };

test('a list counts an entry of somebody else as unread, once', () => {
  const store = new ThreadStore({ id: 'me' });
  store.start([summary]);
  store.entry(entry(4));
  store.entry(entry(4));
  assert.equal(store.find('t').unread, 1);
  store.receipt({ thread: 't', user: 'me', read: 4 });
  assert.equal(store.find('t').unread, 0);
});

test('a placeholder of a staff note is nothing to a client', () => {
  const store = new ThreadStore({ id: 'me' });
  store.start([summary]);
  store.entry(entry(4, { kind: 'notice', from: null, body: '' }));
  assert.deepEqual([store.find('t').unread, store.find('t').lastEntryAt], [0, summary.lastEntryAt]);
});

test('a thread that is claimed by another leaves the list of the unassigned', () => {
  const store = new ThreadStore({ id: 'me' });
  store.start([{ ...summary, assignee: null }]);
  store.summary({ type: 'thread', ...summary, assignee: { id: 'colleague' } }, fits('unassigned', { id: 'me' }));
  assert.equal(store.find('t'), null);
});
