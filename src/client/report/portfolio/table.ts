import { html } from '../html.ts';
import type { Html } from '../html.ts';

/** A cell: text, or text with a class. */
export type Cell = string | { readonly text: string; readonly tone: string };

export interface TableParts {
  /** What it is a table of, for those who do not see it. */
  readonly label: string;
  /** A name that begins with `<` is a column of text and not of numbers. */
  readonly columns: readonly string[];
  /** The first cell names the row. */
  readonly rows: readonly (readonly Cell[])[];
  readonly isTall?: boolean;
  /** What names a row stays on one line. */
  readonly isWhole?: boolean;
}

/** A table that scrolls in its own box where it is too wide or too tall. */
export const dataTable = ({ label, columns, rows, isTall = false, isWhole = false }: TableParts): Html => {
  const isText = columns.map((name) => name.startsWith('<'));
  return html`<div
    class="scroll${isTall ? ' tall' : ''}${isWhole ? ' whole' : ''}"
    tabindex="0"
    role="region"
    aria-label="${label}"
  >
    <table>
      <thead>
        <tr>
          ${columns.map(
            (name, at) =>
              html`<th scope="col" class="${isText[at] === true ? 'text' : ''}">${name.replace('<', '')}</th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([first = '', ...rest]) =>
            html`<tr>
              <th scope="row">${textOf(first)}</th>
              ${rest.map((cell, at) => html`<td class="${classOf(cell, isText[at + 1] === true)}">${textOf(cell)}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
};

const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.text);

const classOf = (cell: Cell, isText: boolean): string =>
  [isText ? 'text' : '', typeof cell === 'string' ? '' : cell.tone].filter((name) => name !== '').join(' ');

/** Coloured as a gain or a loss. */
export const signed = (text: string, value: number | null): Cell =>
  value === null || value === 0 ? text : { text, tone: value > 0 ? 'up' : 'down' };

/** A section with a heading, what it says, and what stands in it. */
export const section = (title: string, lead: string, content: readonly Html[], id?: string): Html =>
  html`<section${id === undefined ? null : html` id="${id}"`}>
    <h2>${title}</h2>
    <p>${lead}</p>
    ${content}
  </section>`;
