// Owns: setting up, renewing and turning off the second step of signing in. Secrets and codes are shown once and
// kept nowhere: closing the dialog is the end of them on this page.

import { api } from './api.js';
import { showCodes, steps } from './authenticator.js';
import { ask } from './dialog.js';
import { button, fill, h } from './dom.js';
import { door } from './page.js';
import { withRecent } from './recent.js';
import { instant } from './records.js';

const call = (method, path, body = {}) => withRecent(() => api(method, `${door}/auth/mfa${path}`, { body }));

class SecondFactor extends HTMLElement {
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  #place = h('div', { class: 'stack' }, h('p', { role: 'status' }, 'Loading…'));

  connectedCallback() {
    this.append(this.#place, this.#failure);
    this.#read();
  }

  async #read() {
    try {
      this.#draw(await api('GET', `${door}/auth/mfa`));
    } catch (problem) {
      fill(this.#place, h('p', {}, problem.message), button('Try again', { kind: 'small', onclick: () => this.#read() }));
    }
  }

  #draw({ totp, backupCodesLeft, required }) {
    if (!totp?.enrolledAt) {
      return fill(this.#place,
        h('p', {}, 'With a second step, a stolen password alone opens nothing: signing in also asks for a six-digit code that an app on your phone shows.'),
        required && h('p', { class: 'warning' }, 'Your practice requires a second step. Set it up now, so that you can go on signing in.'),
        h('div', {}, this.#act('Set up an authenticator app', 'primary', () => this.#enrol())));
    }
    fill(this.#place,
      h('p', {}, h('strong', {}, 'On'), ' since ', instant(totp.enrolledAt), '. Signing in asks for a code from your authenticator app.'),
      h('p', { class: backupCodesLeft < 3 ? 'warning' : 'hint' },
        backupCodesLeft === 1 ? 'One backup code is left.' : `${backupCodesLeft ?? 0} backup codes are left.`,
        ' Each opens your account once, when your phone is not at hand.'),
      h('div', { class: 'button-row' },
        this.#act('Make new backup codes', '', () => this.#renew()),
        !required && this.#act('Turn it off', '', () => this.#turnOff())));
  }

  /** A button whose refusal is shown below. */
  #act(words, kind, run) {
    return button(words, { kind, onclick: async () => {
      this.#failure.hidden = true;
      try {
        await run();
      } catch (problem) {
        if (problem.code === 'cancelled') return;
        this.#failure.textContent = problem.message;
        this.#failure.hidden = false;
      }
    } });
  }

  async #enrol() {
    const seed = await call('POST', '/totp');
    const codes = await ask({
      title: 'Set up your authenticator app',
      content: [steps(seed)],
      confirm: 'Turn it on',
      act: async (data) => (await call('POST', '/totp/confirm', { code: data.get('code').trim() })).backupCodes,
    });
    if (!codes) return;
    await showCodes(codes);
    this.#read();
  }

  async #renew() {
    const sure = await ask({
      title: 'Make new backup codes?',
      content: [h('p', {}, 'The old ones stop working at once.')],
      confirm: 'Make new ones',
      act: () => call('POST', '/backup-codes'),
    });
    if (!sure) return;
    await showCodes(sure.backupCodes);
    this.#read();
  }

  async #turnOff() {
    const done = await ask({
      title: 'Turn the second step off?',
      content: [h('p', {}, 'Your password alone will open your account again, and your backup codes stop working. Other devices are signed out.')],
      confirm: 'Turn it off',
      kind: 'danger',
      act: () => call('DELETE', '/totp').then(() => true),
    });
    if (done) this.#read();
  }
}

customElements.define('care-second-factor', SecondFactor);
