// The pages of documents, behind both doors: which elements they use.

import { connection } from './page.js';
import './session-end.js';
import './status-banner.js';
import './notice-bell.js';
import './alarm-banner.js';
import './documents-list.js';
import './document.js';

connection.start();
