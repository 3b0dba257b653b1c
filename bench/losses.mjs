// What the losses and the curriculum give on recorded trajectories: every arm against cross entropy everywhere, paired by seed.
// node bench/losses.mjs --student FILE --data FILE --out DIR [--arms a,b] [--seeds 1,2,3] [--trajectories N] [--threads N] [--figure FILE]
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { drawCurves } from './lossesFigure.mjs'
import { printTables } from './lossesTables.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const text = { type: 'string' }
const { values: given } = parseArgs({
  options: { student: text, data: text, out: text, arms: text, seeds: text, trajectories: text, threads: text, figure: text, lr: text },
})
if (!given.student || !given.data || !given.out) throw new Error('expected --student FILE, --data FILE (a JSON array of records) and --out DIR')
const [student, data, out] = [given.student, given.data, given.out].map((path) => resolve(path))
const { seeds = '1,2,3', trajectories = '96', threads = '1', lr = '5e-4' } = given
const HELDOUT = '0.2'
/** Tokens a step is filled up to with whole trajectories, and steps between two points of the held-out curve. */
const [BATCH, EVERY] = ['448', '7']

const at = (name) => join(out, name)
const project = at('project')
const chatProject = at('chat')
const results = at('results.json')
mkdirSync(out, { recursive: true })

/** The document that a command of `retort` prints. */
const retort = (...args) =>
  JSON.parse(
    execFileSync(join(root, 'node_modules/.bin/node'), ['src/cli/retort.ts', ...args, '--json', '--quiet'], {
      cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'inherit'],
    }),
  )
