// The pages of a practice's administrators: which elements they use.

import { connection } from './page.js';
import './session-end.js';
import './status-banner.js';
import './notice-bell.js';
import './alarm-banner.js';
import './call-form.js';
import './users.js';
import './invitations.js';
import './api-keys.js';
import './retention.js';
import './erasures.js';

connection.start();
