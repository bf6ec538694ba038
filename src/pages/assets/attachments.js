// Owns: the files that go with what is being written, a message or an answer: choosing them, how far each is, giving one
// up. They are uploaded while one writes; what is sent names those that arrived. It sends nothing but files.

import { button, h, icon } from './dom.js';
import { either, reason } from './either.js';
import { ACCEPTED, Upload, sizeOf } from './upload.js';

const MOST = 10;

class Attachments extends HTMLElement {
  #items = [];
  #path = '';
  #most = MOST;
  #input = h('input', { type: 'file', multiple: true, accept: ACCEPTED, class: 'visually-hidden', tabindex: -1, 'aria-hidden': 'true' });
  #add = button(either('Attach files', 'Adjuntar archivos'), { icon: 'attach', kind: 'small quiet', onclick: () => this.#input.click() });
  #list = h('ul', { class: 'attaching', 'aria-label': either('Files to send', 'Archivos para enviar'), hidden: true });
  #status = h('p', { class: 'visually-hidden', role: 'status' });

  connectedCallback() {
    if (this.#add.isConnected) return;
    this.append(this.#list, this.#add, this.#input, this.#status);
    this.#input.addEventListener('change', () => {
      this.add([...this.#input.files]);
      this.#input.value = '';
    });
  }

  /** Where files go, and how many. */
  open(path, { most = MOST, words } = {}) {
    this.#path = path;
    this.#most = most;
    this.#input.multiple = most > 1;
    if (words) this.#add.lastChild.textContent = words;
    this.#show();
  }

  /** Those that are there already. */
  hold(files) {
    if (files.map(({ id }) => id).join() === this.ids.join()) return;
    this.#items = [...files.map((file) => ({ file, node: null })), ...this.#items.filter(({ file }) => !file)];
    this.#show();
  }

  focus() {
    this.#add.focus();
  }

  /** Gives up whatever is on its way, and forgets the rest. */
  drop() {
    this.#items.forEach(({ upload }) => upload?.abort());
    this.clear();
  }

  get count() {
    return this.#items.length;
  }

  /** Whether some are still on their way, or did not arrive. */
  get unfinished() {
    return this.#items.some(({ file }) => !file);
  }

  /** The ids of those that arrived. */
  get ids() {
    return this.#items.map(({ file }) => file?.id).filter(Boolean);
  }

  /** They were sent. */
  clear() {
    this.#items = [];
    this.#show();
  }

  add(files) {
    const room = this.#most - this.#items.length;
    for (const chosen of files.slice(0, room)) {
      const item = { chosen, upload: new Upload(this.#path, chosen), part: 0, file: null, problem: null, node: null };
      this.#items.push(item);
      this.#start(item);
    }
    if (files.length > room) this.#status.textContent = either(`At most ${this.#most} files.`, `Como máximo ${this.#most} archivos.`);
    this.#show();
  }

  async #start(item) {
    item.problem = null;
    this.#draw(item);
    try {
      item.file = await item.upload.send((part) => {
        item.part = part;
        const bar = item.node?.querySelector('progress');
        if (bar) bar.value = part;
      });
      this.#status.textContent = either(`${item.file.name} is attached.`, `${item.file.name} está adjunto.`);
    } catch (problem) {
      if (problem.code === 'withdrawn') return;
      item.problem = problem;
    }
    this.#draw(item);
    this.dispatchEvent(new Event('change'));
  }

  #remove(item) {
    item.upload?.abort();
    this.#items = this.#items.filter((other) => other !== item);
    const name = nameOf(item);
    this.#status.textContent = either(`${name} is not attached any more.`, `${name} ya no está adjunto.`);
    this.#show();
    this.#add.focus();
  }

  #draw(item) {
    const { chosen, file, problem, part } = item;
    const name = nameOf(item);
    const node = h('li', { class: problem ? 'failed' : file ? 'there' : 'coming' },
      icon('file'),
      h('span', { class: 'file-words' }, h('bdi', {}, name), h('span', { class: 'hint' }, sizeOf(file?.bytes ?? chosen.size))),
      !file && !problem && h('progress', { max: 1, value: part, 'aria-label': either(`Sending ${name}`, `Enviando ${name}`) }),
      problem && h('span', { class: 'file-problem', role: 'alert' }, reason(problem)),
      problem?.passing && button(either('Try again', 'Intentar de nuevo'), { kind: 'small', onclick: () => this.#start(item) }),
      this.#away(item, file ? either('Remove', 'Quitar') : either('Cancel', 'Cancelar'), name));
    item.node?.replaceWith(node);
    item.node = node;
  }

  #away(item, words, name) {
    return button(words, { kind: 'small quiet', 'aria-label': `${words} ${name}`, onclick: () => this.#remove(item) });
  }

  #show() {
    this.#items.filter(({ node }) => !node).forEach((item) => this.#draw(item));
    this.#list.replaceChildren(...this.#items.map(({ node }) => node));
    this.#list.hidden = this.#items.length === 0;
    this.#add.disabled = this.#items.length >= this.#most;
    this.dispatchEvent(new Event('change'));
  }
}

const nameOf = ({ file, chosen }) => file?.name || chosen?.name || either('File', 'Archivo');

customElements.define('care-attachments', Attachments);
