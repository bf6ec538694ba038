// Owns: what happens when the session ends under an open page, and signing out. With nothing unsaved the page
// goes to the sign-in; with words that the server does not have yet it hides everything and asks the same
// person to sign in again here, so that not even the last half-second of typing is lost.

import { api, session } from './api.js';
import { ask, codeInput, field } from './dialog.js';
import { h } from './dom.js';
import { either } from './either.js';
import { anythingUnsaved, connection, door, me, paths, saveAll } from './page.js';

const SAVE_WITHIN_MS = 2_000;
let ending = false;

function signInUrl() {
  const role = door === 'ehr' ? 'clinician' : 'client';
  return `/sign-in?${new URLSearchParams({ door: role, ended: '1', next: location.pathname + location.search })}`;
}

async function ended() {
  if (ending) return;
  ending = true;
  document.body.classList.add('ended');
  if (!anythingUnsaved()) return location.replace(signInUrl());
  const user = await ask({
    title: either('Sign in again to keep your words', 'Inicie sesión de nuevo para conservar sus palabras'),
    content: [
      h('p', {}, either('You were signed out while your last words were not saved yet. They are still here: sign in to save them.', 'Su sesión se cerró antes de guardar sus últimas palabras. Siguen aquí: inicie sesión para guardarlas.')),
      field(either('E-mail', 'Correo electrónico'), h('input', { name: 'email', type: 'email', autocomplete: 'username', required: true })),
      field(either('Password', 'Contraseña'), h('input', { name: 'password', type: 'password', autocomplete: 'current-password', required: true })),
    ],
    confirm: either('Sign in', 'Iniciar sesión'),
    cancel: either('Discard them', 'Descartarlas'),
    act: async (data) => {
      const { user: person, mfa } = await api('POST', paths.login, { body: Object.fromEntries(data) });
      return person ?? { owes: mfa };
    },
  }).then((answer) => (answer?.owes ? secondStep(answer.owes) : answer));
  if (!user) return leave(signInUrl());
  if (user.id !== me.id) return leave('/');
  ending = false;
  document.body.classList.remove('ended');
  connection.start();
  saveAll(SAVE_WITHIN_MS);
}

function secondStep({ ticket }) {
  return ask({
    title: either('One more step', 'Un paso más'),
    content: [h('p', {}, either('Enter the six digits from your authenticator app, or one of your backup codes.', 'Escriba los seis dígitos de su aplicación de autenticación, o uno de sus códigos de respaldo.')), field(either('Code', 'Código'), codeInput())],
    confirm: either('Sign in', 'Iniciar sesión'),
    cancel: either('Discard my words', 'Descartar mis palabras'),
    act: async (data) => (await api('POST', `${door}/auth/mfa/verify`, { body: { ticket, code: data.get('code').trim() } })).user,
  });
}

/** Leaves without the browser asking: the person has just decided. */
function leave(url) {
  addEventListener('beforeunload', (event) => event.stopImmediatePropagation(), { capture: true });
  location.replace(url);
}

session.addEventListener('ended', ended);
connection.addEventListener('state', () => connection.state === 'ended' && ended());

document.querySelector('form[data-sign-out]')?.addEventListener('submit', async (event) => {
  event.preventDefault();
  await saveAll(SAVE_WITHIN_MS);
  if (ending) return; // The session was over already, and words are left to be saved.
  // The hub ends the connection before its answer is here: that must not send this page elsewhere.
  ending = true;
  event.target.submit();
});
