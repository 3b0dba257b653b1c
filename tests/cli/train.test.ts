// train, export and bench as a script meets them: documents by the contract's schemas, exit codes, Ctrl-C that saves first.
import {
  copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { importReportSchema } from '../../src/shared/contract/importing.ts'
import { scoreReportSchema } from '../../src/shared/contract/scoring.ts'
import { exportedBatchSchema, exportedExampleSchema, exportReportSchema } from '../../src/shared/contract/exporting.ts'
import { metricsLineSchema } from '../../src/shared/contract/metrics.ts'
import { benchReportSchema, runRowSchema, trainSummarySchema, type TrainSummary } from '../../src/shared/contract/training.ts'
import { goldenPath } from '../support/golden.ts'
import { writeRecords } from '../support/killTrial.ts'
import { finished, newFolder, retort, retortJson, startRetort } from './support.ts'

const folder = newFolder()
const [project, home] = [join(folder, 'project'), join(folder, 'home')]
const STUDENT = goldenPath('tiny/llama_tied.gguf')
const OPTIONS = ['--student', STUDENT, '--rank', '2', '--lr', '0.01', '--context', '256', '--batch-tokens', '300', '--micro-tokens', '256', '--max-steps', '6']
const train = (...more: string[]): string[] => ['train', '--project', project, ...OPTIONS, ...more]
const jsonl = <T>(path: string, schema: z.ZodType<T>): T[] =>
  readFileSync(path, 'utf8').trimEnd().split('\n').map((line) => schema.parse(JSON.parse(line)))

beforeAll(() => {
  process.env['RETORT_HOME'] = home
  writeRecords(join(folder, 'records.jsonl'), 40)
  return retortJson(importReportSchema, ['import', join(folder, 'records.jsonl'), '--project', project])
})

describe('a run', () => {
  let summary: TrainSummary
  beforeAll(async () => {
    summary = await retortJson(trainSummarySchema, train('--heldout', '0.3'))
  })

  test('the document, the metrics and the adapter belong together', () => {
    const lines = jsonl(summary.metrics, metricsLineSchema)
    expect(summary).toMatchObject({ state: 'finished', steps: 6 })
    expect(lines.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6])
    expect([summary.loss.first, summary.loss.last]).toEqual([lines[0]!.loss, lines[5]!.loss])
    expect(summary.loss.byKind).toEqual(lines[5]!.byKind)
    expect(Object.keys(summary.loss.byKind).sort()).toEqual(['act', 'end', 'final', 'reason'])
    expect(summary.trainedTokens).toBe(lines.reduce((sum, line) => sum + line.trainedTokens, 0))
    expect(summary.heldout!.byKind.observe).toBeDefined()
    // The student is random, so the trained side falls at once; the held-out side is of the same making.
    expect(summary.heldout!.after).toBeLessThan(summary.heldout!.before)
    expect(statSync(summary.adapter).size).toBeGreaterThan(1000)
    expect(summary.peakMemoryBytes).toBeGreaterThan(1e7)
    expect(summary.tokensPerSecond).toBeGreaterThan(0)
  })

  test('options that only say how a teacher is listened to are refused without one', async () => {
    for (const option of [['--kl', 'reverse'], ['--temperature', '2']]) {
      const { code, stderr } = await retort(train(...option))
      expect([code, stderr]).toEqual([2, expect.stringContaining(`found: ${option[0]}`)])
    }
  })
  test('the document says what was trained on: recipe, tokens by kind, straddling tokens, what was left out', () => {
    expect(summary).toMatchObject({ recipe: expect.stringContaining('hard targets'), left: [] })
    const kinds = (counts: object): string[] => Object.keys(counts).sort()
    expect(kinds(summary.counts)).toEqual(['act', 'end', 'final', 'reason'])
    // One epoch: the whole training side once, of which six steps take a part.
    expect(Object.values(summary.counts).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(summary.trainedTokens)
    expect(summary.straddling).toBeGreaterThanOrEqual(0)
  })

  test('runs lists it as its document says', async () => {
    const rows = await retortJson(z.array(runRowSchema), ['runs', '--project', project])
    const row = rows.find(({ id }) => id === summary.run)!
    expect(row).toMatchObject({ state: 'finished', steps: { done: 6, total: 6 }, adapter: summary.adapter, trainedTokens: summary.trainedTokens })
    expect(row.loss).toEqual({ first: summary.loss.first, last: summary.loss.last })
    expect(row.heldout).toEqual({ first: summary.heldout!.before, last: summary.heldout!.after })
    const { stdout } = await retort(['runs', '--project', project])
    expect(stdout).toMatch(new RegExp(`^${summary.run} +finished +6/6 +${summary.loss.first!.toFixed(4)}`, 'm'))
  })

  test('--heldout-every measures in between, and changes nothing in what is trained', async () => {
    const { stdout, stderr } = await retort(train('--heldout', '0.3', '--heldout-every', '2', '--heldout-tokens', '100', '--json'))
    const other = trainSummarySchema.parse(JSON.parse(stdout))
    expect(stderr).toMatch(/held-out nll after step 2: .*\n(.*\n)*.*held-out nll after step 4: /)
    expect([other.loss, other.heldout]).toEqual([summary.loss, summary.heldout])
  })

  test('resuming a finished run gives its document again and changes nothing', async () => {
    const before = readFileSync(summary.metrics, 'utf8')
    expect(await retortJson(trainSummarySchema, ['train', '--project', project, '--resume', summary.run])).toEqual(summary)
    expect(readFileSync(summary.metrics, 'utf8')).toBe(before)
  })

  test('score --adapter finds on the held-out side what the run found', async () => {
    const args = ['score', '--project', project, '--student', STUDENT, '--adapter', summary.adapter, '--heldout', '0.3', '--engine', 'trainer']
    const score = await retortJson(scoreReportSchema, args)
    expect(score.byKind.act?.nll).toBeCloseTo(summary.heldout!.byKind.act!.after, 5)
    expect(score.byKind.observe?.nll).toBeCloseTo(summary.heldout!.byKind.observe!.after, 5)
  })

  test('export gguf-lora: the adapter, where it is wanted, or in the project', async () => {
    const out = join(folder, 'out.gguf')
    const report = await retortJson(exportReportSchema, ['export', summary.run, '--to', 'gguf-lora', '--out', out, '--project', project])
    expect(report).toMatchObject({ run: summary.run, to: 'gguf-lora', path: out, files: [{ path: out, bytes: statSync(out).size }] })
    expect(readFileSync(out)).toEqual(readFileSync(summary.adapter))
    const inside = await retortJson(exportReportSchema, ['export', summary.run, '--to', 'gguf-lora', '--project', project])
    expect(inside.path).toBe(join(project, 'exports', `${summary.run}.gguf`))
  })

  test('export writes over nothing unasked, and makes no folders for a mistyped path', async () => {
    const out = join(folder, 'mine.gguf')
    writeFileSync(out, 'mine')
    const args = ['export', summary.run, '--to', 'gguf-lora', '--project', project, '--out']
    expect(await retort([...args, out])).toMatchObject({ code: 1, stderr: expect.stringContaining('--force') as string })
    expect(readFileSync(out, 'utf8')).toBe('mine')
    await retortJson(exportReportSchema, [...args, out, '--force'])
    expect(readFileSync(out)).toEqual(readFileSync(summary.adapter))
    expect(await retort([...args, join(folder, 'not', 'there', 'a.gguf')])).toMatchObject({ code: 1 })
    expect(existsSync(join(folder, 'not'))).toBe(false)
  })

  test.each<[string, (target: string) => string, string]>([
    ['below a file', () => join(STUDENT, 'a', 'b.gguf'), 'file-missing'],
    ['on a folder', () => folder, 'file-exists'],
  ])('export %s: a reason that names what was meant, no stack', async (_name, outOf, code) => {
    const out = outOf(folder)
    const result = await retort(['export', summary.run, '--to', 'gguf-lora', '--out', out, '--project', project, '--json'])
    expect(result.code).toBe(1)
    const { error } = JSON.parse(result.stdout) as { error: { code: string; where: string } }
    expect(error.code).toBe(code)
    expect(out.startsWith(error.where)).toBe(true)
    expect(result.stderr).not.toMatch(/\.tmp|\n {4}at /)
  })

  test('score with an adapter that is none: cut off, a whole model, missing, a folder', async () => {
    const cut = join(folder, 'cut.gguf')
    copyFileSync(summary.adapter, cut)
    truncateSync(cut, statSync(cut).size >> 1)
    const none = join(folder, 'none.gguf')
    const cases = [
      [cut, 'adapter-not-applied'],
      [STUDENT, 'adapter-not-applied'],
      [none, 'adapter-not-found'],
      [folder, 'adapter-not-applied'],
    ] as const
    for (const [adapter, code] of cases) {
      const result = await retort(['score', '--project', project, '--student', STUDENT, '--adapter', adapter, '--engine', 'trainer', '--json'])
      expect(result.code, adapter).toBe(1)
      expect(JSON.parse(result.stdout), adapter).toMatchObject({ error: { code, where: adapter } })
      expect(result.stderr).not.toMatch(/\n {4}at /)
    }
  })

  test('export peft: the two files', async () => {
    const out = join(folder, 'peft')
    const report = await retortJson(exportReportSchema, ['export', summary.run, '--to', 'peft', '--out', out, '--project', project])
    expect(readdirSync(out).sort()).toEqual(['adapter_config.json', 'adapter_model.safetensors'])
    expect(report.files.map(({ path }) => path).sort()).toEqual(readdirSync(out).sort().map((name) => join(out, name)))
    expect(JSON.parse(readFileSync(join(out, 'adapter_config.json'), 'utf8'))).toMatchObject({ r: 2, lora_alpha: 32 })
  })

  test('export masked-jsonl: batches name examples of the training side, steps and rates are those of the metrics', async () => {
    const out = join(folder, 'masked')
    await retortJson(exportReportSchema, ['export', summary.run, '--to', 'masked-jsonl', '--out', out, '--project', project])
    expect(readdirSync(out).sort()).toEqual(['batches.jsonl', 'config.json', 'examples.jsonl', 'init.safetensors', 'metrics.jsonl'])
    const examples = new Map(jsonl(join(out, 'examples.jsonl'), exportedExampleSchema).map((example) => [example.id, example]))
    const batches = jsonl(join(out, 'batches.jsonl'), exportedBatchSchema)
    const lines = jsonl(summary.metrics, metricsLineSchema)
    expect(batches.map(({ step, lr }) => [step, lr])).toEqual(lines.map(({ step, lr }) => [step, lr]))
    for (const [i, batch] of batches.entries()) {
      const rows = batch.examples.map((id) => examples.get(id)!)
      expect(rows.every(({ split }) => split === 'train')).toBe(true)
      expect(rows.flatMap(({ weights }) => weights.slice(1)).filter((weight) => weight > 0)).toHaveLength(lines[i]!.trainedTokens)
    }
    for (const { ids, weights, kinds } of examples.values()) expect([weights.length, kinds.length]).toEqual([ids.length, ids.length])
    expect(JSON.parse(readFileSync(join(out, 'config.json'), 'utf8'))).toMatchObject({ optimiser: { name: 'adamw' }, rank: 2, alpha: 32, clipNorm: 1 })
  })

  test('a project that was moved keeps its runs', async () => {
    const moved = join(folder, 'moved')
    renameSync(project, moved)
    const again = await retortJson(trainSummarySchema, ['train', '--project', moved, '--resume', summary.run])
    expect(again.adapter.startsWith(moved)).toBe(true)
    expect(existsSync(again.adapter) && existsSync(again.metrics)).toBe(true)
    renameSync(moved, project)
  })
})

describe('a run of other data or another name than it was', () => {
  const json = async (...args: string[]) => {
    const { code, stdout, stderr } = await retort([...args, '--project', project, '--json'])
    expect(stderr).not.toMatch(/\n {4}at /)
    return { code, ...(JSON.parse(stdout) as object) }
  }

  test('what was left out is told again by the run that goes on', async () => {
    const { run, left, counts } = await retortJson(trainSummarySchema, [...train('--too-long', 'drop').map((arg) => (arg === '256' ? '150' : arg))])
    expect(left.length).toBeGreaterThan(0)
    expect(left[0]).toMatchObject({ trajectoryId: expect.any(String), reason: expect.stringContaining('the context holds 150') })
    makeStopped(run)
    expect(await retortJson(trainSummarySchema, ['train', '--resume', run, '--project', project])).toMatchObject({ left, counts })
  })

  describe('examples.jsonl', () => {
    let run: string
    let whole: Buffer
    const examples = (): string => join(project, 'runs', run, 'examples.jsonl')
    beforeAll(async () => {
      ;({ run } = await retortJson(trainSummarySchema, train()))
      makeStopped(run)
      whole = readFileSync(examples())
    })

    test.each<[string, (path: string) => void]>([
      ['lost its end', (path) => truncateSync(path, statSync(path).size - 300)],
      ['lost a whole line', (path) => writeFileSync(path, readFileSync(path, 'utf8').replace(/^.*\n/, ''))],
      ['changed in one token', (path) => writeFileSync(path, readFileSync(path, 'utf8').replace(/"ids":\[\d/, '"ids":[9'))],
      ['is gone', (path) => rmSync(path)],
    ])('%s: neither trained nor exported', async (_name, damage) => {
      writeFileSync(examples(), whole)
      damage(examples())
      expect(existsSync(examples()) && readFileSync(examples()).equals(whole)).toBe(false)
      const refused = { code: 1, error: { code: 'run-damaged', where: expect.stringContaining('examples.jsonl') } }
      expect(await json('train', '--resume', run)).toMatchObject(refused)
      expect(await json('export', run, '--to', 'masked-jsonl')).toMatchObject(refused)
    })
  })

  test('a copy of a run under another id is refused, without start values there is no export of them', async () => {
    const { run } = await retortJson(trainSummarySchema, train())
    const copy = '20260101-000000-abcd'
    cpSync(join(project, 'runs', run), join(project, 'runs', copy), { recursive: true })
    const refused = { code: 1, error: { code: 'run-copied', found: `run ${run}`, expected: `run ${copy}` } }
    expect(await json('train', '--resume', copy)).toMatchObject(refused)
    expect(await json('export', copy, '--to', 'gguf-lora')).toMatchObject(refused)
    rmSync(join(project, 'runs', copy), { recursive: true })

    const other = join(folder, 'other')
    writeRecords(join(folder, 'few.jsonl'), 3)
    await retortJson(importReportSchema, ['import', join(folder, 'few.jsonl'), '--project', other])
    cpSync(join(project, 'runs', run), join(other, 'runs', run), { recursive: true })
    const foreign = await retort(['train', '--resume', run, '--project', other, '--json'])
    expect(JSON.parse(foreign.stdout)).toMatchObject({ error: { code: 'run-foreign' } })

    rmSync(join(project, 'runs', run, 'checkpoints', 'step-0000000.safetensors'))
    expect(await json('export', run, '--to', 'masked-jsonl')).toMatchObject({ code: 1, error: { code: 'no-start' } })
  })
})

/** Makes a finished run look stopped, so that it is opened and trained again. */
function makeStopped(run: string): void {
  const result = join(project, 'runs', run, 'result.json')
  writeFileSync(result, JSON.stringify({ ...(JSON.parse(readFileSync(result, 'utf8')) as object), state: 'stopped' }))
}

describe('wrong use and failure', () => {
  test.each([
    [['--resume', 'x', '--rank', '4'], 2, 'usage', /--rank/],
    [['--resume', 'x', '--recipe', 'sad', '--seed', '3'], 2, 'usage', /--recipe, --seed/],
    [['--rank', '0'], 2, 'usage', /0/],
    [['--recipe', 'none'], 2, 'usage', /none/],
    [['--student', STUDENT, '--lr', '0'], 2, 'bad-settings', /where: --lr[^]*expected: more than 0/],
    [['--student', STUDENT, '--epochs', '-1'], 2, 'bad-settings', /epochs/],
    [['--resume', 'nowhere'], 1, 'run-missing', /nowhere/],
    [['--student', 'no.gguf'], 1, 'student-missing', /no\.gguf/],
    [['--student', STUDENT, '--context', '20'], 1, 'too-long', /raise --context, leave them out with --too-long drop/],
    [['--student', STUDENT, '--context', '20', '--too-long', 'drop'], 1, 'no-trained-tokens', /0 training examples/],
    [['--student', goldenPath('tiny/qwen2.adapter.gguf')], 1, 'student-not-loaded', /adapter/],
  ])('train %j ends with %i, %s', async (args, code, error, text) => {
    const result = await retort(['train', '--project', project, ...args, '--json'])
    expect(result.code).toBe(code)
    expect(JSON.parse(result.stdout)).toMatchObject({ error: { code: error } })
    expect(result.stderr).toMatch(text)
    // A reason, not a stack.
    expect(result.stderr).not.toMatch(/\n {4}at /)
  })

  test('an empty project has no trained tokens, and says so', async () => {
    const empty = join(folder, 'empty')
    writeFileSync(join(folder, 'nothing.jsonl'), '')
    await retort(['import', join(folder, 'nothing.jsonl'), '--project', empty])
    const result = await retort(['train', '--project', empty, '--student', STUDENT])
    expect(result).toMatchObject({ code: 1, stdout: '' })
    expect(result.stderr).toContain('no token would be trained')
    expect(readdirSync(join(empty, 'runs'))).toEqual([])
  })

  test.each([
    [['export', 'nowhere', '--to', 'peft'], 1, 'run-missing'],
    [['export', '../../evil/foreign', '--to', 'gguf-lora'], 1, 'run-missing'],
    [['export', '20260101-000000-0000', '--to', 'gguf-lora'], 1, 'run-missing'],
    [['train', '--resume', '../runs/20260101-000000-0000'], 1, 'run-missing'],
    [['export', 'nowhere'], 2, 'usage'],
    [['export', 'nowhere', '--to', 'onnx'], 2, 'usage'],
    [['bench', 'chat'], 2, 'usage'],
  ])('%j ends with %i, %s', async (args, code, error) => {
    const result = await retort([...args, '--project', project, '--json'])
    expect(result.code).toBe(code)
    expect(JSON.parse(result.stdout)).toMatchObject({ error: { code: error } })
  })

  test('a run whose student file is gone or another', async () => {
    const student = join(folder, 'student.gguf')
    copyFileSync(STUDENT, student)
    const { run } = await retortJson(trainSummarySchema, train().map((arg) => (arg === STUDENT ? student : arg)))
    const exported = async (to: string): Promise<Record<string, string>> => {
      const out = join(folder, `exported-${to}`)
      const { files } = await retortJson(exportReportSchema, ['export', run, '--to', to, '--out', out, '--force', '--project', project])
      return Object.fromEntries(files.map(({ path }) => [path, readFileSync(path, 'latin1')]))
    }
    const targets = ['gguf-lora', 'peft', 'masked-jsonl']
    const before = await Promise.all(targets.map(exported))
    makeStopped(run)
    const resume = async (...more: string[]) => {
      const { code, stdout, stderr } = await retort(['train', '--resume', run, '--project', project, '--json', ...more])
      return { code, stderr, document: JSON.parse(stdout) as unknown }
    }

    // Another student at its place: no export may take its dimensions.
    copyFileSync(goldenPath('tiny/llama_untied.gguf'), student)
    expect(await resume()).toMatchObject({ code: 1, document: { error: { code: 'student-changed', where: student } } })
    expect(await Promise.all(targets.map(exported))).toEqual(before)

    rmSync(student)
    expect(await resume()).toMatchObject({ code: 1, document: { error: { code: 'student-missing', where: student } } })
    expect(await Promise.all(targets.map(exported))).toEqual(before)

    const other = goldenPath('tiny/llama_untied.gguf')
    expect(await resume('--student', other)).toMatchObject({ code: 1, document: { error: { code: 'student-changed', where: other } } })
    expect(await resume('--student', STUDENT)).toMatchObject({ code: 0, document: { state: 'finished', steps: 6 } })

    makeStopped(run)
    mkdirSync(join(home, 'models'), { recursive: true })
    const known = join(home, 'models', 'renamed.gguf')
    copyFileSync(STUDENT, known)
    const found = await resume()
    expect(found).toMatchObject({ code: 0, document: { state: 'finished', steps: 6 } })
    expect(found.stderr).toContain(`no longer at ${student}; going on with ${known}`)
  })
})

describe('Ctrl-C', () => {
  const many = ['--max-steps', '4000', '--epochs', '4000']
  const start = (): ReturnType<typeof startRetort> =>
    startRetort(['train', '--project', project, ...OPTIONS.filter((arg) => arg !== '--max-steps' && arg !== '6'), ...many, '--json'])
  /** Resolves when stderr has shown the text. */
  const shown = (child: ReturnType<typeof startRetort>, text: RegExp): Promise<void> =>
    new Promise((found) => {
      let seen = ''
      child.stderr?.on('data', (data) => text.test((seen += String(data))) && found())
    })

  test.each(['SIGINT', 'SIGTERM'] as const)('%s while training saves, and ends with 1 and state stopped', async (signal) => {
    const child = start()
    const ended = finished(child)
    await shown(child, /train: .* [1-9]\d*\/\d+ steps/)
    child.kill(signal)
    const { code, stdout, stderr } = await ended
    // Not 0: `train && export` must not take what was stopped for a whole run.
    expect(code).toBe(1)
    expect(stderr).toContain('stopping')
    const summary = trainSummarySchema.parse(JSON.parse(stdout))
    expect(summary).toMatchObject({ state: 'stopped', heldout: null })
    expect(summary.steps).toBeGreaterThan(0)
    expect(existsSync(summary.adapter)).toBe(true)
    const checkpoints = readdirSync(join(project, 'runs', summary.run, 'checkpoints'))
    expect(checkpoints).toContain(`step-${String(summary.steps).padStart(7, '0')}.safetensors`)
    expect(jsonl(summary.metrics, metricsLineSchema)).toHaveLength(summary.steps)
  })

  test('while preparing: nothing is begun', async () => {
    const runs = readdirSync(join(project, 'runs')).sort()
    const child = start()
    const ended = finished(child)
    await shown(child, /student: /)
    child.kill('SIGINT')
    const { code, stdout, stderr } = await ended
    // Either it was still preparing, or the trainer had just begun and saved at once.
    expect(code).toBe(1)
    expect(readdirSync(join(project, 'runs')).filter((name) => name.startsWith('.'))).toEqual([])
    const begun = !stdout.includes('"error"')
    if (begun) expect(trainSummarySchema.parse(JSON.parse(stdout)).state).toBe('stopped')
    else expect(readdirSync(join(project, 'runs')).sort()).toEqual(runs)
    expect(stderr).toContain('stopping')
  })
})

describe('bench train', () => {
  test('the document', async () => {
    const report = await retortJson(benchReportSchema, ['bench', 'train', '--student', STUDENT, '--tokens', '128', '--rank', '4', '--steps', '2', '--threads', '1'])
    expect(report).toMatchObject({ tokens: 128, rank: 4, threads: 1 })
    expect(report.stepSeconds).toHaveLength(2)
    for (const figure of [report.tokensPerSecond, report.gflops, report.limitGflops, report.peakMemoryBytes, report.lossFirst]) expect(figure).toBeGreaterThan(0)
  })
})
