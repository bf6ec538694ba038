// Owns: what setting up an authenticator app looks like, wherever it is done: the picture, the key, the code that
// proves it, and the backup codes. Secrets pass through; nothing is kept.

import { ask, codeInput, field } from './dialog.js';
import { button, h } from './dom.js';
import { pictureOf } from './qr.js';

/** The steps, with a field for the code that proves that they were done. */
export function steps({ secret, otpauthUri, qrSvg }) {
  return h('ol', { class: 'steps' },
    h('li', {}, 'Open an authenticator app on your phone. Any will do, your password manager too.'),
    h('li', {}, 'Scan this picture with it.', pictureOf(qrSvg, 'QR code for your authenticator app')),
    h('li', {}, 'If you are on that phone, or scanning fails: ', h('a', { href: otpauthUri }, 'open your app here'), ', or type this key into it: ', h('code', { class: 'secret' }, inFours(secret))),
    h('li', {}, field('Enter the six digits that it shows', codeInput())));
}

/** Shows backup codes, once. */
export function showCodes(codes) {
  const said = h('p', { role: 'status', class: 'hint' });
  const copied = () => { said.textContent = 'Copied.'; };
  const not = () => { said.textContent = 'Copying is not possible here. Please write them down.'; };
  return ask({
    title: 'Keep your backup codes',
    content: [
      h('p', {}, 'Each of these opens your account once instead of the app. Write them down or print them, and keep them where only you find them. They are not shown again.'),
      h('ul', { class: 'codes', 'aria-label': 'Backup codes' }, ...codes.map((code) => h('li', {}, h('code', {}, code)))),
      h('div', { class: 'button-row' },
        button('Copy', { kind: 'small', onclick: () => navigator.clipboard.writeText(codes.join('\n')).then(copied, not) }),
        button('Print', { kind: 'small', onclick: () => print() })),
      said,
      h('label', { class: 'choice' }, h('input', { type: 'checkbox', required: true }), 'I have kept them in a safe place'),
    ],
    confirm: 'Done',
    cancel: null,
  });
}

const inFours = (secret) => secret.replace(/(.{4})(?=.)/g, '$1 ');
