// A model from nothing: it learns, survives, and llama.cpp reads from its file what the trainer had.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readGguf } from '../../../src/core/formats/gguf/index.ts'
import { readModelConfig } from '../../../src/core/nn/index.ts'
import { configOf, createEncoder, SHAPES, type Vocabulary } from '../../../src/core/pipeline/pretraining/index.ts'
import { openByteSource } from '../../../src/engine/files/index.ts'
import { openStudent } from '../../../src/engine/llama/index.ts'
import { pretrain, type PretrainRequest, type PretrainWatch } from '../../../src/engine/pretraining/index.ts'
import { createPretraining } from '../../../src/engine/pretraining/pretrain.ts'
import { pretrainSession } from '../../../src/engine/pretraining/session.ts'
import { openStudentWeights } from '../../../src/engine/runtime/weightFile.ts'
import { pretrainReportSchema, type PretrainReport, type PretrainStep } from '../../../src/shared/contract/pretraining.ts'
import { retort } from '../../cli/support.ts'
import { byLlama, byTrainer, differences, show } from '../../support/agreement.ts'
import { interruptedPretraining, openPretrainStage, PRETRAIN_KINDS, PRETRAIN_STEPS, pretrainInterruptions } from '../../support/interruptPretraining.ts'
import { random } from '../../support/random.ts'
import { removeFolder, scratch } from '../../support/tinyRun.ts'

const home = scratch()
afterAll(() => removeFolder(home))

/** Stories of three sentences, of which only who, what and where are chance: about 0.22 nats a character of names. */
function stories(count: number): string[] {
  const next = random(21)
  const pick = (items: readonly string[]): string => items[Math.floor(next() * items.length)] as string
  return Array.from({ length: count }, () => {
    const [who, what] = [pick(['Ada', 'Ben', 'Cleo', 'Dan']), pick(['key', 'lamp', 'stone', 'letter', 'drum'])]
    const [from, to] = [pick(['hall', 'garden', 'cellar', 'tower']), pick(['hall', 'garden', 'cellar', 'tower'])]
    return `${who} takes the ${what} from the ${from}.\nThen ${who} carries the ${what} to the ${to}.\nNow the ${what} is in the ${to}.`
  })
}

const text = join(home, 'stories.txt')
writeFileSync(text, stories(300).join('<|endoftext|>'))

const watch = (more: Partial<PretrainWatch> = {}): PretrainWatch => ({ onStep: () => {}, onMeasuring: () => {}, onHeldout: () => {}, note: () => {}, signal: new AbortController().signal, ...more })

const request = (name: string, settings: PretrainRequest['settings'] = {}, extent: PretrainRequest['extent'] = { of: 'steps', value: 60 }): PretrainRequest => ({
  text: [text],
  shape: 'tiny',
  extent,
  // One name, since it is written into the file.
  dir: join(home, name, 'model.pretraining'),
  out: join(home, name, 'model.gguf'),
  type: 'F32',
  settings: { vocabulary: 512, window: 64, batchTokens: 512, lr: 1e-2, threads: 2, checkpointEvery: 7, ...settings },
})

const stepsIn = (dir: string): Omit<PretrainStep, 'seconds'>[] =>
  readFileSync(join(dir, 'metrics.jsonl'), 'utf8').trimEnd().split('\n').map((line) => {
    const { seconds: _, ...rest } = JSON.parse(line) as PretrainStep
    return rest
  })
const hash = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')
/** All that must be the same however a run came to its end. */
const outcome = ({ dir, out }: PretrainRequest) => {
  const folder = join(dir, 'checkpoints')
  return { steps: stepsIn(dir), checkpoints: readdirSync(folder).sort().map((name) => `${name} ${hash(join(folder, name))}`), model: hash(out) }
}

