// Owns: REST calls with the session's cookie. Every refusal becomes a Problem with a stable code.
// It never retries and never navigates: whoever asked knows what is safe to repeat.

const BASE = '/api/v1/';

/** Tells the page that the session has ended: one `ended` event for each 401. */
export const session = new EventTarget();

export class Problem extends Error {
  constructor(status, answer) {
    super(answer.errors?.map(({ message }) => message).join(' ') || answer.detail || answer.title || 'Something went wrong. Please try again.');
    this.status = status;
    this.code = answer.code ?? 'internal';
    this.retryAfterMs = answer.retryAfterMs ?? null;
    this.answer = answer;
  }

  /** Whether the same request may succeed a little later. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/**
 * Calls `/api/v1/<path>` and gives the parsed answer, or null where there is none. `automatic`: the page asks on its
 * own, nobody did anything; it must not keep the session alive. `key`: an id by which the hub does it once, however often
 * it is sent.
 */
export async function api(method, path, options = {}) {
  const response = await checked(method, path, options);
  return response.status === 204 ? null : response.json();
}

/** Calls `/api/v1/<path>` and gives the file that it answers, with the headers beside it. */
export async function fileOf(method, path, options = {}) {
  const response = await checked(method, path, options);
  try {
    return { content: await response.blob(), headers: response.headers };
  } catch {
    throw new Problem(0, { code: 'offline', detail: 'Carehub cannot be reached. Check your connection.' });
  }
}

async function checked(method, path, { body, keepalive = false, automatic = false, key = null }) {
  const response = await answered(method, path, { body, keepalive, automatic, key });
  if (response.ok) return response;
  const problem = new Problem(response.status, await response.json().catch(() => ({})));
  problem.retryAfterMs ??= 1000 * Number(response.headers.get('Retry-After')) || null;
  if (problem.code === 'unauthenticated') session.dispatchEvent(new Event('ended'));
  throw problem;
}

async function answered(method, path, { body, keepalive, automatic, key }) {
  try {
    return await fetch(BASE + path, {
      method,
      keepalive,
      headers: {
        ...(method !== 'GET' && { 'Content-Type': 'application/json' }),
        ...(automatic && { 'Carehub-Automatic': 'true' }),
        ...(key && { 'Idempotency-Key': key }),
      },
      body: method === 'GET' || body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Problem(0, { code: 'offline', detail: 'Carehub cannot be reached. Check your connection.' });
  }
}

/** What differs between the client's door (portal) and the practice's (ehr). */
export function paths(door) {
  const threads = door === 'ehr' ? 'ehr/threads' : 'portal/messages';
  return {
    list: door === 'ehr' ? 'ehr/inbox' : 'portal/messages',
    open: threads,
    thread: (id) => `${threads}/${id}`,
    draft: (id) => `${door}/messages/${id}/draft`,
    unread: `${door}/messages/unread-count`,
    login: `${door}/auth/login`,
    page: (id) => (door === 'ehr' ? `/ehr/threads/${id}` : `/portal/messages/${id}`),
    home: `/${door}`,
  };
}
