// Owns: waking up. A push message holds words that say nothing of anybody, and where a press on them leads; this shows
// them. It keeps nothing, and fetches nothing of anybody.

const WORDS = { title: 'Carehub', body: 'Something waits for you.', url: '/' };

/** What the message says; one that cannot be read still wakes up. */
const read = (data) => {
  try {
    return { ...WORDS, ...data?.json() };
  } catch {
    return WORDS;
  }
};

self.addEventListener('push', (event) => {
  const { title, body, url, tag, urgent, confirm } = read(event.data);
  const shown = self.registration.showNotification(title, {
    body,
    tag,
    data: { url },
    requireInteraction: urgent === true,
  });
  event.waitUntil(shown.then(() => confirm && fetch('/api/v1/push-confirmations', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    credentials: 'omit',
    body: JSON.stringify({ token: confirm }),
  }).catch(() => {})));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const to = new URL(event.notification.data?.url ?? '/', self.location.origin);
  // Nothing but a page of Carehub is opened.
  const address = to.origin === self.location.origin ? to.href : self.location.origin;
  event.waitUntil(self.clients.matchAll({ type: 'window', includeUncontrolled: true }).then(async (windows) => {
    const open = windows.find((window) => window.url === address);
    return open ? open.focus() : self.clients.openWindow(address);
  }));
});
