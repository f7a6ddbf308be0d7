// Loaded before the function: redirects its HTTPS requests to AWS to the test's server, and prints each of them, each
// connection that it opens itself, and each file that it reads in `.aws`. What `console.log` writes is wrapped, as by
// Lambda's runtime with logs in JSON, and then holds no metric.
const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const net = require('node:net');
const tls = require('node:tls');

const { hostname, port } = new URL(process.env.TEST_ENDPOINT);
const { log } = console;
console.log = (message) => log(JSON.stringify({ level: 'INFO', message }));

https.request = (options, listener) => {
  log(`asked: https://${options.host}${options.path}`);
  return http.request({ ...options, agent: undefined, host: hostname, port }, listener);
};

tls.connect = ({ host, port }) => {
  log(`opened: ${host}:${port}`);
  const socket = new net.Socket();
  setImmediate(() => socket.destroy(new Error('Tests cannot reach AWS.')));
  return socket;
};

for (const [where, name] of [
  [fs, 'readFile'],
  [fs.promises, 'readFile'],
]) {
  const read = where[name];
  where[name] = (path, ...rest) => {
    if (String(path).includes('.aws')) log(`read: ${path}`);
    return read.call(where, path, ...rest);
  };
}
