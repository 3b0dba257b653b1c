// Trials of a run from nothing that is interrupted again and again through its command, and must come to the same end.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { damageCheckpoint } from './damageCheckpoint.ts'
import { openSmallDisk, type SmallDisk } from './smallDisk.ts'
import { random } from './random.ts'

const ENTRY = resolve(import.meta.dirname, '../../src/cli/retort.ts')
export const PRETRAIN_STEPS = 24
/** Short steps, and a held-out side of some windows that is measured each fifth step. */
const SETTINGS = [
  '--config', 'tiny', '--vocab', '300', '--window', '64', '--batch-tokens', '128', '--steps', String(PRETRAIN_STEPS), '--lr', '1e-2', '--checkpoint-every', '3',
  '--heldout', '0.2', '--heldout-every', '5',
]

/** `alone`: the command is killed, and its trainer saves and ends by itself. */
export const PRETRAIN_KINDS = ['SIGKILL', 'SIGTERM', 'SIGINT', 'alone', 'disk-full', 'flipped', 'truncated'] as const
type Kind = (typeof PRETRAIN_KINDS)[number]
export type PretrainInterruption = {
  readonly kind: Kind
  /** After so many more steps; 'heldout': when the next held-out measurement has begun. */
  readonly after: number | 'heldout'
  /** 0 to 1: what is damaged, how much room is left. */
  readonly amount: number
}

/** Seeded; every kind as often as the others, every second one into a held-out measurement. */
export function pretrainInterruptions(count: number, seed: number): PretrainInterruption[] {
  const next = random(seed)
  return Array.from({ length: count }, (_, i) => ({
    kind: PRETRAIN_KINDS[i % PRETRAIN_KINDS.length] as Kind,
    after: i % 2 === 0 ? 'heldout' : Math.floor(5 * next()),
    amount: next(),
  }))
}

type Line = { readonly step: number; readonly heldout?: number }
const linesOf = (dir: string): Line[] => {
  const path = join(dir, 'metrics.jsonl')
  if (!existsSync(path)) return []
  // The last one may be on its way.
  return readFileSync(path, 'utf8').split('\n').slice(0, -1).map((line) => ({ ...(JSON.parse(line) as Line), seconds: undefined }))
}

const hash = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

/** What must be the same however a run came to its end: losses and held-out points, the last checkpoint (which others are there depends on the stops), the model's file. */
export type PretrainOutcome = { readonly lines: readonly string[]; readonly checkpoint: string; readonly model: string }

function outcomeOf({ dir, out }: Life): PretrainOutcome {
  const folder = join(dir, 'checkpoints')
  return {
    lines: linesOf(dir).map((line) => JSON.stringify(line)),
    checkpoint: readdirSync(folder).sort().map((name) => `${name} ${hash(join(folder, name))}`).at(-1) ?? 'none',
    model: hash(out),
  }
}

type Life = { readonly dir: string; readonly out: string }
const lifeIn = (folder: string): Life => ({ dir: join(folder, 'model.pretraining'), out: join(folder, 'model.gguf') })

export type PretrainStage = { readonly disk: SmallDisk; readonly text: string; readonly threads: number; readonly expected: PretrainOutcome; dispose(): void }

type Ended = { readonly code: number | null; readonly stderr: string }
type Running = { readonly pid: number; readonly ended: Promise<Ended>; readonly alive: () => boolean }

/** The command in a process group of its own. */
function start({ text, threads }: Pick<PretrainStage, 'text' | 'threads'>, { dir, out }: Life): Running {
  // Of the trainer before: that of this one says that it is at work. Earlier a signal finds a process without handlers.
  rmSync(join(dir, 'trainer.pid'), { force: true })
  const how = existsSync(dir) ? ['--resume'] : ['--text', text, ...SETTINGS, '--threads', String(threads)]
  const child = spawn(process.execPath, [ENTRY, 'pretrain', ...how, '--out', out, '--quiet'], {
    stdio: ['ignore', 'ignore', 'pipe'], detached: true, env: { ...process.env, NODE_OPTIONS: '' },
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (stderr += piece))
  const ended = new Promise<Ended>((done, refuse) => child.once('error', refuse).once('exit', (code) => setImmediate(() => done({ code, stderr }))))
  return { pid: child.pid as number, ended, alive: () => child.exitCode === null && child.signalCode === null }
}

/** Trains once without any interruption. */
export async function openPretrainStage(folder: string, { text, threads }: { text: string; threads: number }): Promise<PretrainStage> {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'text.txt')
  writeFileSync(path, text)
  const disk = openSmallDisk(join(folder, 'disk'))
  const calm = lifeIn(join(disk.folder, 'calm'))
  const { code, stderr } = await start({ text: path, threads }, calm).ended
  const stage = { disk, text: path, threads, dispose: () => disk.dispose() }
  try {
    if (code !== 0) throw new Error(`without any interruption it ended with ${code}: ${stderr}`)
    return { ...stage, expected: outcomeOf(calm) }
  } catch (error) {
    disk.dispose()
    throw error
  }
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    // Both may be gone already.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function hit({ disk }: PretrainStage, { dir }: Life, { kind, amount }: PretrainInterruption, pid: number): void {
  switch (kind) {
    case 'SIGKILL':
    case 'flipped':
    case 'truncated':
      return signalTo(-pid, 'SIGKILL')
    case 'alone':
      return signalTo(pid, 'SIGKILL')
    case 'SIGTERM':
      return signalTo(pid, 'SIGTERM')
    // As a terminal sends it: to all of the group.
    case 'SIGINT':
      return signalTo(-pid, 'SIGINT')
    case 'disk-full':
      return disk.fill(dir, Math.floor(amount * 40_000))
  }
}