describe('a tiny model of repetitive text', () => {
  const asked = request('whole', { heldoutEvery: 20 })
  let report: PretrainReport
  beforeAll(async () => {
    report = await pretrain(asked, watch())
  })

  test('starts at chance and falls below 0.8 nats a token, held out too', () => {
    expect(pretrainReportSchema.parse(report)).toEqual(report)
    expect(report).toMatchObject({ state: 'finished', steps: 60, documents: 300, folder: asked.dir, path: asked.out })
    expect(report.loss.first!).toBeCloseTo(Math.log(report.vocabulary), 1)
    expect(report.loss.last!).toBeLessThan(0.8)
    expect(report.heldout!.nll).toBeLessThan(0.8)
    const held = stepsIn(asked.dir).flatMap(({ heldout }) => heldout ?? [])
    expect(held).toHaveLength(2)
    expect(held[1]!).toBeLessThan(held[0]!)
    expect(report.tokens.trained).toBe(stepsIn(asked.dir).reduce((sum, { tokens }) => sum + tokens, 0))
  })

  test('the file says what was trained', () => {
    const source = openByteSource(asked.out)
    const read = readModelConfig(readGguf(source), source)
    source.close()
    expect(read).toEqual(configOf(SHAPES.tiny, { vocabulary: report.vocabulary, context: 64 }))
  })

  test('llama.cpp computes what the trainer computes', async () => {
    const student = await openStudentWeights(asked.out, home)
    const encode = encoderOf(asked.dir)
    const sequences = stories(310).slice(300).map((story) => [0, ...encode(story), 0].slice(0, 64))
    const [trainer, llama] = [await byTrainer(student, sequences, null), await byLlama(asked.out, sequences, null)]
    const found = differences(trainer, llama)
    show('pretrained, trainer against llama.cpp', found)
    expect(found.max).toBeLessThan(1e-3)
    const mean = llama.flatMap((values) => [...values.slice(1)]).reduce((sum, x, _, { length }) => sum + x / length, 0)
    expect(mean).toBeLessThan(0.8)
  })

  test('it is a student: its turns end, and its template writes them', async () => {
    const student = await openStudent({ path: asked.out, weights: 'none' })
    expect(student.template.render({ messages: [{ role: 'user', content: 'Hi' }], addGenerationPrompt: true })).toBe('<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n')
    expect(student.tokenizer.control).toEqual([{ id: 0, text: '<|endoftext|>' }, { id: 1, text: '<|im_start|>' }, { id: 2, text: '<|im_end|>' }])
    expect([...student.tokenizer.endOfGeneration]).toContain(2)
    expect(student.tokenizer.bos).toBeNull()
    await student.dispose()
  })

  test('the same run again is the same to the last bit', async () => {
    const again = request('again', { heldoutEvery: 20 })
    await pretrain(again, watch())
    expect(outcome(again)).toEqual(outcome(asked))
  })

  test('there is a run already', async () => {
    await expect(pretrain(asked, watch())).rejects.toMatchObject({ code: 'run-exists' })
  })

  test.each(['Q8_0', 'F16'] as const)('as %s it loads', async (type) => {
    const out = join(home, `whole-${type}.gguf`)
    await pretrainSession({ dir: asked.dir, out, type }, calm)
    const ids = [[0, ...encoderOf(asked.dir)(stories(301)[300]!)].slice(0, 64)]
    expect(differences(await byLlama(out, ids, null), await byLlama(asked.out, ids, null)).mean).toBeLessThan(0.1)
  })
})

const job = ({ dir, out }: PretrainRequest) => ({ dir, out, type: 'F32' as const })
const calm = { proceed: async () => 'go' as const, emit: () => {} }

