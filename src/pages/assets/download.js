// Owns: turning something that a call answered into a file in the person's downloads. It is never shown or kept.

import { h } from './dom.js';

/** Hands over `content` as JSON under a name that says nothing about anybody. */
export function download(content, name) {
  return keep(new Blob([JSON.stringify(content, null, 2)], { type: 'application/json' }), name);
}

/** Hands over a file. */
export function keep(content, name) {
  const file = URL.createObjectURL(content);
  h('a', { href: file, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(file), 60_000);
  return true;
}
