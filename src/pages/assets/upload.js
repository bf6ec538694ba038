// Owns: one file on its way to the hub: how far it is, giving it up, and sending it again under the same id, which the
// hub keeps once. The file's name goes in a header, never in the address.

import { Problem, session } from './api.js';
import { uuidV7 } from './ids.js';

/** The hub takes no more; saying so at once spares the wait. */
export const MOST_BYTES = 25 * 1024 * 1024;
/** What a file dialog offers. */
export const ACCEPTED = '.pdf,.png,.jpg,.jpeg,.gif,.webp,.txt,.csv,.docx,.xlsx,.pptx';

export class Upload {
  #request = null;
  #file;
  #path;
  id = uuidV7();

  constructor(path, file) {
    this.#path = path;
    this.#file = file;
  }

  /** Resolves with what the hub made of it; `progress(part)` hears from 0 to 1. */
  send(progress) {
    const { promise, resolve, reject } = parts();
    if (this.#file.size > MOST_BYTES) {
      reject(new Problem(413, { code: 'tooLarge', detail: 'A file can have at most 25 MiB. Make it smaller, or send it in parts.' }));
      return promise;
    }
    const request = new XMLHttpRequest();
    this.#request = request;
    request.open('POST', `/api/v1/${this.#path}`);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.setRequestHeader('Content-Disposition', `attachment; filename*=UTF-8''${encoded(this.#file.name)}`);
    request.setRequestHeader('Idempotency-Key', this.id);
    request.responseType = 'json';
    request.upload.addEventListener('progress', ({ loaded, total }) => progress(total ? loaded / total : 1));
    request.addEventListener('load', () => {
      if (request.status < 300) return resolve(request.response);
      const problem = new Problem(request.status, request.response ?? {});
      if (problem.code === 'unauthenticated') session.dispatchEvent(new Event('ended'));
      reject(problem);
    });
    request.addEventListener('error', () => reject(new Problem(0, { code: 'offline', detail: 'The file did not arrive. Check your connection and try again.' })));
    request.addEventListener('abort', () => reject(new Problem(0, { code: 'withdrawn', detail: 'Not sent.' })));
    request.send(this.#file);
    return promise;
  }

  /** Gives it up. */
  abort() {
    this.#request?.abort();
  }
}

/** "1.4 MB", as people count. */
export function sizeOf(bytes) {
  if (bytes < 1_000) return `${bytes} bytes`;
  const [many, unit] = bytes < 1_000_000 ? [bytes / 1_000, 'kB'] : [bytes / 1_000_000, 'MB'];
  return `${many < 10 ? many.toFixed(1) : Math.round(many)} ${unit}`;
}

/** Every character that RFC 8187 does not let stand for itself. */
const encoded = (name) => encodeURIComponent(name.toWellFormed?.() ?? name).replace(/['()*!]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

function parts() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}
