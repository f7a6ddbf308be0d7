import { makeCertificate } from './tools/bench/certificate.ts';
import { startStubStore } from './tools/bench/stores.ts';
import { loggedInRequests } from './tools/bench/requests.ts';
import { synthesize } from './tools/local/synthesize.ts';
import { functionVariables } from './tools/local/function-variables.ts';
import { spawnSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { once } from 'node:events';
const c = await makeCertificate(); const store = await startStubStore(c);
const vars = { ...functionVariables(synthesize(), store.endpoint), NODE_EXTRA_CA_CERTS: c.file };
const [event] = await loggedInRequests(store, 1);
writeFileSync('/tmp/prof/inv.mjs', `
const t0=process.cpuUsage();
const m = await import(process.argv[2]);
const t1=process.cpuUsage(t0);
const r = await m.handler(${JSON.stringify(event)}, {awsRequestId:'x',getRemainingTimeInMillis:()=>10000});
const t2=process.cpuUsage(t0);
if(r.statusCode!==200)throw new Error(JSON.stringify(r));
console.error('IMPORT',(t1.user+t1.system)/1000,'ALL',(t2.user+t2.system)/1000);
process.exit(0);
`);
for (let i=0;i<12;i++){ const args = i<8?[]:['--cpu-prof','--cpu-prof-interval','100','--cpu-prof-dir=/tmp/prof/inv'];
 const ch = spawn('node_modules/.bin/node',[...args,'/tmp/prof/inv.mjs', process.cwd()+'/dist/lambda/index.mjs'],{env:{PATH:process.env.PATH,...vars},stdio:['ignore','ignore','inherit']}); await once(ch,'close');}
await store.close(); process.exit(0);
