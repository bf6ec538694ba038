// Owns: looking at a file without saving it. The hub draws its pages; what is shown is a picture, and nothing that stands
// in a file ever runs here.

import { fileOf } from './api.js';
import { button, h } from './dom.js';
import { either, reason } from './either.js';

const SHOWN = new Set(['application/pdf', 'image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/** Whether there is something to look at. */
export const isShown = ({ mediaType }) => SHOWN.has(mediaType);

/** Shows the pages that `path` gives, one at a time, in a dialog. */
export function preview(name, path) {
  const picture = h('canvas', { role: 'img', class: 'page-picture', hidden: true });
  const failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  const said = h('p', { class: 'hint', role: 'status' });
  const turn = (words, by) => button(words, { onclick: () => show(page + by) });
  const [back, on] = [turn(either('Previous page', 'Página anterior'), -1), turn(either('Next page', 'Página siguiente'), 1)];
  const dialog = h('dialog', { class: 'preview-dialog', 'aria-label': either(`Preview of ${name}`, `Vista previa de ${name}`) },
    h('div', { class: 'preview-head' }, h('h2', {}, h('bdi', {}, name)), button(either('Close', 'Cerrar'), { kind: 'quiet', onclick: () => dialog.close() })),
    failure, h('div', { class: 'preview-page', tabindex: '0' }, picture),
    h('div', { class: 'preview-foot' }, back, said, on));
  let page = 1;
  let asked = 0;

  async function show(wanted) {
    const turn = ++asked;
    failure.hidden = true;
    back.disabled = on.disabled = true;
    said.textContent = either('Loading…', 'Cargando…');
    try {
      const { pages, drawn } = await fetchPage(path, wanted);
      if (turn !== asked) return;
      page = wanted;
      picture.width = drawn.width;
      picture.height = drawn.height;
      picture.getContext('2d').drawImage(drawn, 0, 0);
      picture.hidden = false;
      said.textContent = either(`Page ${page} of ${pages}`, `Página ${page} de ${pages}`);
      picture.setAttribute('aria-label', said.textContent);
      back.disabled = page <= 1;
      on.disabled = page >= pages;
      back.hidden = on.hidden = pages < 2;
    } catch (problem) {
      said.textContent = '';
      failure.textContent = reason(problem);
      failure.hidden = false;
    }
  }

  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  show(1);
}

async function fetchPage(path, page) {
  const { content, headers } = await fileOf('GET', `${path}${path.includes('?') ? '&' : '?'}page=${page}`);
  return { pages: Number(headers.get('Carehub-Pages') ?? 1), drawn: await createImageBitmap(content) };
}