describe('stopped and gone on with', () => {
  const short = (name: string): PretrainRequest => request(name, { vocabulary: 300, batchTokens: 128, heldoutEvery: 4, checkpointEvery: 3, heldout: 0.02 }, { of: 'steps', value: 12 })
  const whole = short('short')
  let report: PretrainReport
  beforeAll(async () => {
    createPretraining(whole, watch())
    report = await pretrainSession(job(whole), calm)
  })

  test.each([
    ['between two steps', 'step', 7, [4]],
    ['while the held-out loss is measured', 'measuring', 8, [4]],
    ['while it is measured at the end', 'measuring', 12, [4, 8]],
  ] as const)('%s: the same losses, held-out points and file', async (_, type, at, measured) => {
    const cut = short(`stopped-${type}-${at}`)
    createPretraining(cut, watch())
    let [step, stop, windows] = [0, false, 0]
    const first = await pretrainSession(job(cut), {
      proceed: async () => (stop ? 'stop' : 'go'),
      emit: (event) => {
        if (event.type === 'step') step = event.step.step
        if (event.type === 'measuring' && step === at) windows += 1
        // In the middle of a measurement, not before it.
        stop ||= type === 'step' ? step === at : windows === 2
      },
    })
    expect(first).toMatchObject({ state: 'stopped', steps: at, heldout: null })
    expect(stepsIn(cut.dir).flatMap(({ step, heldout }) => (heldout === undefined ? [] : [step]))).toEqual(measured)
    expect(existsSync(cut.out)).toBe(true)
    expect(await pretrainSession(job(cut), calm)).toMatchObject({ state: 'finished', steps: 12, heldout: report.heldout })
    expect(outcome(cut)).toEqual(outcome(whole))
  })
})

test('gone on with to another end: the learning rate falls to 0 there, and never back to a step that is past', async () => {
  const asked = request('shortened', { vocabulary: 300, batchTokens: 128, warmupSteps: 0, heldout: 0 }, { of: 'steps', value: 100 })
  createPretraining(asked, watch())
  let steps = 0
  const until = (last: number) => ({ proceed: async () => (steps === last ? ('stop' as const) : ('go' as const)), emit: ({ type }: { type: string }) => void (type === 'step' && (steps += 1)) })
  await pretrainSession(job(asked), until(4))
  await expect(pretrainSession({ ...job(asked), change: { steps: 3 } }, calm)).rejects.toMatchObject({ code: 'bad-settings', expected: '4 or more' })
  expect(await pretrainSession({ ...job(asked), change: { steps: 8, window: 32 } }, calm)).toMatchObject({ state: 'finished', steps: 8, plannedSteps: 8 })
  const rates = stepsIn(asked.dir).map(({ lr }) => lr)
  expect(rates).toHaveLength(8)
  // Two windows of 64 tokens a step, then four of 32, and the file says so.
  expect(stepsIn(asked.dir).every(({ tokens }) => tokens > 100 && tokens <= 128)).toBe(true)
  const source = openByteSource(asked.out)
  expect(readModelConfig(readGguf(source), source).context).toBe(32)
  source.close()
  rates.forEach((lr, step) => expect(lr).toBeCloseTo((1e-2 * (1 + Math.cos((Math.PI * step) / (step < 4 ? 100 : 8)))) / 2, 8))
})

function encoderOf(dir: string): (text: string) => number[] {
  return createEncoder((JSON.parse(readFileSync(join(dir, 'run.json'), 'utf8')) as { vocabulary: Vocabulary }).vocabulary)
}

