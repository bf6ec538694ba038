// Owns: what setting up an authenticator app looks like, wherever it is done: the picture, the key, the code that
// proves it, and the backup codes. Secrets pass through; nothing is kept.

import { ask, codeInput, field } from './dialog.js';
import { button, h } from './dom.js';
import { either } from './either.js';
import { pictureOf } from './qr.js';

/** The steps, with a field for the code that proves that they were done. */
export function steps({ secret, otpauthUri, qrSvg }) {
  return h('ol', { class: 'steps' },
    h('li', {}, either('Open an authenticator app on your phone. Any will do, your password manager too.', 'Abra una aplicación de autenticación en su teléfono. Sirve cualquiera, también su gestor de contraseñas.')),
    h('li', {}, either('Scan this picture with it.', 'Escanee esta imagen con ella.'), pictureOf(qrSvg, either('QR code for your authenticator app', 'Código QR para su aplicación de autenticación'))),
    h('li', {}, either('If you are on that phone, or scanning fails: ', 'Si está en ese teléfono, o no se puede escanear: '), h('a', { href: otpauthUri }, either('open your app here', 'abra su aplicación aquí')), either(', or type this key into it: ', ', o escriba en ella esta clave: '), h('code', { class: 'secret' }, inFours(secret))),
    h('li', {}, field(either('Enter the six digits that it shows', 'Escriba los seis dígitos que muestra'), codeInput())));
}

/** Shows backup codes, once. */
export function showCodes(codes) {
  const said = h('p', { role: 'status', class: 'hint' });
  const copied = () => { said.textContent = either('Copied.', 'Copiado.'); };
  const not = () => { said.textContent = either('Copying is not possible here. Please write them down.', 'Aquí no se puede copiar. Anótelos, por favor.'); };
  return ask({
    title: either('Keep your backup codes', 'Guarde sus códigos de respaldo'),
    content: [
      h('p', {}, either('Each of these opens your account once instead of the app. Write them down or print them, and keep them where only you find them. They are not shown again.', 'Cada uno abre su cuenta una vez en lugar de la aplicación. Anótelos o imprímalos, y guárdelos donde solo usted los encuentre. No se muestran otra vez.')),
      h('ul', { class: 'codes', 'aria-label': either('Backup codes', 'Códigos de respaldo') }, ...codes.map((code) => h('li', {}, h('code', {}, code)))),
      h('div', { class: 'button-row' },
        button(either('Copy', 'Copiar'), { kind: 'small', onclick: () => navigator.clipboard.writeText(codes.join('\n')).then(copied, not) }),
        button(either('Print', 'Imprimir'), { kind: 'small', onclick: () => print() })),
      said,
      h('label', { class: 'choice' }, h('input', { type: 'checkbox', required: true }), either('I have kept them in a safe place', 'Los he guardado en un lugar seguro')),
    ],
    confirm: either('Done', 'Listo'),
    cancel: null,
  });
}

const inFours = (secret) => secret.replace(/(.{4})(?=.)/g, '$1 ');
