// The client's pages of billing: which elements they use.

import { connection } from './page.js';
import './session-end.js';
import './status-banner.js';
import './notice-bell.js';
import './billing-balance.js';
import './billing-lists.js';
import './billing-statement.js';
import './own-invoice.js';
import './superbill.js';
import './autopay.js';
import './payment-plan.js';
import './payment-plans.js';
import './pay-amount.js';

connection.start();
