// A trial of the app itself: the engine's process or the web host killed with SIGKILL under a page that works, then gone on with.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import type { Api } from '../../src/shared/contract/api.ts'
import { goldenPath } from './golden.ts'
import { importInto } from './importInto.ts'
import { resultOf, writeRecords, type Result } from './killTrial.ts'
import { random } from './random.ts'
import { eventually, writePage } from './realHost.ts'
import { leave, openPage, signIn, type Page } from './webClient.ts'

const ENTRY = resolve(import.meta.dirname, '../../src/cli/retort.ts')
const STUDENT = goldenPath('tiny/llama_tied.gguf')
const SETTINGS = {
  recipe: 'smartad', rank: 4, lr: 5e-3, context: 256, batchTokens: 400, microTokens: 256, maxSteps: 12, checkpointEvery: 3, threads: 2, seed: 5,
} as const
const FILES = 3
const RECORDS = 60
const GONE_MS = 30_000

/** What is killed, while the page does what, or 'quit': Ctrl-C. `part` of that work's time, or of the training's steps. */
export type ServiceTrial = {
  readonly work: 'import' | 'edit' | 'train'
  readonly who: 'engine' | 'host' | 'all' | 'quit'
  readonly part: number
}
export type ServiceReport = { readonly killed: string; readonly ms: number; readonly wrong: string[] }

type Host = { readonly child: ChildProcess; readonly exited: Promise<number | null>; readonly port: number; readonly cookie: string }
type Life = { readonly folder: string; readonly home: string; readonly project: string; readonly files: readonly string[] }

function newLife(folder: string): Life {
  mkdirSync(folder, { recursive: true })
  writePage(join(folder, 'page'))
  // Every file its own records: what lies in two files counts as a duplicate.
  const files = Array.from({ length: FILES }, (_, i) => join(folder, `traces-${i}.jsonl`))
  files.forEach((path, i) => writeRecords(path, RECORDS, i * RECORDS))
  return { folder, home: join(folder, 'home'), project: join(folder, 'project'), files }
}

async function startHost({ folder, home }: Life): Promise<Host> {
  const child = spawn(process.execPath, [ENTRY, 'serve', '--json', '--port', '0', '--page', join(folder, 'page')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, NODE_OPTIONS: '', RETORT_HOME: home },
  })
  const exited = new Promise<number | null>((done) => child.once('exit', (code) => done(code)))
  let [stdout, stderr] = ['', '']
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  await eventually('the host begins', () => stdout.includes('\n') || child.exitCode !== null, 60_000)
  if (child.exitCode !== null) throw new Error(`serve ended with ${child.exitCode}: ${stderr}`)
  const { url } = JSON.parse(stdout) as { url: string }
  return { child, exited, port: Number(new URL(url).port), cookie: await signIn(url) }
}

/** Processes of this life with their parents; Linux only. */
function processes({ home }: Life): { pid: number; parent: number; command: string }[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const read = (part: string): string => readFileSync(`/proc/${name}/${part}`, 'utf8')
      const [state, parent] = read('stat').replace(/^.*\) /s, '').split(' ')
      if (state === 'Z' || !read('environ').split('\0').includes(`RETORT_HOME=${home}`)) return []
      return [{ pid: Number(name), parent: Number(parent), command: read('cmdline').replaceAll('\0', ' ') }]
    } catch {
      // Gone between listing and looking, or another user's.
      return []
    }
  })
}

function kill(life: Life, host: Host, who: ServiceTrial['who']): void {
  const pid = host.child.pid as number
  switch (who) {
    case 'engine': {
      const engine = processes(life).find(({ parent, command }) => parent === pid && command.includes('service.ts'))
      return void process.kill(engine?.pid as number, 'SIGKILL')
    }
    case 'host':
      return void process.kill(pid, 'SIGKILL')
    case 'quit':
      return void process.kill(-pid, 'SIGINT')
    case 'all':
      return void process.kill(-pid, 'SIGKILL')
  }
}

