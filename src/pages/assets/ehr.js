// The practice's pages: which elements they use. The connection starts when all of them listen.

import { connection } from './page.js';
import './session-end.js';
import './status-banner.js';
import './notice-bell.js';
import './alarm-banner.js';
import './inbox.js';

connection.start();
