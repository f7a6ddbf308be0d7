import { tables } from './tables.ts';

/** `npm run capacity`: prints the tables of `docs/capacity.md`, each under its name. */
for (const [name, markdown] of Object.entries(tables())) {
  console.log(`${name}\n\n${markdown}\n`);
}
