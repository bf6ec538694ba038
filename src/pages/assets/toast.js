// Owns: saying for a moment what was done, to eyes and screen readers, where nothing else on the page shows it.

import { h } from './dom.js';

const SHOWN_MS = 8_000;
const place = h('div', { class: 'toast', role: 'status' });
let timer = null;

/** Says it, if there is anything to say. The next one takes its place. */
export function say(words) {
  if (!words) return;
  if (!place.isConnected) document.body.append(place);
  clearTimeout(timer);
  // What is put in later is read aloud; what came with the element is not, everywhere.
  setTimeout(() => { place.textContent = words; });
  timer = setTimeout(() => { place.textContent = ''; }, SHOWN_MS);
}
