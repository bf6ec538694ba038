// Owns: the documents of one record: finding one, and handing one in. Whose record it is says the address; who may see
// what, the hub.

import { h } from './dom.js';
import { CATEGORIES, categoryChoice } from './document-words.js';
import { either, language, reason } from './either.js';
import { kindOf } from './files.js';
import { instant, record, Records } from './records.js';
import { say } from './toast.js';
import { ACCEPTED, Upload, sizeOf } from './upload.js';

const WAIT_MS = 300;

class Documents extends Records {
  #search = h('input', { type: 'search', maxlength: 200, autocomplete: 'off' });
  #category = categoryChoice(either('All categories', 'Todas las categorías'));
  #timer = null;

  get staff() {
    return this.hasAttribute('client');
  }

  get #base() {
    return this.staff ? `ehr/clients/${this.getAttribute('client')}/documents` : 'portal/documents';
  }

  get path() {
    const asked = new URLSearchParams({ limit: 50 });
    if (this.#search.value.trim()) asked.set('q', this.#search.value.trim());
    if (this.#category.value) asked.set('category', this.#category.value);
    return `${this.#base}?${asked}`;
  }

  get empty() {
    return this.#search.value.trim() || this.#category.value ? either('Nothing like this was found.', 'No se encontró nada así.') : either('No documents yet.', 'Todavía no hay documentos.');
  }

  connectedCallback() {
    this.lang = language;
    this.append(this.#uploadForm(), h('form', { class: 'filter-row', role: 'search', onsubmit: (event) => event.preventDefault() },
      h('label', { class: 'field' }, h('span', {}, either('Find a document', 'Buscar un documento')), this.#search),
      h('label', { class: 'field' }, h('span', {}, either('Category', 'Categoría')), this.#category)));
    this.#search.addEventListener('input', () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.reload(), WAIT_MS);
    });
    this.#category.addEventListener('change', () => this.reload());
    super.connectedCallback();
  }

  node({ id, title, category, addedBy, addedAt, sharedAt, file, version, signature }) {
    const at = this.staff ? `/ehr/documents/${id}` : `/portal/documents/${id}`;
    return record({
      title: h('a', { href: at }, h('bdi', {}, title)),
      tags: [CATEGORIES[category], this.staff && !sharedAt && 'Not shared', signature === 'requested' && (this.staff ? 'Signature asked for' : either('Please sign', 'Por favor, firme')), signature === 'signed' && either('Signed', 'Firmado')],
      lines: [h('span', {}, `${kindOf(file.mediaType)}, ${sizeOf(file.bytes)}${version > 1 ? either(`, version ${version}`, `, versión ${version}`) : ''}`), h('span', {}, either('Added by ', 'Agregado por '), h('bdi', {}, addedBy.name), ', ', instant(addedAt))],
    });
  }

  #uploadForm() {
    const input = h('input', { type: 'file', accept: ACCEPTED, required: true });
    const category = categoryChoice(null);
    const share = h('input', { type: 'checkbox' });
    const progress = h('progress', { max: 1, value: 0, hidden: true, 'aria-label': either('Sending the file', 'Enviando el archivo') });
    const failure = h('p', { class: 'failure', role: 'alert', hidden: true });
    const send = h('button', { type: 'submit', class: 'button primary' }, this.staff ? 'Add' : either('Send to the practice', 'Enviar al consultorio'));
    const cancel = h('button', { type: 'button', class: 'button quiet', hidden: true }, either('Cancel', 'Cancelar'));
    const form = h('form', { class: 'stack' },
      h('label', { class: 'field' }, h('span', {}, either('File', 'Archivo')), input, h('span', { class: 'hint' }, either('PDF, pictures, text, Word, Excel or PowerPoint; at most 25 MiB.', 'PDF, imágenes, texto, Word, Excel o PowerPoint; como máximo 25 MiB.'))),
      h('label', { class: 'field' }, h('span', {}, either('Category', 'Categoría')), category),
      this.staff && h('label', { class: 'choice' }, share, ' Share with the client'),
      failure, progress, h('div', { class: 'filter-row' }, send, cancel));
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const query = new URLSearchParams({ category: category.value, ...(share.checked && { share: 'true' }) });
      const upload = new Upload(`${this.#base}?${query}`, input.files[0]);
      cancel.onclick = () => upload.abort();
      const busy = (on) => { progress.hidden = cancel.hidden = !on; send.disabled = on; };
      failure.hidden = true;
      busy(true);
      try {
        await upload.send((part) => { progress.value = part; });
        form.reset();
        say(this.staff ? 'The document was added.' : either('Your practice has the document.', 'Su consultorio tiene el documento.'));
        form.closest('details').open = false;
        await this.reload();
      } catch (problem) {
        if (problem.code !== 'withdrawn') {
          failure.textContent = reason(problem);
          failure.hidden = false;
        }
      } finally {
        busy(false);
      }
    });
    const words = this.staff ? 'Add a document' : either('Send a document to the practice', 'Enviar un documento al consultorio');
    return h('details', { class: 'more-form', 'aria-label': words }, h('summary', { class: 'button' }, words), form);
  }
}

customElements.define('care-documents', Documents);
