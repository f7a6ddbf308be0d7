// Loaded before a function whose live heap is measured: on SIGUSR2 it collects garbage and reports what is left, on
// standard error. The resident memory says little, since V8 takes what it may before it collects.
const { writeSync } = require('node:fs');

process.on('SIGUSR2', () => {
  globalThis.gc();
  globalThis.gc();
  writeSync(2, `live heap ${process.pid} ${process.memoryUsage().heapUsed}\n`);
});