/** Resolves when it is time, or the command has ended. */
async function moment({ dir }: Life, { after }: PretrainInterruption, running: Running): Promise<void> {
  // With it the trainer has the run, and nobody of the command makes files of its own any more.
  while (!existsSync(join(dir, 'trainer.pid')) && running.alive()) await wait(3)
  const before = linesOf(dir).length
  const due = (): boolean => {
    const lines = linesOf(dir)
    const last = lines.at(-1)
    if (after === 'heldout') return last !== undefined && last.step % 5 === 0 && last.step < PRETRAIN_STEPS && last.heldout === undefined
    return lines.length >= before + after
  }
  while (running.alive() && !due()) await wait(1)
}

export type PretrainLife = { readonly done: readonly PretrainInterruption[]; readonly wrong: readonly string[]; readonly attempts: number; readonly intoHeldout: number }

/** One run from its start to its end under interruptions, which it takes from the list until it has finished. */
export async function interruptedPretraining(stage: PretrainStage, waiting: PretrainInterruption[], name: string): Promise<PretrainLife> {
  const folder = join(stage.disk.folder, name)
  mkdirSync(folder)
  const life = lifeIn(folder)
  const [done, wrong]: [PretrainInterruption[], string[]] = [[], []]
  let [attempts, intoHeldout] = [0, 0]
  for (let finished = false; !finished && attempts < 60 && wrong.length === 0; attempts++) {
    const planned = waiting[0]
    const running = start(stage, life)
    let struck = false
    if (planned) {
      await moment(life, planned, running)
      struck = running.alive()
      if (struck) hit(stage, life, planned, running.pid)
    }
    const { code, stderr } = await running.ended
    finished = code === 0
    if (struck && planned) {
      done.push(planned)
      waiting.shift()
      const last = linesOf(life.dir).at(-1)
      if (last && last.step % 5 === 0 && last.heldout === undefined) intoHeldout += 1
    }
    if (!finished && !allowed(planned, struck, { code, stderr })) wrong.push(`${planned?.kind ?? 'undisturbed'}: exit code ${code}: ${stderr}`)
    stage.disk.empty()
    if (!finished && struck && planned && (planned.kind === 'flipped' || planned.kind === 'truncated'))
      damageCheckpoint(life.dir, { how: planned.kind, amount: planned.amount })
    if (finished) {
      const found = outcomeOf(life)
      for (const key of ['lines', 'checkpoint', 'model'] as const)
        if (JSON.stringify(found[key]) !== JSON.stringify(stage.expected[key])) wrong.push(`other ${key} than without interruption`)
      const litter = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.tmp'))
      if (litter.length > 0) wrong.push(`left behind: ${litter.join(', ')}`)
    } else if (attempts === 59) wrong.push('it does not come to its end')
  }
  rmSync(folder, { recursive: true, force: true })
  return { done, wrong, attempts, intoHeldout }
}

function allowed(planned: PretrainInterruption | undefined, struck: boolean, { code, stderr }: Ended): boolean {
  if (!planned || !struck) return false
  switch (planned.kind) {
    case 'SIGKILL':
    case 'alone':
    case 'flipped':
    case 'truncated':
      return code === null
    case 'SIGTERM':
    case 'SIGINT':
      return code === 1 && !/Error|retort:/.test(stderr)
    case 'disk-full':
      return code === 1 && /disk is full|may not grow further/.test(stderr) && /retort pretrain --resume/.test(stderr)
  }
}
