// Retort beside PyTorch + PEFT: both programs in turns on the same sequences, memory read from outside both.
// node bench/compare.mjs --student FILE --python FILE [--examples FILE] [--rounds N] [--steps N] [--threads N] [--only a,b,c]
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const text = { type: 'string' }
const { values: given } = parseArgs({
  options: { student: text, python: text, examples: text, rounds: text, steps: text, threads: text, only: text },
})
if (!given.student || !given.python) throw new Error('expected --student FILE and --python FILE')
const { student, python, examples, rounds = '2', steps = '3', threads = String(availableParallelism()), only = 'a,b,c' } = given

/** Largest VmHWM in bytes of a process and all that descend from it, read while it runs (Linux). */
function watchPeak(pid) {
  let peak = 0
  const look = () => {
    const parents = new Map()
    const peaks = new Map()
    for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
      try {
        const status = readFileSync(`/proc/${name}/status`, 'utf8')
        parents.set(name, /^PPid:\s+(\d+)/m.exec(status)?.[1])
        peaks.set(name, 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0))
      } catch {
        // It ended meanwhile.
      }
    }
    for (const [name, bytes] of peaks) {
      let above = name
      while (above !== undefined && above !== String(pid)) above = parents.get(above)
      if (above !== undefined) peak = Math.max(peak, bytes)
    }
  }
  const timer = setInterval(look, 100)
  return () => (clearInterval(timer), peak)
}

/** The JSON document that a program prints, and its peak. */
function run(command, args) {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] })
    const peak = watchPeak(child.pid)
    let printed = ''
    child.stdout.on('data', (piece) => (printed += piece))
    child.on('error', failed)
    child.on('close', (code) => {
      const bytes = peak()
      if (code === 0) done({ ...JSON.parse(printed), peak: bytes })
      else failed(new Error(`${command} ${args.join(' ')}: exit code ${code}`))
    })
  })
}

/** Numbers in [0, 1), the same on every machine. */
function seeded(seed) {
  let state = seed
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
}

const folder = mkdtempSync(join(tmpdir(), 'retort-compare-'))
function sequenceFile(name, sequences) {
  const path = join(folder, `${name}.jsonl`)
  writeFileSync(path, sequences.map((one) => `${JSON.stringify(one)}\n`).join(''))
  return path
}
const next = seeded(1)
const tokens = (count) => Array.from({ length: count }, () => 100 + Math.floor(next() * 20_000))
const all = (ids) => ({ ids, weights: ids.map(() => 1) })
const prompt = tokens(384)
const cases = [
  { key: 'a', what: '512 tokens, all supervised', path: sequenceFile('a', [all(tokens(512))]), pass: '512', modes: ['plain', 'bf16', 'recompute'] },
  ...(examples ? [{ key: 'b', what: 'trajectories, loss on agent spans', path: resolve(examples), pass: '512', modes: ['plain'], batches: [1, 4] }] : []),
  {
    key: 'c', what: '8 continuations of 64 tokens after 384', pass: '4096', modes: ['plain'], batches: [1, 8],
    path: sequenceFile('c', Array.from({ length: 8 }, () => {
      const ids = [...prompt, ...tokens(64)]
      return { ids, weights: ids.map((_, i) => (i < prompt.length ? 0 : 1)) }
    })),
  },
  ...[128, 256, 1024, 2048, 4096].map((count) => ({
    key: String(count), what: `${count} tokens, all supervised`, path: sequenceFile(String(count), [all(tokens(count))]), pass: String(count), modes: ['plain'],
  })),
].filter(({ key }) => only.split(',').includes(key))

const retort = ({ path, pass }, mode) =>
  run(join(root, 'node_modules/.bin/node'), [
    'src/cli/retort.ts', 'bench', 'train', '--student', student, '--sequences', path, '--pass-tokens', pass, '--steps', steps,
    '--threads', threads, '--json', ...(mode === 'recompute' ? ['--recompute'] : []),
  ])
/** With `batch` sequences of about the same length in a forward pass. */
const peft = ({ path }, mode, batch) =>
  run(python, [
    'bench/pytorch/bench_peft.py', '--student', student, '--sequences', path, '--steps', steps, '--threads', threads, '--batch', String(batch),
    ...(mode === 'bf16' ? ['--dtype', 'bf16'] : mode === 'recompute' ? ['--checkpointing'] : []),
  ])
const peftName = (mode, batch) => (batch === 1 ? `PEFT ${mode}` : `PEFT ${mode}, ${batch} at a time`)
const mean = (numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length
const line = (name, { rate, peak, loss }) =>
  console.log(`  ${name.padEnd(28)} ${rate.toFixed(1).padStart(7)} supervised tokens/s, peak ${(peak / 1e9).toFixed(2)} GB, first loss ${loss.toFixed(5)}`)
const summary = (runs) => ({
  rate: mean(runs.map(({ supervisedPerSecond }) => supervisedPerSecond)),
  peak: Math.max(...runs.map(({ peak }) => peak)),
  loss: runs[0].lossFirst,
})

try {
  for (const one of cases) {
    console.log(`(${one.key}) ${one.what}`)
    const runs = new Map()
    const add = (name, result) => runs.set(name, [...(runs.get(name) ?? []), result])
    for (let round = 0; round < Number(rounds); round++)
      for (const mode of one.modes) {
        // bf16 is PyTorch's alone: Retort's side of it is the plain run beside it.
        if (mode !== 'bf16') add(`Retort ${mode}`, await retort(one, mode))
        for (const batch of one.batches ?? [1]) add(peftName(mode, batch), await peft(one, mode, batch))
      }
    for (const [name, results] of runs) line(name, summary(results))
    for (const mode of one.modes) {
      const ours = summary(runs.get(`Retort ${mode === 'bf16' ? 'plain' : mode}`))
      // Its best configuration, whichever that is.
      const theirs = (one.batches ?? [1]).map((batch) => summary(runs.get(peftName(mode, batch)))).reduce((a, b) => (b.rate > a.rate ? b : a))
      console.log(`  against PEFT ${mode}: ${(ours.rate / theirs.rate).toFixed(2)} times the tokens/s, ${(ours.peak / theirs.peak).toFixed(2)} of the memory`)
    }
    const plain = runs.get('Retort plain')
    const best = plain.reduce((a, b) => (a.gflops / a.limitGflops > b.gflops / b.limitGflops ? a : b))
    const share = (r, seconds) => ((100 * r.gflops * mean(r.stepSeconds)) / seconds / r.limitGflops).toFixed(0)
    console.log(`  share of the matrix-product limit: ${plain.map((r) => share(r, mean(r.stepSeconds))).join(', ')} %, best steps ${plain.map((r) => share(r, Math.min(...r.stepSeconds))).join(', ')} %; outside the graph ${(100 * best.optimiserShare).toFixed(1)} %`)
  }
} finally {
  rmSync(folder, { recursive: true })
}
