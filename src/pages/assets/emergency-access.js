// Owns: showing where a record was opened in an emergency by somebody who does not look after it: to its client, and
// to the practice with the reason that was given.

import { h } from './dom.js';
import { either } from './either.js';
import { staff } from './page.js';
import { instant, record, Records } from './records.js';
import { ROLES } from './role-words.js';

class EmergencyAccess extends Records {
  empty = staff ? 'Nobody has used emergency access.' : either('Nobody has opened your record that way.', 'Nadie ha abierto su expediente de esa forma.');
  path = staff ? 'admin/break-glass' : 'portal/privacy/break-glass';

  node({ startedAt, expiresAt, by, client, reason }) {
    return record({
      title: h('bdi', {}, by.name),
      tags: [ROLES[by.role] ?? by.role],
      lines: [
        client && h('span', {}, 'Opened the record of ', h('bdi', {}, client.name)),
        h('span', {}, either('From ', 'Desde: '), instant(startedAt), either(' to ', '; hasta: '), instant(expiresAt)),
        staff && (reason ? h('q', {}, reason) : 'The reason is gone with the client’s record.'),
      ],
    });
  }
}

customElements.define('care-emergency-access', EmergencyAccess);
