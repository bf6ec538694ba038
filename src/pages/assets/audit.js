// The page of the audit log: which elements it uses.

import { connection } from './page.js';
import './session-end.js';
import './status-banner.js';
import './notice-bell.js';
import './alarm-banner.js';
import './audit-log.js';
import './emergency-access.js';

connection.start();
