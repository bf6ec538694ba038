// The practice's pages about billing: which elements they use.

import { connection } from './page.js';
import './session-end.js';
import './status-banner.js';
import './notice-bell.js';
import './alarm-banner.js';
import './billing-account.js';
import './billing-clinicians.js';
import './billing-disputes.js';
import './billing-invoice.js';
import './billing-invoices.js';
import './billing-overview.js';
import './billing-settings.js';
import './planned-payments.js';
import './superbill.js';

connection.start();
