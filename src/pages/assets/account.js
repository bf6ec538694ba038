// The pages of one's own account, behind both doors: which elements they use.

import { connection } from './page.js';
import './session-end.js';
import './status-banner.js';
import './notice-bell.js';
import './alarm-banner.js';
import './call-form.js';
import './sessions.js';
import './second-factor.js';
import './passkeys.js';
import './emergency-access.js';
import './outside-identities.js';
import './access-log.js';
import './consents.js';
import './export.js';
import './emergency-contacts.js';
import './time-zones.js';

connection.start();
