// The page of the emergency policy: which elements it uses.

import { connection } from './page.js';
import './session-end.js';
import './status-banner.js';
import './alarm-banner.js';
import './notice-bell.js';
import './policy-editor.js';

connection.start();
