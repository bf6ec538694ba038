// The practice's pages about assessments: which elements they use.

import { connection } from './page.js';
import './session-end.js';
import './status-banner.js';
import './notice-bell.js';
import './alarm-banner.js';
import './assessment-lists.js';
import './assessment-plans.js';
import './assessment-result.js';
import './trends.js';

connection.start();
