#!/usr/bin/env node
// The package's bin. Plain JavaScript, so that a Node that cannot read TypeScript can still say what is wrong.
const needed = 24;

if (Number.parseInt(process.versions.node, 10) >= needed) {
  // Compiled code is kept between runs, that of main.ts as well: half of what a short command takes.
  const { enableCompileCache } = await import('node:module');
  enableCompileCache();
  await import('./main.ts');
} else {
  process.stderr.write(
    `mastertrade needs Node ${needed} and this is ${process.versions.node}: ` +
      `run npx mastertrade or npm run mastertrade in its folder, which bring Node ${needed} along.\n`,
  );
  process.exitCode = 3;
}
