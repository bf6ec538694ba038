// Owns: the list of everybody who has an account at the practice, and what administrators do to accounts. Each such
// act is noted by the hub; the page says beforehand what it means for the person.

import { api } from './api.js';
import { copy, erase, legalHold } from './client-privacy.js';
import { field } from './dialog.js';
import { button, h } from './dom.js';
import { me } from './page.js';
import { withRecent } from './recent.js';
import { instant, more, record, Records } from './records.js';
import { say } from './toast.js';

const ROLES = { client: 'Client', clinician: 'Clinician', staff: 'Front desk', admin: 'Administrator' };
const WAIT_MS = 300;

class Users extends Records {
  empty = 'Nobody fits.';
  #form = null;
  #timer = null;

  connectedCallback() {
    this.#form ??= this.querySelector('form');
    this.#form.elements.role.value = new URLSearchParams(location.search).get('role') ?? '';
    this.#form.addEventListener('input', () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.reload(), WAIT_MS);
    });
    this.#form.addEventListener('submit', (event) => event.preventDefault());
    super.connectedCallback();
  }

  get path() {
    const asked = [...new FormData(this.#form)].filter(([, value]) => value.trim());
    return `admin/users?${new URLSearchParams(asked)}`;
  }

  node(user) {
    const { id, name, email, role, status, lockedUntil, lastActiveAt, sessions } = user;
    const own = id === me.id;
    const closed = status === 'disabled';
    return record({
      title: h('bdi', {}, name),
      tags: [ROLES[role] ?? role, closed && 'Locked', own && 'You'],
      lines: [email, lockedUntil && h('span', {}, 'Signing in is paused until ', instant(lockedUntil)), lastActiveAt && h('span', {}, `Signed in on ${sessions} ${sessions === 1 ? 'device' : 'devices'}, last active `, instant(lastActiveAt))],
      actions: [
        !own && this.#act('Change', name, () => this.#change(user)),
        !own && more(name,
          (closed || lockedUntil) && this.#act('Unlock', name, () => this.#tell(id, 'unlock', `Unlock ${name}?`, 'They can sign in again with the password they have.', 'Unlock', `${name} can sign in again.`)),
          !closed && this.#act('Lock', name, () => this.#tell(id, 'lock', `Lock ${name}?`, 'They are signed out everywhere within seconds, and cannot sign in until somebody unlocks them. Nothing of theirs is lost.', 'Lock', `${name} is locked out.`, 'danger')),
          this.#act('Sign out', name, () => this.#tell(id, 'end-sessions', `Sign ${name} out everywhere?`, 'All their devices are signed out within seconds. They can sign in again.', 'Sign out', `${name} is signed out everywhere.`)),
          this.#act('Reset second step', name, () => this.#tell(id, 'reset-second-factor', `Reset the second step of ${name}?`, 'Do this only when you are sure who is asking. Their password alone opens the account until they set up a second step again; they are told by e-mail.', 'Reset it', `The second step of ${name} is reset.`, 'danger')),
          h('a', { class: 'button small', href: `/ehr/admin/audit?${role === 'client' ? 'client' : 'actor'}=${id}`, 'aria-label': `Audit log: ${name}` }, 'Audit log'),
          role === 'client' && this.#act('Copy of the record', name, () => copy(user)),
          role === 'client' && this.#act('Legal hold', name, async () => say(await legalHold(user))),
          role === 'client' && this.#act('Erase', name, async () => (await erase(user)) && this.reload())),
      ],
    });
  }

  #act(words, name, run) {
    return button(words, { kind: 'small', 'aria-label': `${words}: ${name}`, onclick: run });
  }

  #tell(id, act, title, words, confirm, done, kind = 'primary') {
    return this.confirm({ title, content: [h('p', {}, words)], confirm, kind, done, act: () => withRecent(() => api('POST', `admin/users/${id}/${act}`, { body: {} })) });
  }

  #change({ id, name, role }) {
    const roles = role === 'client' ? ['client'] : ['clinician', 'staff', 'admin'];
    return this.confirm({
      title: `Change ${name}`,
      content: [
        field('Name', h('input', { name: 'name', value: name, required: true, maxlength: 200 })),
        roles.length > 1 && field('Role', h('select', { name: 'role' }, ...roles.map((one) => h('option', { value: one, selected: one === role }, ROLES[one])))),
        roles.length > 1 && h('p', { class: 'hint' }, 'With another role they are signed out, and see what that role may see when they sign in again.'),
      ].filter(Boolean),
      confirm: 'Save',
      done: 'Saved.',
      act: (data) => withRecent(() => api('PATCH', `admin/users/${id}`, { body: {
        ...(data.get('name').trim() !== name && { name: data.get('name').trim() }),
        ...(data.get('role') && data.get('role') !== role && { role: data.get('role') }),
      } })),
    });
  }
}

customElements.define('care-users', Users);
