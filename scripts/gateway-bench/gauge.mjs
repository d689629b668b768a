/** Loaded into each measured process: tells its parent what it has used. */
process.on('message', (question) => {
  if (question === 'cpu') process.send({ cpu: process.cpuUsage() });
  if (question !== 'memory') return;
  globalThis.gc?.();
  process.send({ memory: process.memoryUsage() });
});
