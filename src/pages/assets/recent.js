// Owns: asking for the password again before something that only its owner may do. The hub decides when that is;
// this only asks, once, and repeats the call. It keeps no password.

import { api } from './api.js';
import { ask, field } from './dialog.js';
import { h } from './dom.js';
import { either, language, reason } from './either.js';

/** Runs `call`; where the hub wants to be sure who is there, asks for the password and runs it again. */
export async function withRecent(call) {
  try {
    return await call();
  } catch (problem) {
    if (problem.code !== 'reauthenticate') throw problem;
    if (!await prove()) throw Object.assign(new Error(either('Not changed: this needs your password.', 'No se cambió: hace falta su contraseña.')), { code: 'cancelled' });
    return call();
  }
}

function prove() {
  const { door } = document.body.dataset;
  return ask({
    language,
    cancel: either('Cancel', 'Cancelar'),
    title: either('Please confirm that it is you', 'Confirme que es usted'),
    content: [
      h('p', {}, either('Before this is done, enter your password once more; it then counts for five minutes.',
        'Antes de hacerlo, escriba su contraseña una vez más; vale durante cinco minutos.')),
      field(either('Password', 'Contraseña'), h('input', { name: 'password', type: 'password', autocomplete: 'current-password', required: true, maxlength: 128, autofocus: true })),
    ],
    confirm: either('Confirm', 'Confirmar'),
    act: (data) => api('POST', `${door}/auth/reauthenticate`, { body: { password: data.get('password') } }).then(() => true, (problem) => { throw new Error(reason(problem)); }),
  });
}
