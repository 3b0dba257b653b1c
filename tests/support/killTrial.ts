// A trial of the command line: import and train on a small project, killed with SIGKILL at a given moment, then gone on with.
import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { goldenPath } from './golden.ts'
import { random } from './random.ts'

const ENTRY = resolve(import.meta.dirname, '../../src/cli/retort.ts')
const RECORDS = 60
const TRAIN = [
  '--student', goldenPath('tiny/llama_tied.gguf'), '--recipe', 'smartad', '--rank', '4', '--lr', '5e-3', '--context', '256',
  '--batch-tokens', '400', '--micro-tokens', '256', '--max-steps', '16', '--checkpoint-every', '3', '--threads', '2', '--seed', '5',
]

const WORDS = ['cat', 'mat', 'hat', 'rat', 'sat', 'red', 'blue', 'old', 'new', 'town', 'river', 'king']

/** FireAct conversations of two turns each, short enough for the tiny student's context. */
export function writeRecords(path: string, count = RECORDS): void {
  const next = random(77)
  const word = (): string => WORDS[Math.floor(next() * WORDS.length)] as string
  const records = Array.from({ length: count }, (_, i) => {
    const [subject, answer] = [`${word()} ${i}`, word()]
    return {
      messages: [
        { role: 'user', content: `Where is the ${subject}?` },
        { role: 'assistant', content: `Thought: I look for the ${subject}.\nAction: search[${subject}]` },
        { role: 'user', content: `Observation: The ${subject} is in the ${answer}.` },
        { role: 'assistant', content: `Thought: It is in the ${answer}.\nAction: finish[${answer}]` },
      ],
    }
  })
  writeFileSync(path, records.map((record) => `${JSON.stringify(record)}\n`).join(''))
}

type Command = { readonly child: ChildProcess; readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }> }

/** The command in a process group of its own. */
function start(args: readonly string[], home: string): Command {
  const child = spawn(process.execPath, [ENTRY, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, NODE_OPTIONS: '', RETORT_HOME: home },
  })
  let [stdout, stderr] = ['', '']
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((done, failed) => {
    child.once('error', failed)
    // Not `close`: a trainer that outlives the command holds no pipe, yet nothing here may depend on that.
    child.once('exit', (code) => setImmediate(() => done({ code, stdout, stderr })))
  })
  return { child, ended }
}

async function run(args: readonly string[], home: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return start(args, home).ended
}

async function mustRun(args: readonly string[], home: string): Promise<string> {
  const { code, stdout, stderr } = await run(args, home)
  if (code !== 0) throw new Error(`retort ${args.join(' ')} ended with ${code}: ${stderr}`)
  return stdout
}

/** What a run came to: each step's figures without the clock, and the adapter's sha256. */
export type Result = { readonly series: string[]; readonly adapter: string }

function resultOf(dir: string): Result {
  const lines = readFileSync(join(dir, 'metrics.jsonl'), 'utf8').trimEnd().split('\n')
  const series = lines.map((line) => JSON.stringify({ ...(JSON.parse(line) as object), seconds: undefined }))
  return { series, adapter: createHash('sha256').update(readFileSync(join(dir, 'adapter.gguf'))).digest('hex') }
}

const runsOf = (project: string): string[] => {
  const folder = join(project, 'runs')
  return existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')) : []
}

export type Baseline = Result & { readonly importMs: number; readonly trainMs: number; readonly records: string }

/** The undisturbed life of a project, and how long its two commands take. */
export async function baseline(folder: string): Promise<Baseline> {
  mkdirSync(folder, { recursive: true })
  const records = join(folder, 'records.jsonl')
  writeRecords(records)
  const [project, home] = [join(folder, 'project'), join(folder, 'home')]
  const began = performance.now()
  await mustRun(['import', records, '--project', project, '--json'], home)
  const imported = performance.now()
  await mustRun(['train', '--project', project, ...TRAIN, '--json'], home)
  const [only] = runsOf(project)
  const result = resultOf(join(project, 'runs', only as string))
  return { ...result, importMs: imported - began, trainMs: performance.now() - imported, records }
}

