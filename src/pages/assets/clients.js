// Owns: finding clients: one's own, or the whole practice's by name. What may be done with whom is decided by the
// hub; the page offers what fits the role and says why something is closed.

import { button, h } from './dom.js';
import { emergencyAccess } from './break-glass.js';
import { careTeam } from './care-team.js';
import { invite, resetSecondStep } from './client-account.js';
import { clientProfile } from './client-profile.js';
import { more, record, Records } from './records.js';
import { timeOfDay } from './time.js';
import { say } from './toast.js';

const WAIT_MS = 300;
const SHORTEST = 2;

class Clients extends Records {
  #search = h('input', { type: 'search', name: 'q', maxlength: 100, autocomplete: 'off' });
  #scope = 'own';
  #timer = null;

  connectedCallback() {
    const choice = (value, words, checked) => h('label', {},
      h('input', { type: 'radio', name: 'scope', value, checked, onchange: () => { this.#scope = value; this.#ask(); } }), words);
    // Who is there for everybody has one list.
    if (this.#reachesAll) this.#scope = 'practice';
    this.append(h('form', { class: 'stack', role: 'search', onsubmit: (event) => event.preventDefault() },
      h('label', { class: 'field' }, h('span', {}, 'Name'), this.#search),
      !this.#reachesAll && h('fieldset', { class: 'doors' }, h('legend', { class: 'visually-hidden' }, 'Where to look'),
        choice('own', 'My clients', true), choice('practice', 'The whole practice'))));
    this.#search.addEventListener('input', () => this.#ask());
    super.connectedCallback();
  }

  get #reachesAll() {
    return this.hasAttribute('reaches-all');
  }

  /** Nobody leafs through the whole practice who is not there for all of it. */
  get path() {
    const short = this.#search.value.trim().length < SHORTEST;
    if (this.#scope === 'practice' && short && !this.#reachesAll) return null;
    return `ehr/clients?${new URLSearchParams({ q: this.#search.value.trim(), scope: this.#scope })}`;
  }

  get empty() {
    if (this.path === null) return 'Type at least two letters of the name.';
    if (this.#search.value.trim()) return 'Nobody of this name.';
    return this.#scope === 'own' ? 'You have no clients yet. Look through the whole practice to find somebody.' : 'No clients yet.';
  }

  node(client) {
    const { id, name, own, emergencyUntil } = client;
    const open = own || emergencyUntil;
    return record({
      title: h('bdi', {}, name),
      tags: [own && 'My client', emergencyUntil && `Emergency access until ${timeOfDay(emergencyUntil)}`],
      lines: [!open && 'You are not on this client’s care team, so their record is closed to you.'],
      actions: [
        open && h('a', { class: 'button small', href: `/ehr?${new URLSearchParams({ filter: 'all', client: id })}`, 'aria-label': `Conversations with ${name}` }, 'Conversations'),
        open && h('a', { class: 'button small', href: `/ehr/clients/${id}/documents`, 'aria-label': `Documents of ${name}` }, 'Documents'),
        open && this.hasAttribute('assess') && h('a', { class: 'button small', href: `/ehr/clients/${id}/assessments`, 'aria-label': `Assessments of ${name}` }, 'Assessments'),
        open && this.hasAttribute('forms') && h('a', { class: 'button small', href: `/ehr/clients/${id}/forms`, 'aria-label': `Forms of ${name}` }, 'Forms'),
        this.hasAttribute('bill') && h('a', { class: 'button small', href: `/ehr/billing/clients/${id}`, 'aria-label': `Billing of ${name}` }, 'Billing'),
        open && this.#act('Profile', name, () => clientProfile(client)),
        (open || this.hasAttribute('teams')) && this.#act('Care team', name, () => careTeam(client)),
        !open && this.hasAttribute('break-glass') && this.#act('Emergency access', name, () => emergencyAccess(client)),
        more(name,
          this.hasAttribute('admit') && this.#act('Invite', name, () => invite(client)),
          this.hasAttribute('admit') && this.#act('Reset second step', name, () => resetSecondStep(client))),
      ],
    });
  }

  /** Every button says to screen readers whom it is about. */
  #act(words, name, run) {
    return button(words, { kind: 'small', 'aria-label': `${words}: ${name}`, onclick: async () => {
      const done = await run();
      if (!done) return;
      await this.reload();
      if (typeof done === 'string') say(done);
    } });
  }

  #ask() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.reload(), WAIT_MS);
  }
}

customElements.define('care-clients', Clients);
