// A push service with browsers for the tests: npm's web-push-testing, which checks the signature of what it is given,
// decrypts it, and tells what the browser would have shown. Ends with its standard input.

import { createServer } from 'node:net';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { PushApiModel } = require('web-push-testing/src/PushApiModel.js');
const Server = require('web-push-testing/src/server.js');

const free = () => new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});

process.stdin.resume().on('end', () => process.exit());
const port = await free();
new Server(new PushApiModel(), port).startServer();
console.log(`http://localhost:${port}`);
