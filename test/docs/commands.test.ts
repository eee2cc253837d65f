import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/client/program.ts';
import { markdownFiles, readDoc, root, shellLinesOf } from './markdown.ts';

const program = createProgram({ json: false });
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

/** The words that follow `mastertrade` in each command that a document shows. */
const invocationsOf = (text: string): string[][] =>
  shellLinesOf(text)
    .flatMap((line) => line.split(/ && | \| /))
    .flatMap((command) => {
      const words = command.trim().split(/\s+/);
      if (words[0] === 'npx' && words[1] === 'mastertrade') return [words.slice(2)];
      if (words[0] === 'mastertrade') return [words.slice(1)];
      if (words[0] === 'npm' && words[1] === 'run' && words[2] === 'demo') return [['demo', ...words.slice(3)]];
      return [];
    });

/** What the command line would not understand: an unknown command, an unknown option. */
const misunderstood = (words: readonly string[]): string[] => {
  let command: Command = program;
  let depth = 0;
  for (const word of words) {
    const next = command.commands.find((each) => each.name() === word || each.aliases().includes(word));
    if (next === undefined) break;
    command = next;
    depth += 1;
  }
  if (depth === 0) return [`unknown command: ${words.join(' ')}`];
  if (command.commands.length > 0 && words[depth] !== undefined) return [`unknown command: ${words.join(' ')}`];
  const known = [...command.options, ...program.options].flatMap((option) => [option.long, option.short]);
  return words
    .filter((word) => /^--?[a-z]/.test(word))
    .map((word) => word.split('=')[0] ?? '')
    .filter((option) => !known.includes(option) && option !== '--help')
    .map((option) => `unknown option ${option}: ${words.join(' ')}`);
};

const missingScripts = (text: string): string[] =>
  shellLinesOf(text)
    .flatMap((line) => [...line.matchAll(/npm run ([\w:-]+)/g)])
    .map(([, name]) => name ?? '')
    .filter((name) => !(name in scripts));

describe('the commands that the documents show', () => {
  it.each(markdownFiles())('%s shows only commands and options that exist', (file) => {
    expect(invocationsOf(readDoc(file)).flatMap(misunderstood)).toEqual([]);
  });

  it.each(markdownFiles())('%s shows only npm scripts that exist', (file) => {
    expect(missingScripts(readDoc(file))).toEqual([]);
  });

  it('are checked: a wrong command and a wrong option are found', () => {
    expect(misunderstood(['fly'])).toHaveLength(1);
    expect(misunderstood(['strategy', 'fly'])).toHaveLength(1);
    expect(misunderstood(['demo', '--fly'])).toHaveLength(1);
    expect(misunderstood(['demo', '--json'])).toEqual([]);
  });
});
