// Owns: the list of devices that are signed in as this person, and ending their sessions. The hub ends them; the
// page says what that means.

import { api } from './api.js';
import { button, h } from './dom.js';
import { door } from './page.js';
import { instant, record, Records } from './records.js';

class Sessions extends Records {
  empty = 'Nobody is signed in.';

  get path() {
    return `${door}/auth/sessions`;
  }

  node({ id, current, createdAt, lastActiveAt, expiresAt, address, userAgent }) {
    const device = deviceName(userAgent);
    return record({
      title: device,
      tags: [current && 'This device'],
      lines: [
        address && `From ${address}`,
        h('span', {}, 'Signed in ', instant(createdAt), ', last active ', instant(lastActiveAt ?? createdAt)),
        h('span', {}, 'Ends by itself after 15 minutes without activity, at the latest ', instant(expiresAt)),
      ],
      actions: [!current && button('Sign out there', { kind: 'small', 'aria-label': `Sign out ${device}`, onclick: () => this.#end(id, device) })],
    });
  }

  #end(id, device) {
    return this.confirm({
      title: `Sign out ${device}?`,
      content: [h('p', {}, 'Whoever uses it has to sign in again. What they were writing is kept.')],
      confirm: 'Sign it out',
      act: () => api('DELETE', `${door}/auth/sessions/${id}`),
    });
  }
}

/** Enough of a user agent to know one's own device again. */
export function deviceName(userAgent) {
  const has = (words) => userAgent?.includes(words);
  if (!userAgent) return 'A device that gave no name';
  const browser = has('Edg/') ? 'Edge' : has('OPR/') ? 'Opera' : has('Firefox/') ? 'Firefox' : has('Chrome/') ? 'Chrome' : has('Safari/') ? 'Safari' : 'A program';
  const system = has('iPhone') ? 'iPhone' : has('iPad') ? 'iPad' : has('Android') ? 'Android' : has('Windows') ? 'Windows' : has('Mac OS') ? 'a Mac' : has('Linux') ? 'Linux' : null;
  return system ? `${browser} on ${system}` : browser;
}

class SignOutEverywhere extends HTMLElement {
  connectedCallback() {
    const list = document.querySelector('care-sessions');
    this.append(button('Sign out everywhere', { kind: 'danger', onclick: () => list.confirm({
      title: 'Sign out everywhere?',
      content: [h('p', {}, 'Every device is signed out at once, this one too. Use it when something seems wrong; then sign in again and change your password.')],
      confirm: 'Sign out everywhere',
      kind: 'danger',
      act: () => api('POST', `${door}/auth/logout-everywhere`, { body: {} }).then(() => location.assign('/sign-in?left=1')),
    }) }));
  }
}

customElements.define('care-sessions', Sessions);
customElements.define('care-sign-out-everywhere', SignOutEverywhere);
