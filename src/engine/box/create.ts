// A box from a suite's training tasks: a teacher writes, the sandbox tries, the folder keeps what is verified.
import { makeBox } from '../../core/box/index.ts'
import { drawProblems, suiteNamed } from '../../core/suites/index.ts'
import type { SuiteName } from '../../shared/records/suite.ts'
import type { Usage } from '../../shared/records/rollout.ts'
import { RetortError } from '../../shared/errors.ts'
import { systemClock } from '../agent/index.ts'
import { sha256 } from '../files/index.ts'
import { openCode } from '../tools/index.ts'
import { type OpenBox, readBox, requireEmpty, writeBox } from './folder.ts'
import { openBoxSandbox } from './sandbox.ts'
import { type BoxTeacher, openBoxTeacher } from './teacher.ts'

export type CreateBox = {
  readonly folder: string
  readonly suite: SuiteName
  /** `scripted`: of the Game of 24, and no model. */
  readonly teacher: BoxTeacher
  /** Training tasks, and held-out tasks for verification. */
  readonly tasks: number
  readonly heldOut: number
  readonly seed: number
  /** Share of the held-out tasks that a tool is right on, at least. */
  readonly floor: number
  /** Training tasks that a tool was written for, at least. */
  readonly usage: number
  readonly onProgress: (done: number, total: number) => void
  /** Told what is met on the way: that the teacher is asked again, and why. */
  readonly onNotice: (text: string) => void
  readonly signal: AbortSignal
}

/** `usage` of the teacher, earlier starts among it; null: of a script. */
export type CreatedBox = OpenBox & { readonly usage: Usage | null }

/**
 * What a teacher has said is kept beside the folder, and not asked for again by the next start. Throws RetortError `box-exists`,
 * `box-empty` (with the reasons) when no tool was verified, `budget-reached`, `teacher-failed`, and as `openMeteredTeacher` does.
 */
export async function createBox({ folder, suite: name, teacher, tasks, heldOut, seed, floor, usage, onProgress, onNotice, signal: stop }: CreateBox): Promise<CreatedBox> {
  requireEmpty(folder)
  const suite = suiteNamed(name)
  const problems = [...drawProblems(suite, { split: 'train', seed, count: tasks })]
  const voice = await openBoxTeacher(teacher, { box: folder, onNotice, signal: stop })
  const signal = AbortSignal.any([stop, voice.ended])
  const code = openCode()
  const sandbox = openBoxSandbox({ signal })
  try {
    const { common, funnel, tools } = await makeBox({
      teacher: voice.model, code: code.kit, clock: systemClock, signal, problems, run: sandbox.run, sha256, floor, usage, onProgress,
      heldOut: [...drawProblems(suite, { split: 'held-out', seed, count: heldOut })],
    })
    voice.ended.throwIfAborted()
    if (tools.length === 0) {
      const found = funnel.dropped.map(({ stage, reason, count }) => `${count} at ${stage}: ${reason}`).join('; ')
      throw new RetortError({ code: 'box-empty', message: 'no tool was verified', found, expected: 'a teacher whose tools solve held-out tasks', ...(voice.journal === null ? {} : { advice: `what the teacher said is kept in ${voice.journal}: another --floor or --usage asks for nothing twice` }) })
    }
    writeBox(folder, { format: 'retort-box/1', suite: name, teacher: { name: voice.model.name, scripted: teacher.type === 'scripted' }, made: { split: 'train', seed, tasks }, common: [...common], funnel, tools })
    return { ...readBox(folder), usage: voice.usage() }
  } catch (error) {
    // Why the teacher has ended, and not that the work has stopped for it.
    voice.ended.throwIfAborted()
    throw error
  } finally {
    await sandbox.dispose()
    await code.dispose()
    await voice.dispose()
  }
}