/** A page that works again, as soon as one can be had. */
async function reopen(host: Host): Promise<Page> {
  for (let tries = 0; ; tries += 1) {
    const page = await openPage(host.port, host.cookie)
    const works = await Promise.race([page.api.app.info({}).then(() => true, () => false), page.closed.then(() => false)])
    if (works) return page
    await leave(page)
    if (tries > 100) throw new Error('no engine comes up again')
    await wait(100)
  }
}

/** Watches a run to its end. */
async function trained(api: Api, project: string, run: string): Promise<void> {
  for await (const event of await api.runs.watch({ project, run })) {
    if (event.type === 'failed') throw new Error(event.error.message)
    const row = event.type === 'view' ? event.view.row : 'row' in event ? event.row : null
    if (row?.state === 'finished') return
    if (row?.state === 'failed') throw new Error(row.error ?? 'the run failed')
  }
  throw new Error('the stream ended before the run')
}

/** What the page was told is so; `asked` is what it has asked for without an answer. */
type Confirmed = { files: string[]; tags: Map<string, string>; entries: number; author: string; asked: { id: string; tag: string } | { author: string } | null; run: string | null }

/** Works until it fails, which is when the engine is gone; what is confirmed meanwhile is noted. */
async function work(kind: ServiceTrial['work'], { life, api, confirmed }: { life: Life; api: Api; confirmed: Confirmed }): Promise<void> {
  const { project, files } = life
  switch (kind) {
    case 'import':
      await api.projects.open({ folder: project, create: true })
      for (const path of files) {
        await importInto(api, { project, paths: [path] })
        confirmed.files.push(path)
      }
      return
    case 'edit': {
      const ids = await api.trajectories.ids({ project, filter: {}, sort: { by: 'imported', descending: false } })
      for (let i = 0; ; i += 1) {
        const [id, tag] = [ids[(7 * i) % ids.length] as string, `tag-${i}`]
        confirmed.asked = { id, tag }
        await api.trajectories.correct({
          project, title: `Tag ${i}`, reason: '', changes: [{ trajectoryId: id, change: { type: 'tags', tags: [tag] } }],
        })
        confirmed.tags.set(id, tag)
        confirmed.entries += 1
        confirmed.asked = { author: `author ${i}` }
        await api.app.settings.set({ author: `author ${i}` })
        confirmed.author = `author ${i}`
        confirmed.asked = null
      }
    }
    case 'train': {
      confirmed.run = (await api.runs.start({ project, student: STUDENT, settings: SETTINGS })).run
      return trained(api, project, confirmed.run)
    }
  }
}

/** Whether all that was confirmed is there, and nothing of what was cut off by half. */
async function look(life: Life, api: Api, confirmed: Confirmed): Promise<string[]> {
  const wrong: string[] = []
  const { project } = life
  const settings = await api.app.settings.get({})
  const asked = confirmed.asked
  if (settings.author !== confirmed.author && !(asked && 'author' in asked && settings.author === asked.author))
    wrong.push(`the author is '${settings.author}', confirmed was '${confirmed.author}'`)
  if (!(await api.app.folder({ folder: life.folder, extensions: [] })).entries.some(({ path, project: is }) => path === project && is))
    return confirmed.files.length === 0 ? wrong : [...wrong, 'the project is gone']

  const facets = await api.trajectories.facets({ project, filter: {} })
  for (const path of life.files) {
    const count = facets.file.find(({ value }) => path.endsWith(value))?.count ?? 0
    if (count !== RECORDS && (count !== 0 || confirmed.files.includes(path))) wrong.push(`${count} of ${RECORDS} records of ${path}`)
  }
  const states = await api.trajectories.states({ project, ids: [...confirmed.tags.keys()] })
  for (const { id, tags } of states) {
    const fits = tags.join() === confirmed.tags.get(id) || (asked && 'id' in asked && asked.id === id && tags.join() === asked.tag)
    if (!fits) wrong.push(`tags of ${id}: '${tags.join()}', confirmed was '${confirmed.tags.get(id)}'`)
  }
  if (states.length !== confirmed.tags.size) wrong.push(`${confirmed.tags.size - states.length} corrected trajectories are gone`)
  const { total } = await api.trajectories.journal({ project, offset: 0, limit: 1 })
  if (total < confirmed.entries || total > confirmed.entries + (asked && 'id' in asked ? 1 : 0))
    wrong.push(`${total} entries in the journal, confirmed were ${confirmed.entries}`)
  if (confirmed.run !== null && !(await api.runs.list({ project })).some(({ id }) => id === confirmed.run)) wrong.push('the run is gone')
  return wrong
}

