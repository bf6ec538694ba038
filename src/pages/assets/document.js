// Owns: one document: its versions, signing it, and what the practice does with it. A file is fetched by a link that is
// asked for when somebody wants it, and is saved, or looked at as a picture; it is never run.

import { api } from './api.js';
import { ask, field } from './dialog.js';
import { button, fill, h } from './dom.js';
import { CATEGORIES, categoryChoice } from './document-words.js';
import { either, language, reason } from './either.js';
import { kindOf, lookButton } from './files.js';
import { isShown } from './preview.js';
import { instant, record } from './records.js';
import { say } from './toast.js';
import { ACCEPTED, Upload, sizeOf } from './upload.js';

class Document extends HTMLElement {
  #shown = null;

  connectedCallback() {
    this.setAttribute('aria-live', 'polite');
    this.lang = language;
    fill(this, h('p', { class: 'hint', role: 'status' }, either('Loading…', 'Cargando…')));
    this.#load();
  }

  get #staff() {
    return document.body.dataset.door === 'ehr';
  }

  get #path() {
    return `${this.#staff ? 'ehr' : 'portal'}/documents/${this.getAttribute('document')}`;
  }

  async #load() {
    try {
      this.#show(await api('GET', this.#path));
    } catch (problem) {
      const gone = problem.status === 404;
      fill(this, h('h1', {}, gone ? either('This document is not here', 'Este documento no está aquí') : either('Document', 'Documento')), h('p', {}, gone ? either('It may not be shared any more, or it is not yours to see.', 'Quizá ya no se comparte, o no le corresponde verlo.') : reason(problem)),
        !gone && button(either('Try again', 'Intentar de nuevo'), { onclick: () => this.#load() }));
    }
  }

  #show(shown) {
    this.#shown = shown;
    const { title, category, addedBy, addedAt, sharedAt, signature: asked, versions, signatures } = shown;
    document.title = `${title} – Carehub`;
    fill(this,
      h('h1', {}, h('bdi', {}, title)),
      h('p', { class: 'hint' }, CATEGORIES[category], either(', added by ', ', agregado por '), h('bdi', {}, addedBy.name), ', ', instant(addedAt), this.#staff && (sharedAt ? ['. Shared with the client ', instant(sharedAt), '.'] : '. Not shared with the client.'), this.#staff && asked === 'requested' && ' Signature asked for.'),
      this.#staff && this.#acts(shown),
      !this.#staff && shown.toSign && this.#signing(shown),
      h('section', { class: 'card', 'aria-labelledby': 'versions' }, h('h2', { id: 'versions' }, versions.length > 1 ? either('Versions', 'Versiones') : either('File', 'Archivo')), h('ul', { class: 'records' }, ...versions.map((version) => this.#version(version)))),
      signatures.length > 0 && h('section', { class: 'card', 'aria-labelledby': 'signatures' }, h('h2', { id: 'signatures' }, either('Signatures', 'Firmas')), ...signatures.map(signature)));
  }

  #version({ number, file, addedBy, addedAt }) {
    const name = file.name || either('File', 'Archivo');
    return record({
      title: h('bdi', {}, name),
      tags: [either(`Version ${number}`, `Versión ${number}`)],
      lines: [h('span', {}, `${kindOf(file.mediaType)}, ${sizeOf(file.bytes)}`), h('span', {}, either('Added by ', 'Agregado por '), h('bdi', {}, addedBy.name), ', ', instant(addedAt))],
      actions: [
        isShown(file) && lookButton(file, `${this.#path}/preview?version=${number}`),
        button(either('Download', 'Descargar'), { kind: 'small', 'aria-label': either(`Download ${name}, version ${number}`, `Descargar ${name}, versión ${number}`), onclick: () => this.#download(number, name) }),
      ],
    });
  }

  async #download(version, name) {
    try {
      const { url } = await api('GET', `${this.#path}/download?version=${version}`);
      h('a', { href: url, download: name }).click();
    } catch (problem) {
      say(reason(problem));
    }
  }

  #signing({ toSign, versions }) {
    const { file } = versions.find(({ number }) => number === toSign);
    const name = h('input', { name: 'name', required: true, minlength: 2, maxlength: 120, autocomplete: 'name', dir: 'auto' });
    const agree = h('input', { type: 'checkbox', required: true });
    const failure = h('p', { class: 'failure', role: 'alert', hidden: true });
    const form = h('form', { class: 'stack' },
      h('p', {}, either('Your practice asks for your signature. Read the document first.', 'Su consultorio le pide su firma. Primero lea el documento.')),
      h('div', { class: 'filter-row' }, isShown(file) && lookButton(file, `${this.#path}/preview?version=${toSign}`), button(either('Download to read', 'Descargar para leer'), { onclick: () => this.#download(toSign, file.name || either('File', 'Archivo')) })),
      h('label', { class: 'field' }, h('span', {}, either('Type your full name', 'Escriba su nombre completo')), name),
      h('label', { class: 'choice' }, agree, either(' I have read this document, and typing my name is my signature.', ' He leído este documento, y escribir mi nombre es mi firma.')),
      failure,
      h('div', {}, button(either('Sign', 'Firmar'), { kind: 'primary', type: 'submit' })));
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      failure.hidden = true;
      try {
        this.#show(await api('POST', `${this.#path}/sign`, { body: { version: toSign, name: name.value, agree: agree.checked } }));
        say(either('Signed. Thank you.', 'Firmado. Gracias.'));
      } catch (problem) {
        failure.textContent = reason(problem);
        failure.hidden = false;
      }
    });
    return h('section', { class: 'card', 'aria-labelledby': 'sign' }, h('h2', { id: 'sign' }, either('Please sign', 'Por favor, firme')), form);
  }

  #acts({ sharedAt, signature, client, addedBy }) {
    const own = addedBy.id === client;
    const act = (words, path, done, kind = '') => button(words, { kind, onclick: async () => {
      try {
        this.#show(await api('POST', `${this.#path}/${path}`, { body: {} }));
        say(done);
      } catch (problem) {
        say(reason(problem));
      }
    } });
    return h('div', { class: 'filter-row' },
      !sharedAt && act('Share with the client', 'share', 'The client sees it now, and is told.', 'primary'),
      sharedAt && !own && act('Stop sharing', 'unshare', 'The client sees it no more.'),
      signature === 'none' && act('Ask for a signature', 'request-signature', 'The client is asked to sign.'),
      button('Add a version', { onclick: () => this.#addVersion() }),
      button('Rename', { onclick: () => this.#rename() }),
      h('a', { class: 'button quiet', href: `/ehr/clients/${client}/documents` }, 'All documents'));
  }

  async #addVersion() {
    const input = h('input', { type: 'file', accept: ACCEPTED, required: true });
    const progress = h('progress', { max: 1, value: 0, hidden: true, 'aria-label': 'Sending the file' });
    const added = await ask({
      title: 'Add a version',
      content: [h('p', {}, 'The versions before stay. What was signed stays signed; the new version is not.'), field('File', input, 'At most 25 MiB.'), progress],
      confirm: 'Add',
      act: () => {
        progress.hidden = false;
        return new Upload(`${this.#path}/versions`, input.files[0]).send((part) => { progress.value = part; });
      },
    });
    if (added) this.#show(added);
  }

  async #rename() {
    const title = h('input', { name: 'title', required: true, maxlength: 200, value: this.#shown.title, dir: 'auto' });
    const category = categoryChoice(null, this.#shown.category);
    const changed = await ask({
      title: 'Rename',
      content: [field('Title', title), field('Category', category)],
      confirm: 'Save',
      act: () => api('PATCH', this.#path, { body: { title: title.value, category: category.value } }),
    });
    if (changed) this.#show(changed);
  }
}

function signature({ name, intent, signedAt, version, hash, intact }) {
  return h('div', { class: 'signature' },
    h('p', { class: 'name' }, h('bdi', {}, name)),
    h('p', {}, either(`Version ${version}, `, `Versión ${version}, `), instant(signedAt)),
    h('p', { class: 'hint' }, intent),
    h('p', { class: intact ? 'hint' : 'failure' }, intact ? either('Sealed: ', 'Sellado: ') + `${hash.slice(0, 16)}…` : either('The seal is broken: this signature is not what was signed.', 'El sello está roto: esta firma no es lo que se firmó.')));
}

customElements.define('care-document', Document);
