import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The user-facing markdown files, relative to the repository's root. */
export const markdownFiles = (): string[] => globSync(['*.md', 'docs/**/*.md'], { cwd: root }).sort();

export const readDoc = (file: string): string => readFileSync(join(root, file), 'utf8');

/** GitHub's anchors: lower case, punctuation dropped, spaces to dashes. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');

const withoutCode = (text: string): string => text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');

export const anchorsOf = (text: string): string[] =>
  [...text.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) =>
    anchorOf(heading ?? ''),
  );

/** Targets of the inline links and images that point into the repository. */
export const localLinksOf = (text: string): string[] =>
  [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target ?? '')
    .filter((target) => !/^[a-z]+:/.test(target));

/** Paths that the text names as code, such as `src/worker.ts`. */
export const namedPathsOf = (text: string): string[] =>
  [...text.matchAll(/`((?:src|test|docs|sql|bench)\/[\w./-]+)`/g)].map(([, path]) => path ?? '');

/** What stands between `<!-- table: name -->` and `<!-- end -->`, without the blank lines around it. */
export const markedTable = (text: string, name: string): string | undefined =>
  new RegExp(`<!-- table: ${name} -->\\n+([\\s\\S]*?)\\n+<!-- end -->`).exec(text)?.[1];

/** A table as prettier writes it: columns padded to the widest cell. */
export const markdownTable = (header: readonly string[], rows: readonly (readonly string[])[]): string => {
  const widths = header.map((cell, column) =>
    Math.max(3, cell.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
};

/** Shell lines of the fenced code blocks, continuation lines joined, comments and prompts dropped. */
export const shellLinesOf = (text: string): string[] =>
  [...text.matchAll(/^```(?:sh|bash|console)\n([\s\S]*?)^```/gm)]
    .flatMap(([, block]) => (block ?? '').replaceAll('\\\n', ' ').split('\n'))
    .map((line) =>
      line
        .replace(/^\$ /, '')
        .replace(/(^|\s)#.*$/, '')
        .trim(),
    )
    .filter((line) => line !== '');
