// Owns: asking for the password again before something that only its owner may do. The hub decides when that is;
// this only asks, once, and repeats the call. It keeps no password.

import { api } from './api.js';
import { ask, field } from './dialog.js';
import { h } from './dom.js';

/** Runs `call`; where the hub wants to be sure who is there, asks for the password and runs it again. */
export async function withRecent(call) {
  try {
    return await call();
  } catch (problem) {
    if (problem.code !== 'reauthenticate') throw problem;
    if (!await prove()) throw Object.assign(new Error('Not changed: this needs your password.'), { code: 'cancelled' });
    return call();
  }
}

function prove() {
  const { door } = document.body.dataset;
  return ask({
    title: 'Please confirm that it is you',
    content: [
      h('p', {}, 'This changes who can get into your account. Enter your password once more; it then counts for five minutes.'),
      field('Password', h('input', { name: 'password', type: 'password', autocomplete: 'current-password', required: true, maxlength: 128, autofocus: true })),
    ],
    confirm: 'Confirm',
    act: (data) => api('POST', `${door}/auth/reauthenticate`, { body: { password: data.get('password') } }).then(() => true),
  });
}
