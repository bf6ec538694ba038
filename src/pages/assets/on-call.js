// The page of the rota: which elements it uses.

import { connection } from './page.js';
import './session-end.js';
import './status-banner.js';
import './alarm-banner.js';
import './notice-bell.js';
import './on-call-now.js';
import './coverage.js';
import './overrides.js';
import './rota.js';

connection.start();
