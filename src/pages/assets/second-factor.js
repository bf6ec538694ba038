// Owns: setting up, renewing and turning off the second step of signing in. Secrets and codes are shown once and
// kept nowhere: closing the dialog is the end of them on this page.

import { api } from './api.js';
import { showCodes, steps } from './authenticator.js';
import { ask } from './dialog.js';
import { button, fill, h } from './dom.js';
import { either, reason } from './either.js';
import { door } from './page.js';
import { withRecent } from './recent.js';
import { instant } from './records.js';

const call = (method, path, body = {}) => withRecent(() => api(method, `${door}/auth/mfa${path}`, { body }));

class SecondFactor extends HTMLElement {
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  #place = h('div', { class: 'stack' }, h('p', { role: 'status' }, either('Loading…', 'Cargando…')));

  connectedCallback() {
    this.append(this.#place, this.#failure);
    this.#read();
  }

  async #read() {
    try {
      this.#draw(await api('GET', `${door}/auth/mfa`));
    } catch (problem) {
      fill(this.#place, h('p', {}, reason(problem)), button(either('Try again', 'Intentar de nuevo'), { kind: 'small', onclick: () => this.#read() }));
    }
  }

  #draw({ totp, backupCodesLeft, required }) {
    if (!totp?.enrolledAt) {
      return fill(this.#place,
        h('p', {}, either('With a second step, a stolen password alone opens nothing: signing in also asks for a six-digit code that an app on your phone shows.', 'Con un segundo paso, una contraseña robada no abre nada por sí sola: al iniciar sesión se pide también un código de seis dígitos que muestra una aplicación de su teléfono.')),
        required && h('p', { class: 'warning' }, either('Your practice requires a second step. Set it up now, so that you can go on signing in.', 'Su consultorio exige un segundo paso. Prepárelo ahora para poder seguir iniciando sesión.')),
        h('div', {}, this.#act(either('Set up an authenticator app', 'Preparar una aplicación de autenticación'), 'primary', () => this.#enrol())));
    }
    fill(this.#place,
      h('p', {}, h('strong', {}, either('On', 'Activado')), either(' since ', ' desde: '), instant(totp.enrolledAt), either('. Signing in asks for a code from your authenticator app.', '. Al iniciar sesión se pide un código de su aplicación de autenticación.')),
      h('p', { class: backupCodesLeft < 3 ? 'warning' : 'hint' },
        backupCodesLeft === 1 ? either('One backup code is left.', 'Queda un código de respaldo.') : either(`${backupCodesLeft ?? 0} backup codes are left.`, `Quedan ${backupCodesLeft ?? 0} códigos de respaldo.`),
        either(' Each opens your account once, when your phone is not at hand.', ' Cada uno abre su cuenta una vez, cuando no tenga el teléfono a mano.')),
      h('div', { class: 'button-row' },
        this.#act(either('Make new backup codes', 'Crear códigos de respaldo nuevos'), '', () => this.#renew()),
        !required && this.#act(either('Turn it off', 'Desactivarlo'), '', () => this.#turnOff())));
  }

  /** A button whose refusal is shown below. */
  #act(words, kind, run) {
    return button(words, { kind, onclick: async () => {
      this.#failure.hidden = true;
      try {
        await run();
      } catch (problem) {
        if (problem.code === 'cancelled') return;
        this.#failure.textContent = reason(problem);
        this.#failure.hidden = false;
      }
    } });
  }

  async #enrol() {
    const seed = await call('POST', '/totp');
    const codes = await ask({
      title: either('Set up your authenticator app', 'Prepare su aplicación de autenticación'),
      content: [steps(seed)],
      confirm: either('Turn it on', 'Activarlo'),
      act: async (data) => (await call('POST', '/totp/confirm', { code: data.get('code').trim() })).backupCodes,
    });
    if (!codes) return;
    await showCodes(codes);
    this.#read();
  }

  async #renew() {
    const sure = await ask({
      title: either('Make new backup codes?', '¿Crear códigos de respaldo nuevos?'),
      content: [h('p', {}, either('The old ones stop working at once.', 'Los anteriores dejan de servir de inmediato.'))],
      confirm: either('Make new ones', 'Crear nuevos'),
      act: () => call('POST', '/backup-codes'),
    });
    if (!sure) return;
    await showCodes(sure.backupCodes);
    this.#read();
  }

  async #turnOff() {
    const done = await ask({
      title: either('Turn the second step off?', '¿Desactivar el segundo paso?'),
      content: [h('p', {}, either('Your password alone will open your account again, and your backup codes stop working. Other devices are signed out.', 'Su contraseña sola volverá a abrir su cuenta, y sus códigos de respaldo dejan de servir. Se cierra la sesión en los demás dispositivos.'))],
      confirm: either('Turn it off', 'Desactivarlo'),
      kind: 'danger',
      act: () => call('DELETE', '/totp').then(() => true),
    });
    if (done) this.#read();
  }
}

customElements.define('care-second-factor', SecondFactor);
