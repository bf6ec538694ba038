// The practice's pages about clients: which elements they use.

import { connection } from './page.js';
import './session-end.js';
import './status-banner.js';
import './notice-bell.js';
import './alarm-banner.js';
import './call-form.js';
import './clients.js';

connection.start();
