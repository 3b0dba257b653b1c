// Trials of a run that is interrupted again and again: killed, stopped, held, out of disk, its newest checkpoint damaged.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { appFolders } from '../../src/engine/paths.ts'
import { importPaths, openProject } from '../../src/engine/project/index.ts'
import { readAlerts } from '../../src/engine/training/alertLog.ts'
import { continueRun, createRun, readSamples, runRows, type TrainerEvent, type TrainerProcess } from '../../src/engine/training/index.ts'
import { damageCheckpoint } from './damageCheckpoint.ts'
import { goldenPath } from './golden.ts'
import { resultOf, writeRecords } from './killTrial.ts'
import { random } from './random.ts'
import { openSmallDisk, type SmallDisk } from './smallDisk.ts'

const ENTRY = resolve(import.meta.dirname, '../../src/cli/retort.ts')
const STUDENT = goldenPath('tiny/llama_tied.gguf')
/** Short steps; a held-out curve whose best is not the last and is kept; a checkpoint every third step; two samplings. */
const SETTINGS = {
  recipe: 'smartad', rank: 4, lr: 2e-2, schedule: 'constant', context: 256, batchTokens: 300, microTokens: 256, epochs: 3, maxSteps: 40, checkpointEvery: 3,
  seed: 5, heldout: 0.2, heldoutEvery: 5, heldoutTokens: 200, earlyStop: 'loss', patience: 100, samplesEvery: 20, samplePrompts: 1,
} as const

export const KINDS = ['SIGKILL', 'SIGTERM', 'SIGSTOP', 'disk-full', 'flipped', 'truncated'] as const
type Kind = (typeof KINDS)[number]
export type Interruption = {
  readonly kind: Kind
  /** The trainer under an engine, or the command line over all of it. */
  readonly against: 'trainer' | 'command'
  /** After so many events of the trainer, or so many more steps under the command line. */
  readonly after: number
  /** Milliseconds after that. */
  readonly delay: number
  /** 0 to 1: how long it is held, how much room is left, what is damaged. */
  readonly amount: number
}

/** Seeded; every kind as often as the others, one in `commandEvery` against the command line. */
export function interruptions(count: number, { seed, commandEvery }: { seed: number; commandEvery: number }): Interruption[] {
  const next = random(seed)
  return Array.from({ length: count }, (_, i) => ({
    kind: KINDS[i % KINDS.length] as Kind,
    against: Math.floor(i / KINDS.length) % commandEvery === 0 ? ('command' as const) : ('trainer' as const),
    after: Math.floor(next() ** 2 * 40),
    delay: 12 * next(),
    amount: next(),
  }))
}

/** What must be the same however a run came to its end. */
export type Outcome = {
  readonly series: readonly string[]
  readonly adapter: string
  /** sha256 of the best step's adapter, where that is not the last. */
  readonly best: string | null
  readonly heldout: string
  readonly alerts: readonly string[]
  /** Answers while training, without the clock. */
  readonly samples: readonly string[]
}

const HAPPENING = ['disk-full', 'checkpoint-damaged', 'environment-changed']

function outcomeOf(dir: string): Outcome {
  const alerts = readAlerts(dir).filter(({ type }) => !HAPPENING.includes(type)).map(({ type, step, text }) => `${type} ${step} ${text}`)
  const best = join(dir, 'adapter-best.gguf')
  return {
    ...resultOf(dir),
    best: existsSync(best) ? createHash('sha256').update(readFileSync(best)).digest('hex') : null,
    samples: readSamples(dir).map((sample) => JSON.stringify({ ...sample, seconds: 0 })),
    heldout: readFileSync(join(dir, 'heldout.json'), 'utf8'),
    alerts: alerts.sort(),
  }
}

export type Stage = {
  readonly disk: SmallDisk
  readonly expected: Outcome
  /** A whole project with a run that has not begun; it is copied for every life. */
  readonly template: string
  readonly run: string
  readonly cacheDir: string
  readonly home: string
  dispose(): void
}

