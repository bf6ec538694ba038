// The practice's pages of forms: which elements they use.

import { connection } from './page.js';
import './session-end.js';
import './status-banner.js';
import './notice-bell.js';
import './alarm-banner.js';
import './form-lists.js';
import './form-library.js';
import './form-builder.js';
import './form-submission.js';
import './client-forms.js';

connection.start();
