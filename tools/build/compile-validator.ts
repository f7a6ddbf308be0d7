// Compiles the schema, in a thread of its own: while the build watches, each build then reads it as it is on disk.
import { parentPort } from 'node:worker_threads';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { ajv, validate } from '../../lambda/http/validator.ts';

parentPort?.postMessage(standaloneCode.default(ajv, validate));
