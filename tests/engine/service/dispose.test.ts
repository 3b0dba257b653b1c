// The service ends at once although a page is in the midst of looking.
import { afterAll, expect, test } from 'vitest'
import { removeFolder, scratch } from '../../support/tinyRun.ts'
import { openTrial, previewOf, SETTINGS } from './trial.ts'

const LIMIT_MS = 5000

const home = scratch()
afterAll(() => removeFolder(home))

test('dispose ends with previews and streams open', async () => {
  const trial = await openTrial(home)
  const { api, service, project, student } = trial
  // So that the process is there, with the student open.
  await previewOf(trial)
  const streams = await Promise.all([
    api.app.events({}),
    api.runs.exporting.watch({ project }),
    api.trajectories.imports.watch({ project }),
    api.teachers.watch({ project }),
    api.runs.preview({ project, student, settings: { ...SETTINGS, context: 512 } }),
    api.runs.preview({ project, student, settings: { ...SETTINGS, context: 128 } }),
  ])
  const reads = streams.map(async (stream) => {
    for await (const _ of stream);
  })
  const ends = Promise.allSettled(reads)
  // Let them be asked for.
  await new Promise((resolve) => setImmediate(resolve))
  const began = performance.now()
  await service.dispose()
  await ends
  expect(performance.now() - began).toBeLessThan(LIMIT_MS)
  await expect(previewOf(trial)).rejects.toMatchObject({ data: { code: 'preparation-ended' } })
})
