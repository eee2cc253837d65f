import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchorsOf, localLinksOf, markdownFiles, namedPathsOf, readDoc, root } from './markdown.ts';

const brokenLinks = (file: string): string[] =>
  localLinksOf(readDoc(file)).filter((link) => {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? file : join(dirname(file), decodeURIComponent(path));
    if (!existsSync(join(root, target))) return true;
    return anchor !== undefined && target.endsWith('.md') && !anchorsOf(readDoc(target)).includes(anchor);
  });

describe('links between the documents', () => {
  it.each(markdownFiles())('%s points only at files and headings that exist', (file) => {
    expect(brokenLinks(file)).toEqual([]);
  });

  it.each(markdownFiles())('%s names only files of the repository that exist', (file) => {
    expect(namedPathsOf(readDoc(file)).filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('are found in the text, and not in code', () => {
    expect(localLinksOf('[a](b.md) ![c](d.png) [e](https://f) `[g](h.md)`')).toEqual(['b.md', 'd.png']);
  });
});
