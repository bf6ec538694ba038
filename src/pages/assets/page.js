// Owns: what the parts of one page share: who is here, the connection, the outbox, the texts being written.
// One of each a page; the elements import them. It never draws anything.

import { api, paths as pathsOf, session } from './api.js';
import { Attention } from './attention.js';
import { Confirmations } from './confirmations.js';
import { Connection } from './connection.js';
import { Outbox } from './outbox.js';
import { People } from './people.js';
import { SessionClock } from './session-clock.js';
import { Writing } from './writing.js';

const { door, userId, userName, userRole, userLanguage } = document.body.dataset;
export { door };
export const me = { id: userId, name: userName, role: userRole, language: userLanguage };
export const staff = door === 'ehr';
export const paths = pathsOf(door);

export const connection = new Connection({
  url: `${location.origin.replace(/^http/, 'ws')}/api/v1/ws`,
  stillSignedIn: () => api('GET', 'auth/me').then(() => true, ({ status }) => status !== 401),
});
export const outbox = new Outbox(connection);
export const confirmations = new Confirmations(connection);
export const people = new People(connection);
export const attention = new Attention();
export const sessionClock = new SessionClock(connection);

const writings = new Map();
/** Other things that are being written: each has `unsaved`, `endangered`, `settled()` and `leave()`. */
const kept = new Set();

/** Looks after something that is being written, as after every text: leaving the page or the session loses nothing. */
export function keep(writing) {
  kept.add(writing);
}

/** The text for a thread; it goes on being sent when its composer is no longer shown. */
export function writingFor(thread) {
  if (!writings.has(thread)) writings.set(thread, new Writing({ thread, door, outbox }));
  return writings.get(thread);
}

export const anythingUnsaved = () => [...writings.values(), ...kept].some((writing) => writing.unsaved);

/** Saves every text now; resolves when the server has all of them, or after `within` milliseconds. */
export function saveAll(within) {
  const all = Promise.allSettled([...[...writings.values()].map((writing) => writing.draft.settled()), ...[...kept].map((writing) => writing.settled())]);
  return Promise.race([all, new Promise((resolve) => setTimeout(resolve, within))]);
}

session.addEventListener('ended', () => connection.stop());

addEventListener('pagehide', () => [...writings.values(), ...kept].forEach((writing) => writing.leave()));
// The last save outlives the page; the browser asks only where it would probably fail.
const endangered = () => [...writings.values(), ...kept].some((writing) => writing.endangered || (writing.unsaved && !connection.online));
addEventListener('beforeunload', (event) => endangered() && event.preventDefault());
addEventListener('online', () => connection.wake());
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') connection.wake();
  else saveAll(0);
});

/** The words before the page's own title: how much is unread. */
export function showUnread(count) {
  const plain = document.title.replace(/^\(\d+\) /, '');
  document.title = count > 0 ? `(${count}) ${plain}` : plain;
}
