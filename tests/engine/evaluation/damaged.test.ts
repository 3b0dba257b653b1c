// Records that cannot be read: they are told with the reason, and hide no others.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createEngine } from '../../../src/engine/engine.ts'
import { createEvaluation, createLadder, ladderSpecOf, specOf } from '../../../src/engine/evaluation/index.ts'
import { createBatch } from '../../../src/engine/teaching/batch.ts'
import { batchOf } from '../../../src/engine/teaching/batches.ts'
import { goldenPath } from '../../support/golden.ts'
import { endpointOf, request } from '../../support/batches.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { testService } from '../../support/testService.ts'

test('an evaluation, a ladder and a batch whose files are damaged are told, and the others listed', async () => {
  const { client, home } = testService()
  const project = join(home, 'p')
  await client.projects.open({ folder: project, create: true })
  const student = goldenPath('tiny/llama_tied.gguf')
  const evaluation = async (): Promise<string> => (await createEvaluation(project, await specOf({ suite: 'arith', tasks: 1, solver: { type: 'expert' } }))).id
  const ladder = async (): Promise<string> => createLadder(project, await ladderSpecOf({ suite: 'arith', student })).id
  const batch = (): string => createBatch(project, batchOf(request(endpointOf('http://127.0.0.1:9')))).batch.id
  const whole = [await evaluation(), await ladder(), batch()]
  expect(await client.projects.damaged({ project })).toEqual({ evaluations: [], ladders: [], batches: [] })
  const [first, second, third] = [await evaluation(), await ladder(), batch()]
  writeFileSync(join(project, 'evaluations', first, 'evaluation.json'), '{"id":')
  writeFileSync(join(project, 'ladders', second, 'ladder.json'), '{}')
  writeFileSync(join(project, 'rollouts', third, 'batch.json'), '[]')
  const { evaluations, ladders, batches } = await client.projects.damaged({ project })
  expect([evaluations, ladders, batches].map((rows) => rows.map(({ id }) => id))).toEqual([[first], [second], [third]])
  expect(evaluations[0]!.problem).toContain('this evaluation cannot be read')
  expect(ladders[0]!.problem).toContain(join(project, 'ladders', second, 'ladder.json'))
  expect(batches[0]!.problem).toContain('the settings of this batch cannot be read')
  expect([(await client.evaluations.list({ project }))[0]!.id, (await client.evaluations.ladders.list({ project }))[0]!.id, (await client.rollouts.list({ project }))[0]!.batch.id]).toEqual(whole)
})

test('a folder that is no project has no list', async () => {
  const home = temporaryFolder()
  const engine = createEngine({ machine: { platform: process.platform, env: {}, home }, cwd: '/' })
  const project = join(home, 'nosuch')
  for (const listed of [engine.listEvaluations({ project }), engine.listLadders({ project })]) await expect(listed).rejects.toMatchObject({ code: 'project-missing', where: project })
})