/** Makes the project and the run, and trains a copy of it without any interruption. */
export async function openStage(folder: string, { threads }: { threads: number }): Promise<Stage> {
  mkdirSync(folder, { recursive: true })
  const [records, template, home] = [join(folder, 'records.jsonl'), join(folder, 'template'), join(folder, 'home')]
  writeRecords(records)
  const project = openProject(template, { create: true })
  const { signal } = new AbortController()
  await importPaths(project, [records], { onProgress: () => {}, signal })
  const run = await createRun(project, { student: STUDENT, settings: { ...SETTINGS, threads } }, { onPrepare: () => {}, onPrepared: () => {}, signal })
  project.dispose()
  const cacheDir = appFolders({ platform: process.platform, env: { RETORT_HOME: home }, home }).cache
  const disk = openSmallDisk(join(folder, 'disk'))
  const base = { disk, template, run, cacheDir, home, dispose: () => disk.dispose() }
  try {
    const undisturbed = join(disk.folder, 'undisturbed')
    cpSync(template, undisturbed, { recursive: true })
    await trainHere({ folder: undisturbed, run, cacheDir }, () => {})
    const expected = outcomeOf(join(undisturbed, 'runs', run))
    rmSync(undisturbed, { recursive: true })
    return { ...base, expected }
  } catch (error) {
    disk.dispose()
    throw error
  }
}

type Life = { readonly folder: string; readonly run: string; readonly cacheDir: string }
type Ended = { readonly how: 'finished' | 'stopped' | 'failed'; readonly code: string | null; readonly text: string }

/** Goes on with the run in this process, as the app does. */
async function trainHere({ folder, run, cacheDir }: Life, disturb: (trainer: TrainerProcess, event: TrainerEvent | null) => void): Promise<Ended> {
  const project = openProject(folder, { create: false })
  let trainer: TrainerProcess | null = null
  try {
    const summary = await continueRun(project, { run, cacheDir, given: STUDENT, folders: [] }, {
      onEvent: (event) => trainer && disturb(trainer, event),
      onTrainer: (process) => {
        trainer = process
        disturb(process, null)
      },
      signal: new AbortController().signal,
    })
    return { how: summary.state, code: null, text: '' }
  } catch (error) {
    const { code = null, message } = error as { code?: string; message: string }
    return { how: 'failed', code, text: message }
  } finally {
    project.dispose()
  }
}

