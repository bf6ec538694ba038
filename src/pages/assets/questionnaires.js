// The client's pages about questionnaires: which elements they use.

import { connection } from './page.js';
import './session-end.js';
import './status-banner.js';
import './notice-bell.js';
// Before what makes them.
import './emergency-card.js';
import './answers-emergency.js';
import './questionnaire-lists.js';
import './questionnaire.js';
import './trends.js';

connection.start();
