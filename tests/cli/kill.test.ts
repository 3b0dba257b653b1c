// The command line killed with SIGKILL at random moments of importing, preparing and training (more of them: scripts/kill-trial.mjs).
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { baseline, killTrial, trials, type Baseline } from '../support/killTrial.ts'
import { newFolder } from './support.ts'

const folder = newFolder()
let expected: Baseline
beforeAll(async () => {
  expected = await baseline(join(folder, 'undisturbed'))
})

test('the undisturbed life has what the others are compared with', () => {
  expect(expected.series).toHaveLength(16)
  expect(new Set(expected.series).size).toBe(16)
})

test.each(trials(6, 3).map((trial, i) => [i, trial.who, trial] as const))(
  'moment %i, %s: the project opens, and the run ends with the same losses and the same adapter',
  async (index, _who, trial) => {
    const { killed, wrong } = await killTrial(expected, { ...trial, folder: join(folder, String(index)) })
    expect(wrong, `killed in ${killed}`).toEqual([])
  },
)
