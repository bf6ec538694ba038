// The pages of notifications and of what one wants to be told, behind both doors: which elements they use.

import { connection } from './page.js';
import './session-end.js';
import './status-banner.js';
import './notice-bell.js';
import './alarm-banner.js';
import './notifications.js';
import './notice-choices.js';
import './phone.js';
import './push.js';

connection.start();