/** Goes on with the run through the command line, in a process group of its own. */
async function trainByCommand({ folder, run }: Life, home: string, disturb: (pid: number, metrics: string) => Promise<void>): Promise<Ended> {
  const child = spawn(process.execPath, [ENTRY, 'train', '--project', folder, '--resume', run, '--student', STUDENT, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'], detached: true, env: { ...process.env, NODE_OPTIONS: '', RETORT_HOME: home },
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<number | null>((done, refuse) => child.once('error', refuse).once('exit', (code) => setImmediate(() => done(code))))
  await Promise.race([ended, disturb(child.pid as number, join(folder, 'runs', run, 'metrics.jsonl'))])
  const code = await ended
  const state = /"state":\s*"(finished|stopped)"/.exec(stdout)?.[1] as 'finished' | 'stopped' | undefined
  return { how: state ?? 'failed', code: /disk is full|may not grow further/.test(stderr) ? 'disk-full' : code === null ? 'killed' : null, text: stderr }
}

/** Both may be gone already. */
function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function hit(stage: Stage, life: Life, { kind, amount }: Interruption, pids: { all: number; one: number }): Promise<void> {
  switch (kind) {
    case 'SIGKILL':
    case 'flipped':
    case 'truncated':
      return signalTo(pids.all, 'SIGKILL')
    case 'SIGTERM':
      return signalTo(pids.one, 'SIGTERM')
    case 'SIGSTOP':
      signalTo(pids.all, 'SIGSTOP')
      await wait(20 + 150 * amount)
      return signalTo(pids.all, 'SIGCONT')
    case 'disk-full':
      return stage.disk.fill(join(life.folder, 'runs', life.run), Math.floor(amount * 40_000))
  }
}

export type LifeReport = {
  /** How many of each kind fell into this run's life. */
  readonly done: readonly Interruption[]
  /** What is wrong; empty: nothing. */
  readonly wrong: readonly string[]
  readonly attempts: number
}

/**
 * One run from its start to its end under interruptions, which it takes from the list until it has finished. After every
 * one the project must open and show its run; at the end losses, held-out curve, alerts, samples and both adapters must be those of the
 * uninterrupted run, bit for bit.
 */
export async function interruptedLife(stage: Stage, waiting: Interruption[], name: string): Promise<LifeReport> {
  const life: Life = { folder: join(stage.disk.folder, name), run: stage.run, cacheDir: stage.cacheDir }
  const dir = join(life.folder, 'runs', life.run)
  cpSync(stage.template, life.folder, { recursive: true })
  const done: Interruption[] = []
  const wrong: string[] = []
  let attempts = 0
  for (let finished = false; !finished; ) {
    const planned = waiting[0]
    attempts += 1
    if (attempts > 60) {
      wrong.push('it does not come to its end')
      break
    }
    const { ended, struck } = await attempt(stage, life, planned)
    if (struck && planned) {
      done.push(planned)
      waiting.shift()
    }
    finished = ended.how === 'finished'
    const expected = allowedEnd(planned, struck, ended)
    if (!expected) wrong.push(`${planned?.kind ?? 'undisturbed'} against ${planned?.against ?? 'trainer'}: ${ended.how} ${ended.code ?? ''} ${ended.text}`)
    stage.disk.empty()
    if (!finished && struck && planned && (planned.kind === 'flipped' || planned.kind === 'truncated'))
      damageCheckpoint(dir, { how: planned.kind, amount: planned.amount })
    wrong.push(...lookAt(life))
    if (!expected) break
  }
  if (existsSync(join(dir, 'adapter.gguf')) && wrong.length === 0) {
    const found = outcomeOf(dir)
    for (const key of ['series', 'adapter', 'best', 'heldout', 'alerts', 'samples'] as const)
      if (JSON.stringify(found[key]) !== JSON.stringify(stage.expected[key])) wrong.push(`another ${key} than without interruption`)
    const litter = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.tmp'))
    if (litter.length > 0) wrong.push(`left behind: ${litter.join(', ')}`)
  }
  rmSync(life.folder, { recursive: true, force: true })
  return { done, wrong, attempts }
}

/** One process from start to end; `struck`: the interruption came while it ran. */
async function attempt(stage: Stage, life: Life, planned: Interruption | undefined): Promise<{ ended: Ended; struck: boolean }> {
  let struck = false
  if (planned?.against === 'command') {
    const linesNow = (metrics: string): number => (existsSync(metrics) ? readFileSync(metrics, 'utf8').split('\n').length : 1)
    const before = linesNow(join(life.folder, 'runs', life.run, 'metrics.jsonl'))
    const ended = await trainByCommand(life, stage.home, async (pid, metrics) => {
      const trainerThere = join(metrics, '..', 'trainer.pid')
      while (!existsSync(trainerThere)) await wait(3)
      while (linesNow(metrics) < before + Math.floor(planned.after / 6)) await wait(3)
      await wait(planned.delay)
      struck = true
      await hit(stage, life, planned, { all: -pid, one: pid })
    })
    return { ended, struck }
  }
  let events = 0
  const hits: Promise<void>[] = []
  const ended = await trainHere(life, ({ pid }) => {
    if (!planned || events++ !== planned.after) return
    hits.push(
      wait(planned.delay).then(() => {
        struck = true
        return hit(stage, life, planned, { all: pid, one: pid })
      }),
    )
  })
  const inTime = struck
  await Promise.all(hits)
  // Dead before the blow: it counts for nothing.
  return { ended, struck: inTime }
}

/** A blow may come too late to matter: then the run has finished. */
function allowedEnd(planned: Interruption | undefined, struck: boolean, { how, code }: Ended): boolean {
  if (how === 'finished') return true
  if (!planned || !struck) return false
  switch (planned.kind) {
    case 'SIGKILL':
    case 'flipped':
    case 'truncated':
      return how === 'failed' && (code === 'trainer-died' || code === 'killed')
    case 'SIGTERM':
      // Before a process has said what the signal means to it, it means death.
      return how === 'stopped' || (how === 'failed' && (planned.against === 'command' || (planned.after === 0 && code === 'trainer-died')))
    case 'SIGSTOP':
      return false
    case 'disk-full':
      return how === 'failed' && code === 'disk-full'
  }
}

/** What does not open, or is not shown as a run that can go on. */
function lookAt({ folder, run }: Life): string[] {
  try {
    const project = openProject(folder, { create: false })
    try {
      const row = runRows(project).find(({ id }) => id === run)
      return row ? [] : ['the run is no longer listed']
    } finally {
      project.dispose()
    }
  } catch (error) {
    return [`the project does not open: ${String(error)}`]
  }
}
