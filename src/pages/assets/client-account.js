// Owns: helping clients into their account: an invitation, and a way back for somebody who lost their second step.
// Each resolves with what was done, in words.

import { api } from './api.js';
import { ask } from './dialog.js';
import { h } from './dom.js';
import { withRecent } from './recent.js';

export function invite({ id, name }) {
  return ask({
    title: `Invite ${name}?`,
    content: [h('p', {}, 'A link with which they create their account goes to the e-mail address on file. Links sent before stop working.')],
    confirm: 'Send the invitation',
    act: () => api('POST', `ehr/clients/${id}/invitation`, { body: {} }).then(() => `The invitation of ${name} is on its way.`),
  });
}

export function resetSecondStep({ id, name }) {
  return ask({
    title: `Reset the second step of ${name}?`,
    content: [
      h('p', {}, 'Do this only when you are sure who is asking: you know their face or voice, or have called the number on file. Afterwards their password alone opens the account until they set up a second step again.'),
      h('p', { class: 'warning' }, 'They are told by e-mail, and all their devices are signed out.'),
    ],
    confirm: 'Reset it',
    kind: 'danger',
    act: () => withRecent(() => api('POST', `ehr/clients/${id}/reset-second-factor`, { body: {} })).then(() => `The second step of ${name} is reset.`),
  });
}
