// Owns: one-time tokens that come with a link from an e-mail. They stand behind the `#`, which browsers send to
// nobody; here they leave the address at once and go only into the call that uses them up.

const token = location.hash.slice(1);
if (token) history.replaceState(null, '', location.pathname + location.search);

/** The token that this page was opened with. */
export const given = () => token;

for (const form of document.querySelectorAll('care-form[token]')) {
  form.prepare = (body) => ({ ...body, [form.getAttribute('token') || 'token']: token });
}
for (const element of document.querySelectorAll('[data-with-token]')) element.hidden = !token;
for (const element of document.querySelectorAll('[data-without-token]')) element.hidden = Boolean(token);
