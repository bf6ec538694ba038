// The practice's pages: which elements they use. The connection starts when all of them listen.

import { connection } from './page.js';
import './session-end.js';
import './status-banner.js';
import './inbox.js';
import './new-thread.js';

connection.start();
