import { z } from 'zod';
import { claimPort, preferPort } from './ports.ts';
import { readJson, writeJson } from './state-files.ts';

/** Loopback ports of the embedded parts. */
export type StackPorts = Readonly<{ postgres?: number; temporal?: number; temporalUi?: number; simulator?: number }>;

const rememberedSchema = z.object({
  postgres: z.number(),
  temporal: z.number(),
  temporalUi: z.number(),
  simulator: z.number(),
});

/**
 * Chooses the ports: those asked for, else those of the last start where they are still free, else free ones; and
 * remembers them.
 * @throws DomainError PortTaken when one that was asked for, of a part that is to start, is taken.
 */
export const choosePorts = async (
  portsFile: string,
  asked: StackPorts,
  embedded: Readonly<{ postgres: boolean; temporal: boolean; simulator: boolean }>,
): Promise<Required<StackPorts>> => {
  const remembered = await readJson(portsFile, rememberedSchema);
  const choose = (name: keyof StackPorts, purpose: string, starts: boolean): Promise<number> =>
    asked[name] !== undefined && starts ? claimPort(asked[name], purpose) : preferPort(remembered?.[name]);
  const ports = {
    postgres: await choose('postgres', 'PostgreSQL', embedded.postgres),
    temporal: await choose('temporal', 'the Temporal server', embedded.temporal),
    temporalUi: await choose('temporalUi', 'the Temporal Web UI', embedded.temporal),
    simulator: await choose('simulator', 'the exchange simulator', embedded.simulator),
  };
  await writeJson(portsFile, ports);
  return ports;
};
