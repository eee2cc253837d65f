import { html } from './html.ts';
import type { Html } from './html.ts';

/** One line of a head's list of facts. */
export const fact = (name: string, value: string): Html =>
  html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;

/** A key figure with what stands below it; `signed` colours it as a gain or a loss. */
export const tile = (name: string, value: string, below: string, signed: number | null = null): Html => {
  const tone = signed === null || signed === 0 ? '' : signed > 0 ? 'up' : 'down';
  return html`<div class="tile">
    <dt>${name}</dt>
    <dd class="${tone}">${value}</dd>
    <dd>${below}</dd>
  </div>`;
};
