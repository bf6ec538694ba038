// Owns: how a file that is kept is shown: a picture as a picture, anything else as a link that saves it. Nothing of a
// file is ever run or put into the page as markup.

import { button, h, icon } from './dom.js';
import { either } from './either.js';
import { isShown, preview } from './preview.js';
import { sizeOf } from './upload.js';

const PICTURES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/** The files beside a message. */
export function attachmentList(files, door) {
  if (!files?.length) return null;
  return h('ul', { class: 'attachments', 'aria-label': files.length === 1 ? either('One file', 'Un archivo') : either(`${files.length} files`, `${files.length} archivos`) }, ...files.map((file) => shownFile(file, `/api/v1/${door}/messages/attachments/${file.id}`, 'li')));
}

/** One file of an address below which its preview is, with a button for that where there is something to look at. */
export const shownFile = (file, href, kind = 'div') => h(kind, { class: 'file-with-preview' }, fileLink(file, href), isShown(file) && lookButton(file, `${href.slice('/api/v1/'.length)}/preview`));

/** Looks at it without saving it. */
export const lookButton = ({ name }, path) => button(either('Preview', 'Vista previa'), { kind: 'small quiet', 'aria-label': either(`Preview ${name}`, `Vista previa de ${name}`), onclick: () => preview(name, path) });

/** One file: a picture as a picture, and saved when it is chosen. */
export function fileLink({ name, mediaType, bytes }, href) {
  const words = name || either('File', 'Archivo');
  return h('a', { href, download: words, class: 'attachment' },
    PICTURES.has(mediaType) ? h('img', { src: href, alt: '', loading: 'lazy', class: 'preview' }) : icon('file'),
    h('span', { class: 'file-words' }, h('bdi', {}, words), h('span', { class: 'hint' }, `${kindOf(mediaType)}, ${sizeOf(bytes)}`)));
}

const KINDS = {
  'application/pdf': 'PDF',
  'text/plain': either('Text', 'Texto'),
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': either('Word document', 'Documento de Word'),
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': either('Excel table', 'Tabla de Excel'),
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'PowerPoint',
};

/** What kind of file it is, in a word. */
export const kindOf = (mediaType) => KINDS[mediaType] ?? (PICTURES.has(mediaType) ? either('Picture', 'Imagen') : either('File', 'Archivo'));
