// Owns: the list of devices that are signed in as this person, and ending their sessions. The hub ends them; the
// page says what that means.

import { api } from './api.js';
import { button, h } from './dom.js';
import { either } from './either.js';
import { door } from './page.js';
import { instant, record, Records } from './records.js';

class Sessions extends Records {
  empty = either('Nobody is signed in.', 'Nadie tiene la sesión iniciada.');

  get path() {
    return `${door}/auth/sessions`;
  }

  node({ id, current, createdAt, lastActiveAt, expiresAt, address, userAgent }) {
    const device = deviceName(userAgent);
    return record({
      title: device,
      tags: [current && either('This device', 'Este dispositivo')],
      lines: [
        address && `${either('From', 'Desde')} ${address}`,
        h('span', {}, either('Signed in ', 'Inició sesión: '), instant(createdAt), either(', last active ', '; última actividad: '), instant(lastActiveAt ?? createdAt)),
        h('span', {}, either('Ends by itself after 15 minutes without activity, at the latest ', 'Se cierra por sí sola tras 15 minutos sin actividad, a más tardar: '), instant(expiresAt)),
      ],
      actions: [!current && button(either('Sign out there', 'Cerrar allí'), { kind: 'small', 'aria-label': `${either('Sign out', 'Cerrar la sesión de')} ${device}`, onclick: () => this.#end(id, device) })],
    });
  }

  #end(id, device) {
    return this.confirm({
      title: either(`Sign out ${device}?`, `¿Cerrar la sesión de ${device}?`),
      content: [h('p', {}, either('Whoever uses it has to sign in again. What they were writing is kept.', 'Quien lo use tendrá que iniciar sesión otra vez. Lo que escribía se conserva.'))],
      confirm: either('Sign it out', 'Cerrar la sesión'),
      act: () => api('DELETE', `${door}/auth/sessions/${id}`),
    });
  }
}

/** Enough of a user agent to know one's own device again. */
export function deviceName(userAgent) {
  const has = (words) => userAgent?.includes(words);
  if (!userAgent) return either('A device that gave no name', 'Un dispositivo que no dio su nombre');
  const browser = has('Edg/') ? 'Edge' : has('OPR/') ? 'Opera' : has('Firefox/') ? 'Firefox' : has('Chrome/') ? 'Chrome' : has('Safari/') ? 'Safari' : either('A program', 'Un programa');
  const system = has('iPhone') ? 'iPhone' : has('iPad') ? 'iPad' : has('Android') ? 'Android' : has('Windows') ? 'Windows' : has('Mac OS') ? either('a Mac', 'un Mac') : has('Linux') ? 'Linux' : null;
  return system ? `${browser} ${either('on', 'en')} ${system}` : browser;
}

class SignOutEverywhere extends HTMLElement {
  connectedCallback() {
    const list = document.querySelector('care-sessions');
    this.append(button(either('Sign out everywhere', 'Cerrar sesión en todas partes'), { kind: 'danger', onclick: () => list.confirm({
      title: either('Sign out everywhere?', '¿Cerrar sesión en todas partes?'),
      content: [h('p', {}, either('Every device is signed out at once, this one too. Use it when something seems wrong; then sign in again and change your password.', 'Se cierra la sesión en todos los dispositivos a la vez, también en este. Úselo cuando algo le parezca mal; después inicie sesión de nuevo y cambie su contraseña.'))],
      confirm: either('Sign out everywhere', 'Cerrar sesión en todas partes'),
      kind: 'danger',
      act: () => api('POST', `${door}/auth/logout-everywhere`, { body: {} }).then(() => location.assign('/sign-in?left=1')),
    }) }));
  }
}

customElements.define('care-sessions', Sessions);
customElements.define('care-sign-out-everywhere', SignOutEverywhere);
