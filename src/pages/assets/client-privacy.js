// Owns: what administrators do to a client's whole record: a legal hold, a copy, erasing it for ever. Every dialog
// says beforehand what cannot be taken back.

import { api, fileOf } from './api.js';
import { ask, field } from './dialog.js';
import { h } from './dom.js';
import { download, keep } from './download.js';
import { withRecent } from './recent.js';
import { instant } from './records.js';

const at = (id) => `admin/clients/${id}`;
const reason = (words, hint) => field(words, h('textarea', { name: 'reason', rows: 3, required: true, maxlength: 1000 }), hint);

/** Shows the hold that lies on a client, places one or lifts it; resolves with what was done, in words. */
export async function legalHold({ id, name }) {
  let hold = null;
  try {
    hold = await api('GET', `${at(id)}/legal-hold`);
  } catch (problem) {
    if (problem.code !== 'notFound') return ask({ title: 'Legal hold', content: [h('p', {}, problem.message)], confirm: 'All right', cancel: null, act: () => null });
  }
  if (hold) {
    return ask({
      title: `A legal hold lies on ${name}`,
      content: [
        h('p', {}, 'Placed ', instant(hold.placedAt), ': ', h('q', {}, hold.reason)),
        h('p', {}, 'While it lies there, nothing of this client is erased: not on request, and not by a retention rule.'),
      ],
      confirm: 'Lift the hold',
      cancel: 'Leave it',
      act: () => withRecent(() => api('DELETE', `${at(id)}/legal-hold`)).then(() => `The legal hold on ${name} is lifted.`),
    });
  }
  return ask({
    title: `Place a legal hold on ${name}?`,
    content: [h('p', {}, 'Nothing of this client can be erased until the hold is lifted.'), reason('Why?', 'A case number, or who asked for it.')],
    confirm: 'Place the hold',
    act: (data) => withRecent(() => api('PUT', `${at(id)}/legal-hold`, { body: { reason: data.get('reason').trim() } })).then(() => `A legal hold lies on ${name} now.`),
  });
}

/** Hands over everything about a client as a file. */
export function copy({ id, name }) {
  return ask({
    title: `Make a copy of the record of ${name}?`,
    content: [h('p', {}, 'The file holds all that Carehub has about this client, readable for whoever gets hold of it. That you made it is noted, and the client sees it.')],
    confirm: 'Make the copy',
    act: async () => keep((await withRecent(() => fileOf('GET', `${at(id)}/export?format=zip`))).content, 'carehub-record.zip'),
  });
}

/** Destroys the key of a client's record. */
export async function erase({ id, name, email }) {
  const erased = await ask({
    title: `Erase ${name} for ever?`,
    content: [
      h('p', { class: 'warning' }, 'The key to everything about this client is destroyed. Nobody can read any of it again: not you, not the client, not from a backup. There is no way back.'),
      h('p', {}, 'Make a copy first if the law wants you to keep one.'),
      reason('Why?', 'It stays on record with the certificate.'),
      field(`Type ${email} to show whom you mean`, h('input', { name: 'confirm', required: true, autocomplete: 'off', spellcheck: 'false' })),
    ],
    confirm: 'Erase for ever',
    kind: 'danger',
    act: (data) => withRecent(() => api('POST', `${at(id)}/erasure`, { body: { reason: data.get('reason').trim(), confirm: data.get('confirm').trim() } })),
  });
  if (!erased) return false;
  await ask({
    title: 'Erased',
    content: [h('p', {}, 'The certificate proves when and by whom. It stays in the list of erasures, too.')],
    confirm: 'Download the certificate',
    cancel: 'Close',
    act: () => download(erased.certificate, `erasure-${erased.id}.json`),
  });
  return true;
}