describe('tokens as llama.cpp has them', () => {
  const root = resolve(import.meta.dirname, '../../..')
  const sources = ['README.md', 'ARCHITECTURE.md', 'docs/log.md', 'src/core/formats/gguf/reader.ts', 'package.json'].map((name) => readFileSync(join(root, name), 'utf8'))
  const next = random(31)
  const RANGES = [[0x20, 0x7e], [0x20, 0x7e], [0x20, 0x7e], [0xa0, 0x24f], [0x370, 0x52f], [0x590, 0x6ff], [0x900, 0x97f], [0x3040, 0x30ff], [0x4e00, 0x9fff], [0xac00, 0xd7a3], [0x2000, 0x206f], [0x2070, 0x2bff], [0x1f300, 0x1faff], [0x9, 0xd], [0x660, 0x669], [0x300, 0x36f], [0xfe00, 0xfeff], [0x1d400, 0x1d7ff]] as const
  const made = Array.from({ length: 300 }, () => {
    const length = 1 + Math.floor(next() * 60)
    return Array.from({ length }, () => {
      const [from, to] = RANGES[Math.floor(next() * RANGES.length)]!
      return next() < 0.2 ? ' ' : String.fromCodePoint(from + Math.floor(next() * (to - from + 1)))
    }).join('')
  })
  const odd = [
    "I'm we'll they'd you're I've it's 'tis DON'T I'M", '   leading', 'trailing   ', 'a\n\n\n  b\t\tc \r\n d', '123 4567 ١٢٣ ⅷ ½', '<|im_start|>user<|endoftext|>',
    'naïve e\u0301 ﬁ ß İ', '日本語の文章。中文，句子！', '👩‍👩‍👧 🇩🇪 👍🏽', '\u00a0\u2003\u3000x\u0085y\ufeffz\u200b', 'a\u0000b', '', ' ', '\n', '_-=+ !!! ??? ... ', 'x'.repeat(500), ' '.repeat(50),
  ]
  test.each(['gpt-2', 'smollm'] as const)('of files of this repository, odd texts and random characters, divided as %s', async (pre) => {
    const folder = join(home, `sources-${pre}`)
    mkdirSync(folder)
    sources.forEach((source, i) => writeFileSync(join(folder, `${i}.txt`), source))
    const asked = { ...request(`tokens-${pre}`, { pre, vocabulary: 1500, batchTokens: 64 }, { of: 'steps', value: 1 }), text: [folder] }
    const report = await pretrain(asked, watch())
    expect(report.vocabulary).toBe(1500)
    const encode = encoderOf(asked.dir)
    const student = await openStudent({ path: asked.out, weights: 'none' })
    const lines = sources.flatMap((source) => [source, ...source.split('\n')])
    let tokens = 0
    for (const one of [...lines, ...odd, ...made]) {
      const ids = encode(one)
      tokens += ids.length
      expect(student.tokenizer.encode(one), JSON.stringify(one.slice(0, 200))).toEqual(ids)
    }
    console.log(`${lines.length + odd.length + made.length} texts, ${tokens} tokens, as llama.cpp has them`)
    await student.dispose()
  })
})

describe('the command', () => {
  test('interrupted in every way, and gone on with, it is the run that never was, bit for bit', { timeout: 600_000 }, async () => {
    const stage = await openPretrainStage(join(home, 'interrupted'), { text: stories(60).join('<|endoftext|>'), threads: 2 })
    try {
      expect(stage.expected.lines).toHaveLength(PRETRAIN_STEPS)
      expect(stage.expected.lines.filter((line) => line.includes('heldout'))).toHaveLength(4)
      const waiting = pretrainInterruptions(PRETRAIN_KINDS.length, 5)
      for (let life = 0; waiting.length > 0; life++) expect((await interruptedPretraining(stage, waiting, `life-${life}`)).wrong).toEqual([])
    } finally {
      stage.dispose()
    }
  })

  test.each([
    ['no text', ['pretrain'], /there is no text/],
    ['two extents', ['pretrain', 'x.txt', '--steps', '3', '--epochs', '1'], /say the same thing twice/],
    ['settings with --resume', ['pretrain', '--resume', '--lr', '1'], /keeps what it was started with/],
    ['no such text', ['pretrain', '--text', join(home, 'nothing.txt'), '--out', join(home, 'n.gguf')], /no such file or folder/],
    ['a shape that is none', ['pretrain', text, '--config', text, '--out', join(home, 'n.gguf')], /no shape of a model/],
  ])('%s', async (_, args, message) => {
    const { code, stderr } = await retort(args)
    expect(code).not.toBe(0)
    expect(stderr).toMatch(message)
  })
})
