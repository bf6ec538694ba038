// The client's pages of forms: which elements they use.

import { connection } from './page.js';
import './session-end.js';
import './status-banner.js';
import './notice-bell.js';
import './form-lists.js';
import './form-fill.js';
import './form-submission.js';

connection.start();