/** Imports what is left, as a user would: everything once more. */
async function importRest({ project, files }: Life, api: Api): Promise<string[]> {
  await api.projects.open({ folder: project, create: true })
  for (const path of files) await importInto(api, { project, paths: [path] })
  const { trajectories } = await api.projects.info({ project })
  return trajectories === FILES * RECORDS ? [] : [`${trajectories} trajectories after all imports, expected ${FILES * RECORDS}`]
}

/** Goes on with the training, or begins it. */
async function trainRest({ project }: Life, api: Api): Promise<Result> {
  const newest = async () => (await api.runs.list({ project }))[0]
  let run = await newest()
  // A trainer that lost its engine saves before it ends.
  for (let tries = 0; run && (run.state === 'training' || run.state === 'preparing') && tries < 300; tries += 1) {
    await wait(100)
    run = await newest()
  }
  if (!run) {
    const { run: id } = await api.runs.start({ project, student: STUDENT, settings: SETTINGS })
    await trained(api, project, id)
    return resultOf(join(project, 'runs', id))
  }
  if (run.state !== 'finished') await api.runs.resume({ project, run: run.id })
  await trained(api, project, run.id)
  return resultOf(join(project, 'runs', run.id))
}

async function stop(life: Life, host: Host): Promise<string[]> {
  host.child.kill('SIGTERM')
  const code = await host.exited
  return [...(code === 0 ? [] : [`serve ended with ${code}`]), ...(await orphans(life))]
}

/** Processes that outlive their parents for longer than saving takes. */
async function orphans(life: Life): Promise<string[]> {
  const until = performance.now() + GONE_MS
  while (processes(life).length > 0 && performance.now() < until) await wait(50)
  return processes(life).map(({ pid, command }) => {
    process.kill(pid, 'SIGKILL')
    return `still running after ${GONE_MS / 1000} s: ${command}`
  })
}

function integrity({ project }: Life): string[] {
  const database = new DatabaseSync(join(project, 'project.sqlite'))
  try {
    const found = database.prepare('PRAGMA integrity_check').all().map((row) => String(Object.values(row)[0]))
    const broken = database.prepare('PRAGMA foreign_key_check').all().length
    return [...(found.join() === 'ok' ? [] : found), ...(broken === 0 ? [] : [`${broken} rows without their parents`])]
  } finally {
    database.close()
  }
}

export type ServiceBaseline = Result & { readonly importMs: number }

/** The undisturbed life: what a training comes to, and how long all imports take. */
export async function serviceBaseline(folder: string): Promise<ServiceBaseline> {
  const life = newLife(folder)
  try {
    return await undisturbed(life)
  } finally {
    endAll(life)
  }
}

async function undisturbed(life: Life): Promise<ServiceBaseline> {
  const host = await startHost(life)
  const page = await reopen(host)
  await page.api.projects.open({ folder: life.project, create: true })
  const began = performance.now()
  for (const path of life.files) await importInto(page.api, { project: life.project, paths: [path] })
  const importMs = performance.now() - began
  const result = await trainRest(life, page.api)
  await leave(page)
  const wrong = [...(await stop(life, host)), ...integrity(life)]
  if (wrong.length > 0) throw new Error(wrong.join('; '))
  return { ...result, importMs }
}

