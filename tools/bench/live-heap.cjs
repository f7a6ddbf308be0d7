// Loaded before a function whose live heap is measured: on SIGUSR2 collects garbage and reports what is left.
const { writeSync } = require('node:fs');

process.on('SIGUSR2', () => {
  globalThis.gc();
  globalThis.gc();
  writeSync(3, String(process.memoryUsage().heapUsed));
});
