import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { environmentSchema } from '../../src/config.ts';

const root = join(import.meta.dirname, '..', '..');
const documentation = readFileSync(join(root, 'docs', 'cli.md'), 'utf8');

/** Variables that some file reads past the schema: `env['NAME']`. */
const readElsewhere = (): string[] => {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const texts = files.map((file) => readFileSync(join(root, 'src', file), 'utf8'));
  return texts.flatMap((text) =>
    [...text.matchAll(/\benv\[['"]([A-Z][A-Z0-9_]+)['"]\]/g)].map(([, name]) => name ?? ''),
  );
};

/** Not ours to document. */
const everyonesOwn = new Set(['HOME', 'PATH']);

describe('docs/cli.md', () => {
  it.each(Object.keys(environmentSchema.shape))('documents %s', (variable) => {
    expect(documentation).toContain(`\`${variable}\``);
  });

  it('documents every variable that is read past the configuration', () => {
    const found = [...new Set(readElsewhere())].filter((name) => !everyonesOwn.has(name));
    expect(found).toContain('MASTERTRADE_HOME');
    expect(found.filter((name) => !documentation.includes(`\`${name}\``))).toEqual([]);
  });
});
