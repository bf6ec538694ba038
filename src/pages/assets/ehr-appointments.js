// The practice's pages about appointments: which elements they use.

import { connection } from './page.js';
import './session-end.js';
import './status-banner.js';
import './notice-bell.js';
import './alarm-banner.js';
import './staff-appointments.js';
import './waitlist.js';
import './appointment-assessments.js';
import './schedule.js';
import './availability.js';
import './appointment-policy.js';

connection.start();
