// A box from a suite's training tasks: a teacher writes, the sandbox tries, the folder keeps what is verified.
import { makeBox, scriptedToolmaker } from '../../core/box/index.ts'
import { drawProblems, suiteNamed } from '../../core/suites/index.ts'
import type { SuiteName } from '../../shared/records/suite.ts'
import { RetortError } from '../../shared/errors.ts'
import { type AgentVoice, openVoice, systemClock } from '../agent/index.ts'
import { sha256 } from '../files/index.ts'
import { openCode } from '../tools/index.ts'
import { type OpenBox, readBox, requireEmpty, writeBox } from './folder.ts'
import { openBoxSandbox } from './sandbox.ts'

export type CreateBox = {
  readonly folder: string
  readonly suite: SuiteName
  /** `scripted`: of the Game of 24, and no model. */
  readonly teacher: AgentVoice | { readonly type: 'scripted' }
  /** Training tasks, and held-out tasks for verification. */
  readonly tasks: number
  readonly heldOut: number
  readonly seed: number
  /** Share of the held-out tasks that a tool is right on, at least. */
  readonly floor: number
  /** Training tasks that a tool was written for, at least. */
  readonly usage: number
  readonly onProgress: (done: number, total: number) => void
  readonly signal: AbortSignal
}

/** Throws RetortError `box-exists`, `box-empty` (with the reasons) when no tool was verified. */
export async function createBox({ folder, suite: name, teacher, tasks, heldOut, seed, floor, usage, onProgress, signal }: CreateBox): Promise<OpenBox> {
  requireEmpty(folder)
  const suite = suiteNamed(name)
  const problems = [...drawProblems(suite, { split: 'train', seed, count: tasks })]
  const voice = teacher.type === 'scripted' ? { model: scriptedToolmaker(), dispose: async () => undefined } : await openVoice(teacher, signal)
  const code = openCode()
  const sandbox = openBoxSandbox({ signal })
  try {
    const { common, funnel, tools } = await makeBox({
      teacher: voice.model, code: code.kit, clock: systemClock, signal, problems, run: sandbox.run, sha256, floor, usage, onProgress,
      heldOut: [...drawProblems(suite, { split: 'held-out', seed, count: heldOut })],
    })
    if (tools.length === 0) {
      const found = funnel.dropped.map(({ stage, reason, count }) => `${count} at ${stage}: ${reason}`).join('; ')
      throw new RetortError({ code: 'box-empty', message: 'no tool was verified', found, expected: 'a teacher whose tools solve held-out tasks' })
    }
    writeBox(folder, { format: 'retort-box/1', suite: name, teacher: { name: voice.model.name, scripted: teacher.type === 'scripted' }, made: { split: 'train', seed, tasks }, common: [...common], funnel, tools })
    return readBox(folder)
  } finally {
    await sandbox.dispose()
    await code.dispose()
    await voice.dispose()
  }
}
