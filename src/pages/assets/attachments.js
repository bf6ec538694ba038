// Owns: the files that go with the message being written: choosing them, how far each is, giving one up. They are
// uploaded while one writes; the message names those that arrived. It sends no message.

import { button, h, icon } from './dom.js';
import { ACCEPTED, Upload, sizeOf } from './upload.js';

const MOST = 10;

class Attachments extends HTMLElement {
  #items = [];
  #path = '';
  #input = h('input', { type: 'file', multiple: true, accept: ACCEPTED, class: 'visually-hidden', tabindex: -1, 'aria-hidden': 'true' });
  #add = button('Attach files', { icon: 'attach', kind: 'small quiet', onclick: () => this.#input.click() });
  #list = h('ul', { class: 'attaching', 'aria-label': 'Files to send', hidden: true });
  #status = h('p', { class: 'visually-hidden', role: 'status' });

  connectedCallback() {
    if (this.#add.isConnected) return;
    this.append(this.#list, this.#add, this.#input, this.#status);
    this.#input.addEventListener('change', () => {
      this.add([...this.#input.files]);
      this.#input.value = '';
    });
  }

  /** Where files go. */
  open(path) {
    this.#path = path;
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
    const room = MOST - this.#items.length;
    for (const chosen of files.slice(0, room)) {
      const item = { chosen, upload: new Upload(this.#path, chosen), part: 0, file: null, problem: null, node: null };
      this.#items.push(item);
      this.#start(item);
    }
    if (files.length > room) this.#status.textContent = `A message takes at most ${MOST} files.`;
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
      this.#status.textContent = `${item.file.name} is attached.`;
    } catch (problem) {
      if (problem.code === 'withdrawn') return;
      item.problem = problem;
    }
    this.#draw(item);
    this.dispatchEvent(new Event('change'));
  }

  #remove(item) {
    item.upload.abort();
    this.#items = this.#items.filter((other) => other !== item);
    this.#status.textContent = `${item.chosen.name} is not attached any more.`;
    this.#show();
    this.#add.focus();
  }

  #draw(item) {
    const { chosen, file, problem, part } = item;
    const name = file?.name ?? chosen.name;
    const node = h('li', { class: problem ? 'failed' : file ? 'there' : 'coming' },
      icon('file'),
      h('span', { class: 'file-words' }, h('bdi', {}, name), h('span', { class: 'hint' }, sizeOf(file?.bytes ?? chosen.size))),
      !file && !problem && h('progress', { max: 1, value: part, 'aria-label': `Sending ${name}` }),
      problem && h('span', { class: 'file-problem', role: 'alert' }, problem.message),
      problem?.passing && button('Try again', { kind: 'small', onclick: () => this.#start(item) }),
      button(file ? 'Remove' : 'Cancel', { kind: 'small quiet', 'aria-label': `${file ? 'Remove' : 'Cancel'} ${name}`, onclick: () => this.#remove(item) }));
    item.node?.replaceWith(node);
    item.node = node;
  }

  #show() {
    this.#items.filter(({ node }) => !node).forEach((item) => this.#draw(item));
    this.#list.replaceChildren(...this.#items.map(({ node }) => node));
    this.#list.hidden = this.#items.length === 0;
    this.#add.disabled = this.#items.length >= MOST;
    this.dispatchEvent(new Event('change'));
  }
}

customElements.define('care-attachments', Attachments);
