import { writeFileSync } from 'node:fs';

/** Preloaded with --import: writes the process's peak memory in MiB to PEAK_FILE when it ends. */
process.on('exit', () => {
  writeFileSync(String(process.env['PEAK_FILE']), String(process.resourceUsage().maxRSS / 2 ** 10));
});
