// Twilio for the tests, as its published API description says: prism checks each request against it, and answers from
// it. Ends with its standard input.

import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

const free = () => new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});

const port = await free();
const description = 'node_modules/@twilio/cli-core/src/services/twilio-api/twilio_api_v2010.json';
const prism = spawn(
  process.execPath,
  ['node_modules/.bin/prism', 'mock', '--dynamic', '--errors', '--host', '127.0.0.1', '--port', `${port}`, description],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
process.stdin.resume().on('end', () => {
  prism.kill();
  process.exit();
});
prism.stdout.on('data', (said) => {
  if (`${said}`.includes('is listening')) console.log(`http://127.0.0.1:${port}`);
});
