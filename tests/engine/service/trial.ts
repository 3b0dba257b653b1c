// A service in memory over a project of sixty short conversations, with the tiny student; what a page does is done by its client.
import { createRouterClient } from '@orpc/server'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { importPaths, openProject } from '../../../src/engine/project/index.ts'
import { createService, type Service } from '../../../src/engine/service/index.ts'
import type { Api } from '../../../src/shared/contract/api.ts'
import type { ExportJob, ExportReport, ExportTarget, MergedType } from '../../../src/shared/contract/exporting.ts'
import type { RunEvent, RunPreview, RunRow, RunView } from '../../../src/shared/contract/routes/runs.ts'
import type { TrainSettings } from '../../../src/shared/records/run.ts'
import { writeRecords } from '../../support/killTrial.ts'
import { TINY_STUDENT } from '../../support/tinyRun.ts'

export const SETTINGS: Partial<TrainSettings> = {
  recipe: 'smartad', rank: 4, alpha: 8, lr: 5e-3, context: 256, batchTokens: 400, microTokens: 256, epochs: 1,
  checkpointEvery: 3, threads: 2, seed: 5, heldoutEvery: 4, heldoutTokens: 200,
}

/** A run that is not done before it hears of a stop, however busy the machine. */
export const LONGER: Partial<TrainSettings> = { epochs: 4 }

export const openService = (home: string): Service =>
  createService({
    machine: { platform: process.platform, env: { RETORT_HOME: join(home, 'home') }, home },
    cwd: home,
    version: '0.0.0',
    keychain: { kind: 'session', notice: null, get: async () => null, set: async () => {} },
  })

export const clientOf = (service: Service): Api => createRouterClient(service.router, { context: service.world })

/** A new project under `home`. */
export async function makeProject(home: string, records = 60): Promise<string> {
  mkdirSync(home, { recursive: true })
  const [folder, source] = [join(home, 'project'), join(home, 'records.jsonl')]
  writeRecords(source, records)
  const project = openProject(folder, { create: true })
  await importPaths(project, [source], { onProgress: () => {}, signal: new AbortController().signal })
  project.dispose()
  return folder
}

export type Trial = { readonly api: Api; readonly service: Service; readonly project: string; readonly student: string }

export async function openTrial(home: string): Promise<Trial> {
  const project = await makeProject(home)
  const service = openService(home)
  return { api: clientOf(service), service, project, student: TINY_STUDENT }
}

type Wanted = { readonly settings?: Partial<TrainSettings>; readonly student?: string }

export async function previewOf({ api, project, student }: Trial, wanted: Wanted = {}): Promise<{ preview: RunPreview; progress: number[] }> {
  const progress: number[] = []
  for await (const event of await api.runs.preview({ project, student, settings: SETTINGS, ...wanted })) {
    if (event.type === 'preview') return { preview: event.preview, progress }
    progress.push(event.done / event.total)
  }
  throw new Error('the preview ended without a preview')
}

export const startRun = async ({ api, project, student }: Trial, settings: Partial<TrainSettings> = {}): Promise<string> =>
  (await api.runs.start({ project, student, settings: { ...SETTINGS, ...settings } })).run

/** What a page holds that shows a run: the last view, and what came since. */
export type Page = { view: RunView; events: RunEvent[] }

/** Lays an event over what a page shows; throws where steps have a gap or a repeat. */
export function show(page: Page | null, event: RunEvent): Page {
  if (event.type === 'view') return { view: event.view, events: [...(page?.events ?? []), event] }
  if (!page) throw new Error(`the first event is a ${event.type}, not a view`)
  const { view } = page
  page.events.push(event)
  switch (event.type) {
    case 'step': {
      const expected = view.metrics.length + 1
      if (event.metrics.step !== expected) throw new Error(`step ${event.metrics.step} came, expected ${expected}`)
      view.metrics.push(event.metrics)
      view.row = event.row
      view.etaSeconds = event.etaSeconds
      break
    }
    case 'heldout':
      view.heldout.push(event.point)
      view.row = event.row
      break
    case 'phase':
      view.phase = event.phase
      break
    case 'state':
    case 'failed':
      view.row = event.row
      break
    case 'memory':
      view.memory = event.memory
      break
    case 'notice':
      view.notices.push(event.notice)
      break
    case 'alert':
      view.alerts.push(event.alert)
      break
    case 'gate':
      view.gates?.push(event.decision)
      break
    case 'samples':
      view.samples.push(...event.samples)
  }
  return page
}

/** Watches a run until the condition holds, then leaves. */
export async function watchUntil({ api, project }: Trial, run: string, until: (page: Page, event: RunEvent) => boolean): Promise<Page> {
  const leave = new AbortController()
  let page: Page | null = null
  for await (const event of await api.runs.watch({ project, run }, { signal: leave.signal })) {
    page = show(page, structuredClone(event))
    if (until(page, event)) break
  }
  leave.abort()
  if (!page) throw new Error('the stream ended without a view')
  return page
}

const ENDED: readonly RunRow['state'][] = ['finished', 'stopped', 'failed', 'interrupted']
export const hasEnded = ({ view }: Page, event: RunEvent): boolean => event.type === 'view' && ENDED.includes(view.row.state)
export const atStep = (step: number) => (_: Page, event: RunEvent): boolean =>
  event.type === 'step' ? event.metrics.step >= step : event.type === 'view' && event.view.metrics.length >= step

/** All that must be the same however a run came to its end: steps without what the clock says, held-out figures, adapter. */
export function outcomeOf(project: string, run: string) {
  const dir = join(project, 'runs', run)
  return {
    series: readFileSync(join(dir, 'metrics.jsonl'), 'utf8').trimEnd().split('\n').map((line) => ({ ...(JSON.parse(line) as object), seconds: 0 })),
    heldout: readFileSync(join(dir, 'heldout.json'), 'utf8'),
    adapter: createHash('sha256').update(readFileSync(join(dir, 'adapter.gguf'))).digest('hex'),
  }
}

/** The project's exports, as a page follows them, until they are as wanted. */
export async function exportsUntil({ api, project }: Trial, until: (jobs: readonly ExportJob[]) => boolean): Promise<ExportJob[]> {
  const page = new AbortController()
  for await (const { jobs } of await api.runs.exporting.watch({ project }, { signal: page.signal })) {
    if (!until(jobs)) continue
    page.abort()
    return jobs
  }
  throw new Error('the stream of exports ended')
}

/** Begins an export and follows it to its end. */
export async function exportOf(trial: Trial, wanted: { run: string; to: ExportTarget; type?: MergedType }): Promise<ExportReport> {
  const { id } = await trial.api.runs.exporting.start({ project: trial.project, ...wanted })
  const mine = (jobs: readonly ExportJob[]): ExportJob['state'] | undefined => jobs.find((job) => job.id === id)?.state
  const state = mine(await exportsUntil(trial, (jobs) => ['done', 'failed'].includes(mine(jobs)?.type ?? '')))
  if (state?.type !== 'done') throw new Error(JSON.stringify(state))
  return state.report
}
