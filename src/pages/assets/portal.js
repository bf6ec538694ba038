// The client's pages: which elements they use. The connection starts when all of them listen.

import { connection } from './page.js';
import './session-end.js';
import './status-banner.js';
import './notice-bell.js';
// Before what makes them.
import './emergency-button.js';
import './emergency-card.js';
import './thread-list.js';
import './thread-view.js';

connection.start();
