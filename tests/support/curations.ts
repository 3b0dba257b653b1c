// Trajectories to curate: a project with five of them, through the service and without it.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { curateProject, type CurateRequest } from '../../src/engine/curation/index.ts'
import { openProject, type Project } from '../../src/engine/project/index.ts'
import { curationSettingsSchema, type CurationFilterName, type CurationSettingsInput } from '../../src/shared/records/curation.ts'
import { temporaryFolder } from './folder.ts'
import { importInto } from './importInto.ts'
import { testService } from './testService.ts'

export const BY = { author: 'me', at: '2025-01-01T00:00:00Z' }
const NEVER = new AbortController().signal

export const record = (instruction: string, words: string, reward = 'True') =>
  ({ instruction, input: '', output: `Thought: ${words}\nAction: search[${words}]\nObservation: of ${words} much is known\nThought: so.\nAction: finish[yes]\nObservation: Episode finished, reward = ${reward}\n` })
export const QUESTION = 'Which of the two old rivers runs through the capital of France today?'
export const RECORDS = [record('Who was it?', 'first'), record('Who was wrong?', 'second', 'False'), record('Who was it?', 'First!'), record(QUESTION, 'third'), record('Who was it then?', 'fourth, mail bob@maths.org')]

export async function filled() {
  const { client } = testService()
  const folder = join(temporaryFolder(), 'p')
  await client.projects.open({ folder, create: true })
  const file = join(temporaryFolder(), 'a.jsonl')
  writeFileSync(file, RECORDS.map((one) => JSON.stringify(one)).join('\n'))
  const against = join(temporaryFolder(), 'held-out.json')
  writeFileSync(against, JSON.stringify({ examples: [{ question: QUESTION, answer: 'Seine' }] }))
  await importInto(client, { project: folder, paths: [file] })
  const ids = await client.trajectories.ids({ project: folder, filter: {}, sort: { by: 'imported', descending: false } })
  return { client, folder, ids, against }
}

export const only = (filters: readonly CurationFilterName[], settings: CurationSettingsInput = {}) =>
  curationSettingsSchema.parse({ contamination: { suiteTasks: 0 }, ...settings, order: [...filters] })

/** The same without a service between. */
export async function opened(): Promise<{ project: Project; ids: string[]; curate: (settings: ReturnType<typeof only>, more?: Partial<CurateRequest>) => ReturnType<typeof curateProject>; against: string }> {
  const { folder, ids, against } = await filled()
  const project = openProject(folder, { create: false })
  const curate = (settings: ReturnType<typeof only>, more: Partial<CurateRequest> = {}) =>
    curateProject({ project, settings, student: null, judge: null, against: [], answers: [], cacheDir: temporaryFolder(), onProgress: () => undefined, onNotice: () => undefined, signal: NEVER, ...more })
  return { project, ids, curate, against }
}
