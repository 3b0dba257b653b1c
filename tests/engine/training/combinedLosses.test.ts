// One step of a combined objective on the tiny llama in ONNX Runtime against PyTorch in float64 (tests/golden/losses/make_more.py):
// JSD on REASON and ACT, cross entropy with weights for each kind, KL to the base, and L_curriculum's factors.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loraMatrices, trainingGraph } from '../../../src/core/nn/index.ts'
import { BASE_TOP, chosenRecipe, objectiveOf, scoreBase, termsOf, type Objective } from '../../../src/core/pipeline/training/index.ts'
import { runStep, type StepResult } from '../../../src/core/pipeline/training/passes.ts'
import type { GraphRuntime, TeacherDistributions } from '../../../src/core/ports/index.ts'
import { createOnnxRuntime } from '../../../src/engine/runtime/onnxRuntime.ts'
import { openStudentWeights, type StudentWeights } from '../../../src/engine/runtime/weightFile.ts'
import { fillSettings } from '../../../src/engine/training/settings.ts'
import type { MaskedExample, TokenKind } from '../../../src/shared/records/example.ts'
import { goldenPath, readFloatTensors, readJson, relativeError } from '../../support/golden.ts'

type Golden = {
  weights: Record<'context' | 'reason' | 'act' | 'final', { ce: number; kl: number }>
  klBeta: number
  temperature: number
  stayClose: number
  k: number
  factors: number[]
  loss: number
  minimised: number
  klByKind: Record<string, number>
  examples: { ids: number[]; kinds: TokenKind[]; teacher: Record<string, { ids: number[]; logProbs: number[] }> }[]
}
const golden = readJson<Golden>(goldenPath('losses/combined.json'))
const gradients = readFloatTensors(goldenPath('losses/combined.safetensors'))
const tiny = readJson<{ lora: { r: number; alpha: number } }>(goldenPath('tiny/llama_tied.json'))
const adapter = readFloatTensors(goldenPath('tiny/llama_tied.safetensors'), (name) => /\.lora_[ab]$/.test(name))
const lora = { rank: tiny.lora.r, alpha: tiny.lora.alpha }

const { weights: given } = golden
const settings = fillSettings({
  recipe: 'sad', reasonCe: given.reason.ce, reasonKl: given.reason.kl, actCe: given.act.ce, actKl: given.act.kl, finalCe: given.final.ce, finalKl: given.final.kl,
  kl: 'jsd', klBeta: golden.klBeta, temperature: golden.temperature, stayClose: golden.stayClose,
})
const weights = chosenRecipe(settings).weights('distribution')
const examples = golden.examples.map(({ ids, kinds }, i): MaskedExample => {
  const of = (which: 'ce' | 'kl'): number[] => kinds.map((kind, token) => (token === 0 ? 0 : weights[kind as 'reason'][which]))
  return { id: `t${i}`, trajectoryId: `t${i}`, ids, kinds, parts: ids.map(() => 'none'), steps: ids.map(() => 0), ce: of('ce'), kl: of('kl'), own: 0, straddling: 0 }
})
const teacher: TeacherDistributions = {
  k: golden.k,
  label: 'made up',
  vocabulary: null,
  row: (id, token) => golden.examples[Number(id.slice(1))]!.teacher[token] ?? null,
  coverage: () => ({ tokens: 0, of: 0, mass: 0 }),
}

const cache = mkdtempSync(join(tmpdir(), 'retort-combined-'))
afterAll(() => rmSync(cache, { recursive: true, force: true }))
let student: StudentWeights
let runtime: GraphRuntime
let objective: Objective
beforeAll(async () => {
  student = await openStudentWeights(goldenPath('tiny/llama_tied.gguf'), cache)
  runtime = createOnnxRuntime({ threads: 1, weights: student })
  const base = await scoreBase({ runtime, config: student.config, examples, k: BASE_TOP, proceed: async () => 'go' })
  objective = objectiveOf(settings, { teacher, base })
})

async function oneStep(passes: readonly (readonly number[])[], factors: readonly number[] | null): Promise<StepResult> {
  const { config } = student
  const graph = await runtime.compile('combined', trainingGraph(config, lora, { terms: termsOf(objective) }))
  const step = { examples: examples.map((_, i) => i), passes, lr: 0, stage: 0, factors }
  const parameters = new Map([...adapter].map(([name, values]) => [name, Float32Array.from(values)]))
  const result = await runStep({
    config, trainable: lora, examples, graph, parameters, objective, spanWeights: null, step, reference: false, now: () => 0, proceed: async () => 'go',
  })
  await graph.dispose()
  return result!
}

test('the settings are the weights that the golden was made with', () => {
  expect(weights).toMatchObject({ ...given, observe: { ce: 0, kl: 0 } })
})

describe.each([
  { what: 'in one pass', passes: [[0, 1]] },
  { what: 'accumulated over two', passes: [[1], [0]] },
])('$what', ({ what, passes }) => {
  test.each([
    { name: 'plain', factors: null },
    { name: 'paced', factors: golden.factors },
  ])('$name: loss, KL of each kind and the gradient of every matrix', async ({ name, factors }) => {
    const result = await oneStep(passes, factors)
    // Shown is the loss before pacing; what is minimised shows in the gradients.
    const lossError = Math.abs(result.loss / golden.loss - 1)
    const errors = loraMatrices(student.config, lora).map((matrix) => relativeError(result.gradients.get(matrix.name)!, gradients.get(`${name}.${matrix.name}.grad`)!))
    console.log(`${name} ${what}: loss ${lossError.toExponential(1)} relative, gradients at most ${Math.max(...errors).toExponential(1)}`)
    expect(lossError).toBeLessThan(2e-6)
    expect(Math.max(...errors)).toBeLessThan(1e-4)
    for (const [kind, mean] of Object.entries(result.teacherKl.byLabel())) expect(mean.nll / golden.klByKind[kind]!).toBeCloseTo(1, 5)
    expect(Object.keys(result.teacherKl.byLabel()).sort()).toEqual(['act', 'reason'])
  })
})
