// Loss and LoRA gradients of the training graph in ONNX Runtime against PyTorch: a tiny model of each family, and SmolLM2.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { makeBatch } from '../../../src/core/pipeline/training/batch.ts'
import {
  adamW, ADAMW_DEFAULTS, clipFactor, globalNorm, gradientOf, loraMatrices, scoringGraph, trainedTensors, trainingGraph,
  type LoraConfig, type Parameters,
} from '../../../src/core/nn/index.ts'
import type { CompiledGraph, FedTensor } from '../../../src/core/ports/index.ts'
import { createOnnxRuntime } from '../../../src/engine/runtime/onnxRuntime.ts'
import { openStudentWeights, type StudentWeights } from '../../../src/engine/runtime/weightFile.ts'
import { cosine, goldenPath, readFloatTensors, readFloatTensorsOf, readJson, relativeError } from '../../support/golden.ts'
import { haveShared, sharedPath, SMOLLM2 } from '../../support/shared.ts'

const cache = mkdtempSync(join(tmpdir(), 'retort-golden-'))
afterAll(() => rmSync(cache, { recursive: true, force: true }))

type Sample = { ids: number[]; weights: number[] }

/** A batch with weights divided by their sum, as a training step feeds them. */
function batchOf({ config }: StudentWeights, { ids, weights }: Sample) {
  const total = weights.slice(1).reduce((sum, weight) => sum + weight, 0)
  const weightOf = ({ token }: { token: number }): number | null => (weights[token] as number) / total || null
  return makeBatch({ config, sequences: [{ ids }], weightOf })
}

const adapterOf = (tensors: Map<string, Float32Array>): Map<string, Float32Array> =>
  new Map([...tensors].filter(([name]) => /\.lora_[ab]$/.test(name)).map(([name, values]) => [name, Float32Array.from(values)]))

function feedsOf(student: StudentWeights, sample: Sample, lora: LoraConfig, parameters: Parameters): Map<string, FedTensor> {
  const feeds = new Map(batchOf(student, sample).feeds)
  for (const { name, shape } of loraMatrices(student.config, lora))
    feeds.set(name, { dtype: 'f32', shape, data: parameters.get(name) as Float32Array })
  return feeds
}

async function compile(student: StudentWeights, lora: LoraConfig, recompute = false): Promise<CompiledGraph> {
  return createOnnxRuntime({ threads: 2, weights: student }).compile('golden', trainingGraph(student.config, lora, { recompute }))
}

describe.each(['llama_tied', 'llama_untied', 'qwen2', 'qwen3', 'gemma3'])('tiny %s', (name) => {
  type Golden = Sample & { loss: number; lora: { r: number; alpha: number; loss: number } }
  const golden = readJson<Golden>(goldenPath(`tiny/${name}.json`))
  const tensors = readFloatTensors(goldenPath(`tiny/${name}.safetensors`))
  const lora = { rank: golden.lora.r, alpha: golden.lora.alpha }

  test('loss without an adapter, and the nll of every token', async () => {
    const student = await openStudentWeights(goldenPath(`tiny/${name}.gguf`), cache)
    const graph = await createOnnxRuntime({ threads: 1, weights: student }).compile('score', scoringGraph(student.config, null))
    const { feeds } = makeBatch({ config: student.config, sequences: [golden], weightOf: () => 1 })
    const found = (await graph.run(feeds)).get('nll') as Float32Array
    await graph.dispose()
    expect(relativeError(found, (tensors.get('nll') as Float32Array).subarray(1))).toBeLessThan(1e-5)
  })

  test.each([false, true])('loss and gradients with the adapter (recompute: %s)', async (recompute) => {
    const student = await openStudentWeights(goldenPath(`tiny/${name}.gguf`), cache)
    const graph = await compile(student, lora, recompute)
    const results = await graph.run(feedsOf(student, golden, lora, adapterOf(tensors)))
    await graph.dispose()
    const loss = (results.get('loss') as Float32Array)[0] as number
    const errors = loraMatrices(student.config, lora).map(({ name: matrix }) =>
      relativeError(results.get(gradientOf(matrix)) as Float32Array, tensors.get(`${matrix}.grad`) as Float32Array),
    )
    const [lossError, worst] = [Math.abs(loss / golden.lora.loss - 1), Math.max(...errors)]
    console.log(`${name}: loss ${lossError.toExponential(1)} relative, LoRA gradients at most ${worst.toExponential(1)}`)
    expect(lossError).toBeLessThan(2e-6)
    expect(worst).toBeLessThan(1e-4)
  })
})

