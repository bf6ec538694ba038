// The client's pages: which elements they use. The connection starts when all of them listen.

import { connection } from './page.js';
import './session-end.js';
import './status-banner.js';
import './thread-list.js';
import './thread-view.js';
import './new-thread.js';

connection.start();
