// Owns: choosing one of one's clients in a dialog, by a part of the name. Which of them one may choose is said by the hub.

import { api } from './api.js';
import { field } from './dialog.js';
import { fill, h } from './dom.js';

const WAIT_MS = 250;
const SHOWN = 20;

/** What stands in the dialog; its form says who was chosen, as `client`. */
export function clientSearch() {
  const found = h('div', { class: 'choices', role: 'radiogroup', 'aria-label': 'Clients' });
  const message = h('p', { class: 'hint', role: 'status' });
  const search = h('input', { type: 'search', maxlength: 100, autocomplete: 'off' });
  let timer = null;
  let looking = 0;
  const look = async () => {
    const turn = ++looking;
    try {
      const { items } = await api('GET', `ehr/clients?${new URLSearchParams({ q: search.value.trim(), scope: 'own' })}`);
      if (turn !== looking) return;
      message.textContent = items.length === 0 ? 'Nobody of this name among your clients.' : items.length > SHOWN ? 'Write more of the name to find the others.' : '';
      // Whoever was chosen already stays so.
      const chosen = found.querySelector('input:checked')?.value;
      fill(found, ...items.slice(0, SHOWN).map(({ id, name }) => h('label', { class: 'choice' },
        h('input', { type: 'radio', name: 'client', value: id, required: true, checked: id === chosen }), h('bdi', {}, name))));
    } catch (problem) {
      if (turn === looking) message.textContent = problem.message;
    }
  };
  search.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(look, WAIT_MS);
  });
  look();
  return [field('Client', search), found, message];
}
