// Which run goes on when the same training is asked for again: one of the same student and settings that can be trained further.
import { readFileSync, rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sha256 } from '../../../src/engine/files/index.ts'
import { openProject } from '../../../src/engine/project/index.ts'
import { standingRun } from '../../../src/engine/evaluation/rung.ts'
import { insertDatasetRevision, insertRun } from '../../../src/engine/store/index.ts'
import { unfinishedRun } from '../../../src/engine/training/index.ts'
import { createRunFolder } from '../../../src/engine/training/runFolder.ts'
import { readStudentModel } from '../../../src/engine/training/runStudent.ts'
import { fillSettings, type SettingsInput } from '../../../src/engine/training/settings.ts'
import type { Run } from '../../../src/shared/records/run.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { goldenPath } from '../../support/golden.ts'
import { TINY_STUDENT } from '../../support/tinyRun.ts'

const model = readStudentModel(TINY_STUDENT)
const SETTINGS: SettingsInput = { recipe: 'sft', lr: 1e-3, maxSteps: 40 }

type Added = { state: Run['state']; error?: string | null; student?: string; settings?: SettingsInput }

/** A project to which runs can be added as if they had come to a state. */
function projectWithRuns() {
  const project = openProject(temporaryFolder(), { create: true })
  insertDatasetRevision(project.store, { id: 'none', members: [] })
  let count = 0
  const add = ({ state, error = null, student = TINY_STUDENT, settings = SETTINGS }: Added): string => {
    const id = `20260101-00000${count++}-0000`
    const filled = fillSettings(settings)
    const config = {
      id,
      createdAt: `2026-01-01T00:00:0${count}.000Z`,
      student: { path: '/no/longer/there.gguf', sha256: sha256(readFileSync(student)), bytes: 0, architecture: 'llama' },
      model,
      datasetRevision: 'none',
      plannedSteps: null,
      settings: { ...filled, context: Math.min(filled.context, model.context) },
      trainedOn: { recipe: 'made', counts: {}, straddling: 0, left: [] },
    }
    createRunFolder(project.runFolder(id), { config, examples: [] })
    insertRun(project.store, { ...config, state, error, result: null })
    return id
  }
  const find = (settings: SettingsInput = SETTINGS): Promise<string | null> => unfinishedRun(project, { student: TINY_STUDENT, settings })
  return { project, add, find }
}

test.each<[Run['state'], string | null, boolean]>([
  ['preparing', null, true],
  ['training', null, true],
  ['paused', null, true],
  ['stopped', null, true],
  ['finished', null, false],
  ['failed', 'trainer-died: the trainer process died', true],
  ['failed', 'student-changed: another file', false],
  ['failed', null, false],
])('state %s, error %s: %s', async (state, error, goesOn) => {
  const { project, add, find } = projectWithRuns()
  const id = add({ state, error })
  expect(await find()).toBe(goesOn ? id : null)
  // A ladder begins its rung's training anew where it failed for good; a finished one is used.
  expect(standingRun(project, id)).toBe(goesOn || state === 'finished' ? id : null)
  project.dispose()
})

test('the newest of the same settings and a student of the same content', async () => {
  const { project, add, find } = projectWithRuns()
  add({ state: 'stopped' })
  const same = add({ state: 'stopped' })
  const fewer = add({ state: 'stopped', settings: { ...SETTINGS, maxSteps: 3 } })
  add({ state: 'stopped', student: goldenPath('tiny/llama_untied.gguf') })
  const found = [find(), find({ ...SETTINGS, maxSteps: 3 }), find({ ...SETTINGS, maxSteps: 4 }), find({})]
  expect(await Promise.all(found)).toEqual([same, fewer, null, null])
  // More than the student's own context is the student's context.
  expect(model.context).toBeLessThan(2048)
  expect(await Promise.all([find({ ...SETTINGS, context: 999_999 }), find({ ...SETTINGS, context: 16 })])).toEqual([same, null])
  project.dispose()
})

test('a run whose folder is gone does not go on', async () => {
  const { project, add, find } = projectWithRuns()
  const id = add({ state: 'stopped' })
  rmSync(project.runFolder(id), { recursive: true })
  expect(await find()).toBeNull()
  project.dispose()
})
