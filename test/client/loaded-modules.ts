import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

/** Preloaded with --import: writes the address of every module that the program loads to LOADED_MODULES_FILE. */
const loaded: string[] = [];
registerHooks({
  load: (url, context, next) => {
    loaded.push(url);
    return next(url, context);
  },
});
process.on('exit', () => writeFileSync(String(process.env['LOADED_MODULES_FILE']), JSON.stringify(loaded)));
