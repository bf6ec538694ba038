// Owns: how a file that is kept is shown: a picture as a picture, anything else as a link that saves it. Nothing of a
// file is ever run or put into the page as markup.

import { h, icon } from './dom.js';
import { sizeOf } from './upload.js';

const PICTURES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/** The files beside a message. */
export function attachmentList(files, door) {
  if (!files?.length) return null;
  return h('ul', { class: 'attachments', 'aria-label': files.length === 1 ? 'One file' : `${files.length} files` }, ...files.map((file) => attachment(file, `/api/v1/${door}/messages/attachments/${file.id}`)));
}

function attachment({ name, mediaType, bytes }, href) {
  const words = name || 'File';
  return h('li', {},
    h('a', { href, download: words, class: 'attachment' },
      PICTURES.has(mediaType) ? h('img', { src: href, alt: '', loading: 'lazy', class: 'preview' }) : icon('file'),
      h('span', { class: 'file-words' }, h('bdi', {}, words), h('span', { class: 'hint' }, `${kindOf(mediaType)}, ${sizeOf(bytes)}`))));
}

const KINDS = {
  'application/pdf': 'PDF',
  'text/plain': 'Text',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'Word document',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'Excel table',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'PowerPoint',
};

/** What kind of file it is, in a word. */
export const kindOf = (mediaType) => KINDS[mediaType] ?? (PICTURES.has(mediaType) ? 'Picture' : 'File');
