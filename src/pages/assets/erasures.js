// Owns: the list of clients that were erased, with the certificates. Names are gone; what is left is when, why and
// by whom.

import { button, h } from './dom.js';
import { download } from './download.js';
import { instant, record, Records } from './records.js';

const CAUSES = { request: 'On request', retention: 'By a retention rule', restore: 'Again, after a backup was restored' };

class Erasures extends Records {
  empty = 'Nobody was erased.';
  path = 'admin/erasures';

  node({ id, client, cause, reason, erasedAt, certificate }) {
    return record({
      title: h('span', {}, 'Record ', h('code', {}, client)),
      lines: [h('span', {}, CAUSES[cause] ?? cause, ', ', instant(erasedAt)), reason && h('q', {}, reason)],
      actions: [button('Certificate', { kind: 'small', icon: 'down', onclick: () => download(certificate, `erasure-${id}.json`) })],
    });
  }
}

customElements.define('care-erasures', Erasures);
