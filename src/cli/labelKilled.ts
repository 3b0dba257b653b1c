// Before a command learns from trajectories: slips that a batch which was killed has left without labels are labelled, and it is said.
import type { CommandContext } from './command.ts'
import { counted } from './counted.ts'

export async function labelKilled({ engine, project, out }: Pick<CommandContext, 'engine' | 'project' | 'out'>): Promise<void> {
  const labelled = await engine.labelKilled({ project })
  if (labelled > 0) out.note(`${counted(labelled, 'trajectory', 'trajectories')} of a batch that was killed had slips of the expert without labels: they are labelled now, as corrections that can be undone`)
}