test.each([false, true])('full-parameter training of tiny llama_tied: every gradient, the embedding\'s with both uses (recompute: %s)', async (recompute) => {
  const golden = readJson<Sample & { loss: number }>(goldenPath('tiny/llama_tied.json'))
  const tensors = readFloatTensors(goldenPath('tiny/llama_tied.safetensors'), (name) => name.startsWith('full.'))
  const student = await openStudentWeights(goldenPath('tiny/llama_tied.gguf'), cache)
  const weights = readFloatTensorsOf(goldenPath('tiny/llama_tied.gguf'))
  const graph = await createOnnxRuntime({ threads: 1 }).compile('full', trainingGraph(student.config, 'full', { recompute }))
  const feeds = new Map(batchOf(student, golden).feeds)
  const trained = trainedTensors(student.config, 'full')
  for (const { name, shape } of trained) feeds.set(name, { dtype: 'f32', shape, data: weights.get(name) as Float32Array })
  const results = await graph.run(feeds)
  await graph.dispose()
  const loss = (results.get('loss') as Float32Array)[0] as number
  const errors = trained.map(({ name }) => relativeError(results.get(gradientOf(name)) as Float32Array, tensors.get(`full.${name}.grad`) as Float32Array))
  console.log(`llama_tied, full: loss ${Math.abs(loss / golden.loss - 1).toExponential(1)} relative, gradients at most ${Math.max(...errors).toExponential(1)}`)
  expect(trained).toHaveLength(tensors.size)
  expect(Math.abs(loss / golden.loss - 1)).toBeLessThan(2e-6)
  expect(Math.max(...errors)).toBeLessThan(1e-4)
})

describe.skipIf(!haveShared(SMOLLM2))('SmolLM2-135M', () => {
  type Step = Sample & { loss: number; nll: number[]; lora: { r: number; alpha: number } }
  const golden = readJson<Step>(sharedPath('golden/smollm2/lora_step.json'))
  const tensors = readFloatTensors(sharedPath('golden/smollm2/lora_step.safetensors'))
  const lora = { rank: golden.lora.r, alpha: golden.lora.alpha }

  test('loss within 1e-4, every gradient within 3e-3 and cosine 0.99999', async () => {
    const student = await openStudentWeights(sharedPath(SMOLLM2), cache)
    const graph = await compile(student, lora)
    const results = await graph.run(feedsOf(student, golden, lora, adapterOf(tensors)))
    await graph.dispose()
    const loss = (results.get('loss') as Float32Array)[0] as number
    let [worst, least, norms] = [0, 1, 0]
    for (const { name } of loraMatrices(student.config, lora)) {
      const found = results.get(gradientOf(name)) as Float32Array
      const expected = tensors.get(`${name}.grad`) as Float32Array
      worst = Math.max(worst, relativeError(found, expected))
      least = Math.min(least, cosine(found, expected))
      const norm = (x: Float32Array): number => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0))
      norms = Math.max(norms, norm(found.map((v, i) => v - (expected[i] as number))) / norm(expected))
    }
    console.log(`SmolLM2: loss ${loss} (PyTorch ${golden.loss}); gradients: max rel ${worst}, norm-wise ${norms}, cosine ${least}`)
    expect(Math.abs(loss / golden.loss - 1)).toBeLessThan(2e-5)
    expect(worst).toBeLessThan(3e-3)
    expect(norms).toBeLessThan(1e-3)
    expect(least).toBeGreaterThan(0.99999)
  })

  type Series = {
    weight_decay: number
    clip_global_norm: number | null
    lrs: number[]
    losses: number[]
    grad_norms_before_clipping: number[]
    loss_after_last_step: number
  }
  const { series } = readJson<{ series: Record<string, Series> }>(sharedPath('golden/smollm2/adamw.json'))

  test.each(Object.keys(series))('six AdamW steps: %s', async (name) => {
    const reference = series[name] as Series
    const student = await openStudentWeights(sharedPath(SMOLLM2), cache)
    const graph = await compile(student, lora)
    const parameters = adapterOf(tensors)
    const optimiser = adamW({ ...ADAMW_DEFAULTS, weightDecay: reference.weight_decay })
    const state = optimiser.init(parameters)
    const losses: number[] = []
    for (const [step, lr] of [...reference.lrs, 0].entries()) {
      const results = await graph.run(feedsOf(student, golden, lora, parameters))
      losses.push((results.get('loss') as Float32Array)[0] as number)
      if (step === reference.lrs.length) break
      const gradients = new Map([...parameters.keys()].map((key) => [key, results.get(gradientOf(key)) as Float32Array]))
      const norm = globalNorm(gradients)
      expect(Math.abs(norm / (reference.grad_norms_before_clipping[step] as number) - 1)).toBeLessThan(1e-3)
      optimiser.update(parameters, { gradients, scale: clipFactor(norm, reference.clip_global_norm ?? 0), state, lr })
    }
    await graph.dispose()
    const expected = [...reference.losses, reference.loss_after_last_step]
    const errors = losses.map((loss, i) => Math.abs(loss / (expected[i] as number) - 1))
    console.log(`AdamW ${name}: max relative loss difference ${Math.max(...errors)}`)
    expect(Math.max(...errors)).toBeLessThan(2e-4)
  })
})
