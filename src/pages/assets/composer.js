// Owns: the box in which a message is written. Its words belong to Writing, which never loses them; this file
// shows them and what became of them, and must never clear the box by itself.

import { sendAttached } from './attached-send.js';
import './attachments.js';
import { ask } from './dialog.js';
import { button, h, icon } from './dom.js';
import { either, reason, translations } from './either.js';
import { connection, outbox, paths, staff, writingFor } from './page.js';
import { exactly, timeOfDay } from './time.js';
import { TypingTold } from './typing.js';

const LIMIT = 8_000;
const COUNT_FROM = 7_500;
/** A send that is quicker than this needs no word. */
const QUIET_MS = 400;
const NOTHING = either('(nothing)', '(nada)');

const SENDING = {
  saving: either('Sending…', 'Enviando…'),
  sending: either('Sending…', 'Enviando…'),
  paused: either('Not sent yet: Carehub cannot take it at the moment. It goes out by itself as soon as it can.', 'Aún no se envió: Carehub no puede recibirlo en este momento. Saldrá por sí solo en cuanto pueda.'),
  waiting: either('Not sent yet. It goes out by itself when the connection is back.', 'Aún no se envió. Saldrá por sí solo cuando vuelva la conexión.'),
};

class Composer extends HTMLElement {
  #writing = null;
  #view = null;
  #typing = null;
  #mode = 'message';
  #onlyNotes = false;
  #attended = true;
  #refusalShown = null;
  #timer = null;
  /** When the send under way began. */
  #since = null;
  #thread = null;
  #sendingFiles = false;
  #files = document.createElement('care-attachments');
  #gone = new AbortController();
  #area = h('textarea', { rows: 1, dir: 'auto', 'aria-label': either('Your message', 'Su mensaje'), 'aria-describedby': 'composer-status', enterkeyhint: 'enter' });
  #status = h('p', { class: 'composer-status', id: 'composer-status', role: 'status' });
  #count = h('p', { class: 'count', hidden: true });
  #back = button(either('Do not send yet', 'No enviar todavía'), { kind: 'small', hidden: true, onclick: () => this.#writing.withdraw() });
  #send = h('button', { type: 'submit', class: 'button primary send' }, icon('send'), h('span', {}, either('Send', 'Enviar')));
  #urgent = h('input', { type: 'checkbox' });
  #closed = h('p', { class: 'composer-closed', hidden: true });
  #modes = staff ? this.#modeSwitch() : null;
  /** A client's own; its element comes with the client's pages. */
  #emergency = staff ? null : document.createElement('care-emergency-button');
  #outgoing = h('ol', { class: 'outgoing', 'aria-label': either('Not sent yet', 'Aún sin enviar'), hidden: true });
  #form = h('form', { class: 'composer' },
    this.#outgoing,
    this.#modes,
    h('div', { class: 'composer-row' }, this.#area, this.#send),
    this.#files,
    h('div', { class: 'composer-foot' }, this.#status, this.#back, this.#count,
      !staff && h('label', { class: 'urgent-choice' }, this.#urgent, either('Urgent', 'Urgente')),
      this.#emergency));

  /** `view`: what has been seen here, how far was read before this page, and the log to look ids up in. */
  open(thread, view) {
    this.#view = view;
    this.#thread = thread.id;
    this.#files.open(staff ? `ehr/messages/attachments?thread=${thread.id}` : 'portal/messages/attachments');
    this.#writing = writingFor(thread.id);
    this.#typing = new TypingTold(connection, thread.id);
    this.#emergency?.open(thread.id, { text: () => this.#writing.box, raise: (body) => this.#keep(body) });
    this.replaceChildren(this.#closed, this.#form);
    if (staff) this.#choose(this.#writing.kind ?? 'message');
    this.canReply(thread);
    this.#listen();
    this.#refresh(view.readBefore);
  }

  disconnectedCallback() {
    this.#gone.abort();
    this.#typing?.stopped();
    this.#writing?.draft.settled().catch(() => {});
  }

  /** How an emergency gets from here to the hub; a client's alone. */
  get emergency() {
    return this.#emergency?.sending ?? null;
  }

  focusBox() {
    this.#area.focus();
  }

  canReply({ canReply, cannotReplyBecause }) {
    const closed = canReply === false;
    this.#closed.hidden = !closed;
    translations.then(() => {
      this.#closed.textContent = closed ? reason({ message: cannotReplyBecause ?? 'You cannot write in this conversation at the moment.' }) : '';
    });
    if (staff && closed !== this.#onlyNotes) this.#allowReplies(!closed);
    // Words already written stay readable, to be copied or sent when replying is possible again.
    this.#form.hidden = closed && !staff && !this.#writing?.text;
    this.#area.readOnly = closed && !staff;
    this.#send.disabled = closed && !staff;
    this.#modes?.querySelector('[value=message]').toggleAttribute('disabled', closed);
  }

  /** Where nobody can reply, staff can still write a note; what is in the box changes its reader only by choice. */
  #allowReplies(allowed) {
    this.#onlyNotes = !allowed;
    const { text, kind } = this.#writing;
    if (text && kind === 'note') return;
    this.#choose(text ? null : allowed ? 'message' : 'note');
  }

  #listen() {
    const on = (target, type, handle) => target.addEventListener(type, handle, { signal: this.#gone.signal });
    on(this.#writing, 'rewritten', () => this.#showText());
    on(this.#writing, 'change', () => this.#showStatus());
    on(this.#writing, 'sent', ({ detail }) => this.#sent(detail));
    if (this.emergency) on(this.emergency, 'sent', ({ detail }) => this.#writing.arrived(detail.body));
    on(this.#writing, 'refused', () => this.#refused());
    on(this.#writing, 'conflict', () => this.#chooseText());
    on(outbox, 'change', () => this.#showStatus());
    on(window, 'focus', () => this.#refresh());
    on(this.#area, 'input', () => this.#edited());
    on(this.#area, 'blur', () => this.#typing.stopped());
    on(this.#area, 'keydown', (event) => this.#key(event));
    on(this.#form, 'submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  /** Takes up what another page or device left, unless something is being written here. */
  #refresh(basedOn = null) {
    this.#writing.load({ basedOn: staff ? basedOn : null }).then(() => this.#showText(), () => {}).then(() => this.#resumeEmergency());
  }

  /** What an earlier page left on its way goes on, also where its words were lost with it. */
  #resumeEmergency() {
    const { emergency } = this;
    if (emergency?.left && emergency.state !== 'sending') emergency.resume(this.#writing.text.trim() || this.#emergency.usual);
  }

  #edited() {
    this.#writing.edit(this.#area.value);
    if (this.#area.value && this.#mode === 'message') this.#typing.writing();
    else this.#typing.stopped();
    this.#fit();
  }

  /** Enter sends where there is a real keyboard; on phones it is a new line, and the button sends. */
  #key(event) {
    const touch = matchMedia('(pointer: coarse)').matches;
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || (touch && !event.ctrlKey && !event.metaKey)) return;
    event.preventDefault();
    this.#submit();
  }

  #submit() {
    if (this.#send.disabled || this.#sendingFiles || (this.#writing.box.trim() === '' && this.#files.count === 0)) return;
    if (!this.#attended) return this.#say('Choose first: reply to the client, or staff note?', 'bad');
    if (characters(this.#writing.rest ?? '') > LIMIT) return this.#say(either(`A message can have at most ${LIMIT.toLocaleString()} characters. Shorten it, or send it in parts.`, `Un mensaje puede tener como máximo ${LIMIT.toLocaleString()} caracteres. Acórtelo o envíelo en partes.`), 'bad');
    if (this.#files.count > 0) return void this.#submitAttached();
    const sent = this.#writing.send({
      kind: this.#mode,
      priority: this.#urgent.checked ? 'urgent' : 'normal',
      basedOn: staff && this.#mode === 'message' ? this.#view.seen() : null,
    });
    if (!sent) return this.#say(either('Your last message is still being sent.', 'Su último mensaje todavía se está enviando.'));
    this.#typing.stopped();
    this.#urgent.checked = false;
  }

  /** With files: by a call, which is repeated until it is answered. The words stay in the box until then. */
  async #submitAttached() {
    if (this.#mode === 'note') return this.#say('Files go to the client: choose “Reply to the client”, or remove them.', 'bad');
    if (this.#files.unfinished) return this.#say(either('Not all files have arrived yet. Wait a moment, or remove them.', 'Aún no han llegado todos los archivos. Espere un momento o quítelos.'), 'waiting');
    if (this.#writing.pending.length > 0) return this.#say(either('Your last message is still being sent.', 'Su último mensaje todavía se está enviando.'));
    const body = this.#writing.box.trim();
    const message = { body, attachments: this.#files.ids, priority: this.#urgent.checked ? 'urgent' : 'normal' };
    this.#sendingFiles = true;
    this.#area.readOnly = true;
    this.#say(SENDING.sending);
    try {
      await sendAttached(`${paths.thread(this.#thread)}/reply`, message, () => this.#say(SENDING.waiting, 'waiting'));
      this.#files.clear();
      this.#urgent.checked = false;
      if (body) this.#writing.arrived(body);
      this.#say('');
    } catch (problem) {
      this.#say(`${either('Not sent', 'No se envió')}: ${reason(problem)}`, 'bad');
    } finally {
      this.#sendingFiles = false;
      this.#area.readOnly = false;
    }
  }

  /** The words stand in the box, and so in the draft, until the hub has them. */
  #keep(body) {
    if (this.#writing.pending.length > 0) return;
    this.#writing.edit(body);
    this.#showText();
  }

  #sent(detail) {
    this.dispatchEvent(new CustomEvent('sent', { detail }));
    if (detail.untouched) return;
    this.#say(either('Your message was sent as it was when you pressed Send. What you changed since is still here.', 'Su mensaje se envió como estaba al pulsar Enviar. Lo que cambió después sigue aquí.'));
  }

  #refused() {
    const { refusal } = this.#writing;
    if (!refusal || this.#refusalShown === refusal) return;
    this.#refusalShown = refusal;
    if (refusal.code === 'conflict' && refusal.entries) this.#answeredSince(refusal.entries);
  }

  async #answeredSince(entries) {
    const names = [...new Set(entries.map(({ from }) => from?.name).filter(Boolean))].join(' and ');
    const anyway = await ask({
      title: `${names || 'A colleague'} answered since you began`,
      content: [h('div', { class: 'quoted' }, ...entries.map(quoted))],
      confirm: 'Send mine anyway',
      cancel: 'Edit mine first',
    });
    if (anyway) this.#writing.sendAnyway();
    this.#area.focus();
  }

  /** Another device saved a different text: show both, lose neither. */
  async #chooseText() {
    const { conflict } = this.#writing.draft;
    const mine = this.#writing.text;
    const theirs = conflict.body;
    const both = `${theirs}\n\n${mine}`;
    const answer = await ask({
      title: either('You also wrote here on another device', 'También escribió aquí en otro dispositivo'),
      content: [
        h('h3', {}, conflict.updatedAt ? `${either('There, at', 'Allí, a las')} ${timeOfDay(conflict.updatedAt)}` : either('There', 'Allí')), h('p', { class: 'draft-text', dir: 'auto', title: conflict.updatedAt ? exactly(conflict.updatedAt) : null }, theirs || NOTHING),
        h('h3', {}, either('Here', 'Aquí')), h('p', { class: 'draft-text', dir: 'auto' }, mine || NOTHING),
      ],
      confirm: either('Keep this one', 'Conservar este'),
      cancel: either('Keep both', 'Conservar los dos'),
      other: { words: either('Use the other', 'Usar el otro'), act: () => ({ text: theirs }) },
      act: () => ({ text: mine }),
    });
    this.#writing.resolve(answer?.text ?? both).catch(() => {});
  }

  #showText() {
    const { box: text, restored, kind } = this.#writing;
    if (this.#area.value !== text) {
      const end = this.#area.selectionEnd === this.#area.value.length;
      const before = this.#area.value.length - this.#area.selectionEnd;
      this.#area.value = text;
      const caret = end ? text.length : Math.max(0, text.length - before);
      this.#area.setSelectionRange(caret, caret);
    }
    // What was left as a staff note must not go to the client by a single key.
    if (staff && restored) this.#choose(kind === 'message' && this.#onlyNotes ? null : kind);
    this.#fit();
    this.#showStatus();
  }

  #showStatus() {
    clearTimeout(this.#timer);
    const { sending, pending, refusal, draft, restored } = this.#writing;
    const over = characters(this.#writing.rest ?? this.#writing.text);
    this.#count.hidden = over < COUNT_FROM;
    this.#count.textContent = `${over.toLocaleString()} ${either('of', 'de')} ${LIMIT.toLocaleString()} ${either('characters', 'caracteres')}`;
    this.#count.classList.toggle('over', over > LIMIT);
    this.#back.hidden = !(sending === 'waiting' || sending === 'paused') || connection.online;
    this.#since = sending ? this.#since ?? Date.now() : null;
    this.#showOutgoing();
    if (sending) this.#showSending(sending, pending.length);
    else if (refusal) this.#say(`${either('Not sent', 'No se envió')}: ${reason(refusal)}`, 'bad');
    else if (!this.#attended) this.#say('This is what you had begun to write. Is it a reply to the client, or a staff note?');
    else if (draft.trouble && draft.dirty) this.#say(`${either('Not saved yet', 'Aún no se guardó')}: ${reason(draft.trouble)}`, 'waiting');
    else if (restored) this.#say(either('This is what you had begun to write.', 'Esto es lo que había empezado a escribir.'));
    else this.#say('');
  }

  /** What takes long stands above the box until the hub has it. */
  #showOutgoing() {
    const { pending, parked } = this.#writing;
    this.#outgoing.hidden = !parked;
    const nodes = parked ? pending.map(({ id, body, kind }) => this.#outgoing.querySelector(`[data-id="${id}"]`)
      ?? h('li', { class: kind, 'data-id': id, dir: 'auto' }, body)) : [];
    if (nodes.length !== this.#outgoing.children.length || nodes.some((node, at) => node !== this.#outgoing.children[at])) this.#outgoing.replaceChildren(...nodes);
  }

  #showSending(sending, count) {
    const left = this.#since + QUIET_MS - Date.now();
    if (left > 0) return (this.#timer = setTimeout(() => this.#showStatus(), left));
    this.#say(count > 1 ? `${SENDING[sending]} (${count} ${either('messages', 'mensajes')})` : SENDING[sending], sending === 'saving' || sending === 'sending' ? '' : 'waiting');
  }

  #say(words, kind = '') {
    if (this.#status.textContent !== words) this.#status.textContent = words;
    this.#status.dataset.kind = kind;
  }

  #fit() {
    this.#area.style.height = 'auto';
    this.#area.style.height = `${this.#area.scrollHeight + 2}px`;
  }

  #modeSwitch() {
    const choice = (value, words, checked) => h('label', {},
      h('input', { type: 'radio', name: 'mode', value, checked, onchange: () => this.#choose(value) }), h('span', {}, words));
    return h('fieldset', { class: 'modes' }, h('legend', { class: 'visually-hidden' }, 'Who sees this?'),
      choice('message', 'Reply to the client', true), choice('note', 'Staff note', false));
  }

  /** `message`, `note`, or null: the person has to say which. */
  #choose(mode) {
    this.#attended = mode !== null;
    if (mode) this.#writing?.addressedTo(mode);
    this.#mode = mode ?? this.#mode;
    this.#modes.querySelectorAll('input').forEach((input) => { input.checked = input.value === mode; });
    this.#form.dataset.mode = mode ?? '';
    this.#area.setAttribute('aria-label', mode === 'note' ? 'Your note, seen by staff only' : 'Your message');
    this.#send.lastElementChild.textContent = mode === 'note' ? 'Save note' : 'Send';
    if (this.#writing) this.#showStatus();
  }
}

/** Characters as the hub counts them: code points, not UTF-16 halves. */
const characters = (text) => [...text.trim()].length;

const quoted = ({ from, body, at }) =>
  h('blockquote', { dir: 'auto' }, h('p', { class: 'byline' }, `${from?.name ?? 'Carehub'}, ${timeOfDay(at)}`), h('p', { class: 'text' }, body));

customElements.define('care-composer', Composer);
