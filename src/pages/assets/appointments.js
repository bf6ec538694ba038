// The client's pages about appointments: which elements they use.

import { connection } from './page.js';
import './session-end.js';
import './status-banner.js';
import './notice-bell.js';
import './appointment-request.js';
import './client-appointments.js';
import './calendar-feed.js';

connection.start();
