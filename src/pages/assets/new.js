// The page on which a conversation is opened, behind both doors: which elements it uses.

import { connection } from './page.js';
import './session-end.js';
import './status-banner.js';
import './notice-bell.js';
import './alarm-banner.js';
import './new-thread.js';

connection.start();
