// Owns: invitations that were sent: who was invited, whether they came, and taking one back that nobody has used.

import { api } from './api.js';
import { button, h } from './dom.js';
import { instant, record, Records } from './records.js';

const ROLES = { client: 'client', clinician: 'clinician', staff: 'front desk', admin: 'administrator' };

class Invitations extends Records {
  empty = 'Nobody was invited yet.';
  path = 'admin/invitations';

  connectedCallback() {
    super.connectedCallback();
    document.addEventListener('done', () => this.reload());
  }

  node({ id, email, role, createdAt, expiresAt, acceptedAt }) {
    return record({
      title: email,
      tags: [ROLES[role] ?? role, acceptedAt && 'Accepted'],
      lines: [h('span', {}, 'Sent ', instant(createdAt), acceptedAt ? [', accepted ', instant(acceptedAt)] : [', works until ', instant(expiresAt)])],
      actions: [!acceptedAt && button('Take back', { kind: 'small', 'aria-label': `Take back the invitation of ${email}`, onclick: () => this.confirm({
        title: `Take back the invitation of ${email}?`,
        content: [h('p', {}, 'The link in the e-mail stops working.')],
        confirm: 'Take it back',
        act: () => api('DELETE', `admin/invitations/${id}`),
      }) })],
    });
  }
}

customElements.define('care-invitations', Invitations);