/** When the moment has come: a part of the imports' time, of a second of editing, or of the training's steps. */
async function moment({ work, part }: ServiceTrial, { life, api, expected }: { life: Life; api: Api; expected: ServiceBaseline }): Promise<void> {
  if (work === 'import') return void (await wait(part * expected.importMs))
  if (work === 'edit') return void (await wait(100 + part * 1000))
  const steps = async (): Promise<number> => (await api.runs.list({ project: life.project }))[0]?.steps.done ?? -1
  while ((await steps()) < Math.floor(part * SETTINGS.maxSteps)) await wait(3)
}

export async function serviceTrial(folder: string, trial: ServiceTrial, expected: ServiceBaseline): Promise<ServiceReport> {
  const life = newLife(folder)
  try {
    return await disturbed(life, trial, expected)
  } finally {
    endAll(life)
  }
}

/** Whatever went wrong, nothing of it goes on. */
function endAll(life: Life): void {
  for (const { pid } of processes(life)) process.kill(pid, 'SIGKILL')
}

async function disturbed(life: Life, trial: ServiceTrial, expected: ServiceBaseline): Promise<ServiceReport> {
  const began = performance.now()
  const confirmed: Confirmed = { files: [], tags: new Map(), entries: 0, author: '', asked: null, run: null }
  let host = await startHost(life)
  let page = await reopen(host)
  if (trial.work !== 'import') await work('import', { life, api: page.api, confirmed })
  const working = work(trial.work, { life, api: page.api, confirmed }).then(() => 'had ended', () => 'was cut off')
  await Promise.race([moment(trial, { life, api: page.api, expected }), working])
  kill(life, host, trial.who)
  const outcome = await working
  const code = await page.closed
  const wrong = trial.who === 'engine' && code !== 4001 ? [`the page was closed with ${code}`] : []
  if (trial.who === 'quit') {
    const ended = await host.exited
    if (ended !== 0) wrong.push(`serve ended with ${ended}`)
    // It waits for what has to be saved: nobody is left when it has ended.
    wrong.push(...processes(life).map(({ command }) => `outlives serve: ${command}`))
  }
  if (trial.who !== 'engine') {
    wrong.push(...(await orphans(life)))
    host = await startHost(life)
  }
  page = await reopen(host)
  wrong.push(...(await look(life, page.api, confirmed)))
  if (trial.who === 'quit' && confirmed.run !== null) {
    const state = (await page.api.runs.list({ project: life.project }))[0]?.state
    if (state !== 'stopped' && state !== 'finished') wrong.push(`the run is '${state}' after a clean end`)
  }
  wrong.push(...(await importRest(life, page.api)))
  if (trial.work === 'train') {
    const found = await trainRest(life, page.api)
    if (found.series.join() !== expected.series.join()) wrong.push('the losses are others')
    if (found.adapter !== expected.adapter) wrong.push('the adapter is another')
  }
  await leave(page)
  wrong.push(...(await stop(life, host)), ...integrity(life))
  const counts = `${confirmed.files.length} files, ${confirmed.entries} corrections confirmed${confirmed.run === null ? '' : ', a run'}`
  return { killed: `${trial.who} during ${trial.work}, which ${outcome} (${counts})`, ms: performance.now() - began, wrong }
}

/** Seeded trials: every work with every victim in turn, at moments that are spread over the work. */
export function serviceTrials(count: number, seed: number): ServiceTrial[] {
  const next = random(seed)
  const works = ['import', 'edit', 'train'] as const
  const victims = ['engine', 'host', 'all'] as const
  return Array.from({ length: count }, (_, i) => ({
    work: works[i % 3] as ServiceTrial['work'],
    who: victims[(i + Math.floor(i / 3)) % 3] as ServiceTrial['who'],
    part: next(),
  }))
}
