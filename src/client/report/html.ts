/** Markup that is safe to stand in a page. */
export interface Html {
  readonly markup: string;
}

type Part = string | number | Html | readonly Part[] | null | undefined | false;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it may stand between tags and inside quoted attributes. */
export const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => entities[character]!);

/** Markup that was written here and holds nothing that came from outside. */
export const trusted = (markup: string): Html => ({ markup });

const markupOf = (part: Part): string => {
  if (part === null || part === undefined || part === false) return '';
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return String(part);
  return 'markup' in part ? part.markup : part.map(markupOf).join('');
};

/** A template whose values are escaped, unless they are `Html` themselves; lists are joined, null and false are nothing. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  trusted(strings.reduce((text, string, index) => text + markupOf(parts[index - 1]) + string));

/** JSON that may stand in a `<script>` element: no character in it ends the element or begins a comment. */
export const scriptJson = (value: unknown): Html => trusted(JSON.stringify(value).replaceAll('<', String.raw`\u003c`));

/** JavaScript that may stand in a `<script>` element: `</script` and `<!--` are written so that HTML does not see them. */
export const scriptCode = (code: string): Html =>
  trusted(code.replaceAll(/<\/(script)/gi, String.raw`<\/$1`).replaceAll('<!--', String.raw`<\!--`));
