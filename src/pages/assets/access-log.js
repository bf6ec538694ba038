// Owns: showing clients who opened their record, when and in what role. The list comes from the audit log as it is;
// nothing is left out or made to look better here.

import { accessWords } from './access-words.js';
import { h } from './dom.js';
import { either } from './either.js';
import { instant, record, Records } from './records.js';
import { ROLES } from './role-words.js';

class AccessLog extends Records {
  empty = either('Nobody has opened your record yet.', 'Nadie ha abierto su expediente todavía.');
  path = 'portal/privacy/access-log';

  node({ at, by, action, outcome, emergency }) {
    return record({
      title: by ? h('bdi', {}, by.name ?? either('Somebody who has left', 'Alguien que ya no está')) : OUTSIDE.has(action) ? either('Somebody who was not signed in', 'Alguien sin sesión iniciada') : either('Carehub itself', 'El propio Carehub'),
      tags: [ROLES[by?.role] ?? by?.role, emergency && either('Emergency access', 'Acceso de emergencia'), outcome === 'refused' && either('Refused', 'Rechazado')],
      lines: [
        outcome === 'refused' && action === 'session.begun' ? either('Tried to sign in as you', 'Intentó iniciar sesión como usted') : accessWords(action),
        emergency && either('Without being on your care team; a reason was given, and the practice was told.', 'Sin ser de su equipo; dio un motivo y se avisó al consultorio.'),
        instant(at),
      ],
    });
  }
}

/** What people do who have not shown yet who they are. */
const OUTSIDE = new Set(['session.begun', 'client.proven', 'client.registered', 'email.changed', 'passwordReset.requested', 'password.changed', 'verification.requested']);

customElements.define('care-access-log', AccessLog);
