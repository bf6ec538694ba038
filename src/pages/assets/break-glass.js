// Owns: asking for emergency access to a record that is closed to somebody. It says beforehand what will happen; the
// hub grants it, tells the client and the practice, and writes down all that is seen.

import { api } from './api.js';
import { ask, field } from './dialog.js';
import { h } from './dom.js';

export function emergencyAccess({ id, name }) {
  return ask({
    title: `Open the record of ${name}?`,
    content: [
      h('p', {}, 'You are not on this client’s care team. In an emergency you can open the record all the same, for one hour.'),
      h('p', { class: 'warning' }, 'The client and the practice’s administrators are told at once, with your name. All that you open is noted.'),
      field('Why do you need it?', h('textarea', { name: 'reason', rows: 3, required: true, minlength: 10, maxlength: 500 }), '10 to 500 characters. The practice will read it.'),
    ],
    confirm: 'Open the record for an hour',
    kind: 'danger',
    act: (data) => api('POST', `ehr/clients/${id}/break-glass`, { body: { reason: data.get('reason').trim() } }),
  });
}
