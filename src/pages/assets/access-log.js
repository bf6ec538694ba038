// Owns: showing clients who opened their record, when and in what role. The list comes from the audit log as it is;
// nothing is left out or made to look better here.

import { h } from './dom.js';
import { instant, record, Records } from './records.js';

const ROLES = { clinician: 'clinician', staff: 'front desk', admin: 'administrator' };

class AccessLog extends Records {
  empty = 'Nobody has opened your record yet.';
  path = 'portal/privacy/access-log';

  node({ at, by, action, outcome, emergency }) {
    return record({
      title: by ? h('bdi', {}, by.name ?? 'Somebody who has left') : 'Carehub itself',
      tags: [ROLES[by?.role] ?? by?.role, emergency && 'Emergency access', outcome === 'refused' && 'Refused'],
      lines: [
        words(action),
        emergency && 'Without being on your care team; a reason was given, and the practice was told.',
        instant(at),
      ],
    });
  }
}

/** `thread.viewed` as a person would say it. */
const WORDS = {
  'thread.viewed': 'Read a conversation with you',
  'thread.opened': 'Began a conversation with you',
  'message.sent': 'Wrote to you',
  'note.written': 'Wrote a staff note',
  'record.viewed': 'Looked at your record',
  'record.exported': 'Made a copy of your record',
};
const words = (action) => WORDS[action] ?? action?.replace('.', ' ').replaceAll(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);

customElements.define('care-access-log', AccessLog);
