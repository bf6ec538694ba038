// The pages of a practice's administrators: which elements they use.

import { connection } from './page.js';
import './session-end.js';
import './status-banner.js';
import './call-form.js';
import './users.js';
import './invitations.js';
import './api-keys.js';
import './audit-log.js';
import './retention.js';
import './emergency-access.js';
import './erasures.js';

connection.start();
