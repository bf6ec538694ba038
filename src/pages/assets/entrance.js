// The pages of people who are not signed in: which elements they use. No connection, no list, nothing about anybody.

import './call-form.js';
import './enrol.js';
import './fragment-token.js';
import './registration.js';
import './ways-in.js';