const known = () => (existsSync(results) ? JSON.parse(readFileSync(results, 'utf8')) : { revision: null, base: null, runs: [] })
const keep = (change) => writeFileSync(results, JSON.stringify({ ...known(), ...change }, null, 1))
const note = (line) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`)
const base = ['--project', project, '--student', student, '--heldout', HELDOUT, '--threads', threads, '--context', '512', '--too-long', 'drop']

/** Ordinary requests that have nothing to do with trajectories; the untrained student answers them itself. */
const QUESTIONS = [
  'In one sentence: why is the sky blue?', 'Name three kinds of fruit and a colour of each.', 'Write a short thank-you note to a neighbour.',
  'What is the difference between a lake and a river?', 'Give me two tips for sleeping better.', 'Explain to a child what a shadow is.',
  'Write one sentence about a cat who likes rain.', 'How do I boil an egg?', 'What does a librarian do all day?', 'Say "good morning" in a friendly way.',
  'Why do leaves fall in autumn?', 'Describe the taste of a lemon.', 'What should I pack for a day at the beach?', 'Give a short definition of gravity.',
  'Write a two-line poem about the moon.', 'What are the seasons of the year?', 'How can I be kind to a colleague?', 'Tell me one fact about elephants.',
  'What is a healthy breakfast?', 'Rewrite politely: "Send me the file now."', 'Why do people wear gloves?', 'Name a good hobby for a rainy day and say why.',
  'What is the purpose of a bridge?', 'Give three words that describe a forest.',
]

function prepare() {
  if (!existsSync(project)) {
    const records = JSON.parse(readFileSync(data, 'utf8')).slice(0, Number(trajectories))
    writeFileSync(at('records.json'), JSON.stringify(records))
    retort('import', at('records.json'), '--project', project)
  }
  if (!existsSync(chatProject)) {
    note('the untrained student answers ordinary requests')
    const lines = QUESTIONS.map((message) => {
      const { reply } = retort('chat', '--project', project, '--student', student, '--message', message, '--max-tokens', '80')
      return JSON.stringify({ messages: [{ role: 'user', content: message }, { role: 'assistant', content: reply.trim() }] })
    })
    writeFileSync(at('chat.jsonl'), `${lines.join('\n')}\n`)
    retort('import', at('chat.jsonl'), '--project', chatProject)
  }
  if (!known().base) keep({ base: chatFigures(null) })
}

/** Of the text of the untrained student's own answers, ends of turns left out since long answers are cut. */
function chatFigures(adapter) {
  const { byKind } = retort('score', '--project', chatProject, '--student', student, '--split', 'all', '--engine', 'trainer', ...(adapter ? ['--adapter', adapter] : []))
  const kinds = Object.entries(byKind).filter(([kind]) => ['reason', 'act', 'final'].includes(kind)).map(([, mean]) => mean)
  const tokens = kinds.reduce((sum, mean) => sum + mean.tokens, 0)
  return { nll: kinds.reduce((sum, mean) => sum + mean.nll * mean.tokens, 0) / tokens, tokens }
}

/** A stand-in for a larger teacher: the student's own file in F32, told which answer the run ends with. */
function standIn() {
  const file = at('teacher.topk')
  if (existsSync(at('teacher.json'))) return file
  const model = at('base-f32.gguf')
  if (!existsSync(model)) {
    // A step at a rate of next to nothing leaves the student as it is, and makes a run that can be exported.
    const { run } = retort('train', ...base, '--recipe', 'sft', '--max-steps', '1', '--batch-tokens', '64', '--lr', '1e-30')
    retort('export', run, '--project', project, '--to', 'merged-gguf', '--type', 'F32', '--out', model)
  }
  note('the stand-in teacher reads the trajectories')
  const report = retort('teacher', '--project', project, '--student', student, '--teacher', model, '--shown', 'answer', '--out', file)
  writeFileSync(at('teacher.json'), JSON.stringify(report))
  return file
}

function plan(name, ...options) {
  const file = at(`${name}.plan.json`)
  retort('plan', 'make', '--project', project, '--stages', '1', '--name', name, ...options, '--out', file, '--force')
  return file
}

/** What each arm adds to the same command. Arms of one seed start from the same values and, but for `sorted`, take the same order. */
const ARMS = {
  ce: { label: 'CE everywhere', options: () => ['--recipe', 'sft'] },
  kl: { label: 'KL on REASON, CE on ACT (stand-in teacher)', options: () => ['--recipe', 'sad', '--teacher', standIn()] },
  // What of the arm above is due to the teacher, and what to thoughts no longer asking for anything.
  acts: { label: 'no loss on REASON (control)', options: () => ['--recipe', 'sft', '--reason-ce', '0'] },
  weights: { label: 'learned span weights (ours)', options: () => ['--recipe', 'sft', '--learn-span-weights'] },
  projection: { label: 'gradient projection (ours)', options: () => ['--recipe', 'sft', '--project-gradients'] },
  close: { label: 'stay close, 0.3', options: () => ['--recipe', 'sft', '--stay-close', '0.3'] },
  sorted: { label: 'easy to hard', options: () => ['--recipe', 'sft', '--plan', plan('sorted', '--order', 'easy-to-hard')] },
  pacing: { label: 'pacing, gamma 1 (ours)', options: () => ['--recipe', 'sft', '--plan', plan('pacing', '--order', 'shuffled', '--gamma', '1')] },
}

function one(arm, seed) {
  const summary = retort('train', ...base, '--seed', seed, '--lr', lr, '--batch-tokens', BATCH, '--heldout-every', EVERY, ...ARMS[arm].options())
  const { series } = JSON.parse(readFileSync(join(dirname(summary.metrics), 'heldout.json'), 'utf8'))
  const last = Math.max(...series.map(({ step }) => step))
  const lines = readFileSync(summary.metrics, 'utf8').trim().split('\n').map((line) => JSON.parse(line))
  return {
    arm, seed, run: summary.run, revision: revision(), steps: summary.steps, trainedTokens: summary.trainedTokens,
    seconds: lines.reduce((sum, { seconds }) => sum + seconds, 0),
    curve: series.filter(({ step }) => step === last || step < last - 2).map(({ step, result }) => ({ step, agent: result.agent, byKind: result.byKind })),
    chat: chatFigures(summary.adapter).nll,
    // Of the last step: what the losses of this arm say about themselves.
    own: { klByKind: lines.at(-1).klByKind, baseKl: lines.at(-1).baseKl, spanWeights: lines.at(-1).spanWeights, conflicts: lines.map(({ conflicts }) => conflicts) },
  }
}
const revision = () => execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()

prepare()
const wanted = (given.arms ?? Object.keys(ARMS).join(',')).split(',').filter((arm) => arm !== '')
for (const seed of seeds.split(','))
  for (const arm of wanted) {
    if (known().runs.some((run) => run.arm === arm && run.seed === seed)) continue
    note(`seed ${seed}: ${ARMS[arm].label}`)
    const run = one(arm, seed)
    keep({ runs: [...known().runs, run] })
    const { byKind, agent } = run.curve.at(-1)
    note(`  held-out ${agent.nll.toFixed(4)} (reason ${byKind.reason.nll.toFixed(4)}, act ${byKind.act.nll.toFixed(4)}, final ${byKind.final.nll.toFixed(4)}), chat ${run.chat.toFixed(4)}`)
  }
const labels = Object.entries(ARMS).map(([key, { label }]) => ({ key, label }))
console.log(printTables(known(), labels))
if (given.figure) writeFileSync(given.figure, drawCurves(known().runs, labels))
