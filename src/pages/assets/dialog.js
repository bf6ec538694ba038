// Owns: asking in a modal <dialog>: the browser keeps the focus inside and gives it back. A dialog stays open,
// with all that was typed, until its action succeeded or the person cancelled.

import { button, h } from './dom.js';
import { either, reason } from './either.js';

/** One may open another, which has a name of its own. */
let dialogs = 0;

/**
 * Asks; `act(form data)` runs on confirm and may throw a Problem, which is shown inside.
 * Resolves with what `act` gave, or null when cancelled. `other` is one more way out: {words, act};
 * `cancel` is null where there is nothing to take back; `language` is that of the words, where it is not the page's.
 */
export function ask({ title, content = [], confirm, kind = 'primary', cancel = either('Cancel', 'Cancelar'), other = null, language = null, act = () => true }) {
  return new Promise((resolve) => {
    const failure = h('p', { class: 'failure', role: 'alert', hidden: true });
    const name = `dialog-title-${++dialogs}`;
    const form = h('form', { class: 'dialog-form' },
      h('h2', { id: name }, title),
      ...content,
      failure,
      h('div', { class: 'dialog-buttons' },
        cancel && button(cancel, { kind: 'quiet', onclick: () => dialog.close() }),
        other && button(other.words, { onclick: () => finish(other.act) }),
        button(confirm, { kind, type: 'submit' })));
    const dialog = h('dialog', { 'aria-labelledby': name, lang: language }, form);
    let answer = null;

    const finish = async (how) => {
      const at = document.activeElement;
      failure.hidden = true;
      form.inert = true;
      let refused = true;
      try {
        answer = await how(new FormData(form));
        refused = false;
        dialog.close();
      } catch (problem) {
        failure.textContent = reason(problem);
        failure.hidden = false;
      } finally {
        form.inert = false;
        // What is inert loses the focus: whoever was refused goes on where they were.
        if (refused) at?.focus();
      }
    };
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      finish(act);
    });
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** For a code of an authenticator app, or a backup code. */
export const codeInput = () =>
  h('input', { name: 'code', inputmode: 'text', autocomplete: 'one-time-code', required: true, maxlength: 40, spellcheck: 'false', autocapitalize: 'off' });

/** A labelled field for a dialog or form. */
export function field(words, input, hint = null) {
  return h('label', { class: 'field' }, h('span', {}, words), input, hint && h('span', { class: 'hint' }, hint));
}
