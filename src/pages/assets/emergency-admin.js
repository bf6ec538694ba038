// The pages of administrators about emergencies and about what was not delivered: which elements they use.

import { connection } from './page.js';
import './session-end.js';
import './status-banner.js';
import './notice-bell.js';
import './alarm-banner.js';
import './undelivered.js';
import './crisis-phrases.js';
import './crisis-resources.js';

connection.start();