export type Trial = {
  readonly folder: string
  /** 0 the start of the import, 1 the end of training. */
  readonly moment: number
  /** The whole process group, or the command alone: its trainer then saves and ends by itself. */
  readonly who: 'group' | 'command'
}

export type TrialReport = {
  /** What was there when it was killed. */
  readonly killed: string
  readonly ms: number
  /** What is wrong afterwards; empty: nothing. */
  readonly wrong: string[]
}

function kill({ child }: Command, who: Trial['who']): void {
  // Both at once may already be gone.
  try {
    process.kill(who === 'group' ? -(child.pid as number) : (child.pid as number), 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Whether the command was still running when its time came. */
async function killAfter(command: Command, ms: number, who: Trial['who']): Promise<boolean> {
  const inTime = await Promise.race([command.ended.then(() => false), wait(Math.max(0, ms)).then(() => true)])
  if (inTime) kill(command, who)
  await command.ended
  return inTime
}

function stateOf(project: string): string {
  if (!existsSync(join(project, 'project.sqlite'))) return 'before the project was there'
  const [id] = runsOf(project)
  if (id === undefined) return 'without a run'
  const metrics = join(project, 'runs', id, 'metrics.jsonl')
  const steps = existsSync(metrics) ? readFileSync(metrics, 'utf8').split('\n').length - 1 : 0
  return `at step ${steps}`
}

/** Imports and trains, kills at the moment, then does what a user would: look, import again if need be, go on or begin anew. */
export async function killTrial(expected: Baseline, { folder, moment, who }: Trial): Promise<TrialReport> {
  const began = performance.now()
  const [project, home] = [join(folder, 'project'), join(folder, 'home')]
  mkdirSync(folder, { recursive: true })
  const wrong: string[] = []
  const due = moment * (expected.importMs + expected.trainMs)
  let during = 'import'
  const importing = start(['import', expected.records, '--project', project, '--json'], home)
  if (!(await killAfter(importing, due, who))) {
    during = 'train'
    const training = start(['train', '--project', project, ...TRAIN, '--json'], home)
    if (!(await killAfter(training, due - (performance.now() - began), who))) during = 'train, which had ended'
  }
  const killed = `${during}, ${stateOf(project)} (${who})`

  const there = existsSync(join(project, 'project.sqlite'))
  const listed = await run(['list', '--project', project, '--json'], home)
  if (listed.code !== (there ? 0 : 1)) wrong.push(`list ended with ${listed.code}: ${listed.stderr}`)
  await mustRun(['import', expected.records, '--project', project, '--json'], home)
  const rows = (JSON.parse(await mustRun(['list', '--project', project, '--json'], home)) as unknown[]).length
  if (rows !== RECORDS) wrong.push(`${rows} trajectories after the import, expected ${RECORDS}`)

  const [id] = runsOf(project)
  const how = id === undefined ? TRAIN : ['--resume', id]
  const trained = await run(['train', '--project', project, ...how, '--json'], home)
  if (trained.code !== 0) wrong.push(`train ${how[0]} ended with ${trained.code}: ${trained.stderr}`)
  else {
    const found = resultOf(join(project, 'runs', runsOf(project)[0] as string))
    if (found.series.join() !== expected.series.join()) wrong.push('the losses are others')
    if (found.adapter !== expected.adapter) wrong.push('the adapter is another')
  }
  const litter = existsSync(project) ? readdirSync(project, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.tmp')) : []
  // A run's folder that was never finished is kept for an hour: it might be another process's.
  if (litter.some((name) => !/^runs[\\/]\.[^\\/]+\.tmp$/.test(name))) wrong.push(`left behind: ${litter.join(', ')}`)
  return { killed, ms: performance.now() - began, wrong }
}

/** Seeded trials spread over a project's life, each kind of kill in turn. */
export function trials(count: number, seed: number): Omit<Trial, 'folder'>[] {
  const next = random(seed)
  return Array.from({ length: count }, (_, i) => ({ moment: (i + next()) / count, who: i % 2 === 0 ? 'group' : 'command' }))
}
