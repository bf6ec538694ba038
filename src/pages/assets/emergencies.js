// The practice's pages about emergencies: which elements they use.

import { connection } from './page.js';
import './session-end.js';
import './status-banner.js';
import './notice-bell.js';
import './alarm-banner.js';
import './call-form.js';
import './on-call-now.js';
import './escalations.js';
import './escalation.js';
import './drill.js';

connection.start();
