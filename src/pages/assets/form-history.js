// Owns: what happened to a form that a client was given, and to the same form before.

import { h } from './dom.js';
import { either } from './either.js';
import { instant, record, Records } from './records.js';

const HAPPENED = {
  assigned: either('You were given the form', 'Recibió el formulario'),
  saved: either('Last saved', 'Guardado por última vez'),
  submitted: either('You submitted it', 'Lo envió'),
  reviewed: either('Your care team looked at it', 'Su equipo lo revisó'),
  withdrawn: either('Your practice took it back', 'Su consultorio lo retiró'),
};

class FormHistory extends Records {
  node({ at, what, by, version, submission }) {
    const from = what === 'assigned' || what === 'reviewed' ? by : null;
    return record({
      title: HAPPENED[what] ?? what,
      lines: [
        h('span', {}, instant(at), ` · ${either('Version', 'Versión')} ${version}`),
        from && h('span', {}, either('By ', 'Por '), h('bdi', {}, from.name)),
      ],
      actions: [submission && !location.pathname.endsWith(submission) && h('a', { class: 'button small', href: `/portal/forms/submissions/${submission}` }, either('Read', 'Leer'))],
    });
  }
}

customElements.define('care-form-history', FormHistory);

/** It is read when somebody opens it. */
export function history(assignment) {
  const place = h('div', {});
  return h('details', { class: 'card history', ontoggle: (event) => {
    if (event.target.open && !place.hasChildNodes()) place.append(h('care-form-history', { path: `portal/forms/${assignment}/history`, 'data-records': true }));
  } }, h('summary', {}, either('History of this form', 'Historial de este formulario')), place);
}
