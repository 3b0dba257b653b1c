// Agreement: the trainer's graph and llama.cpp give the same log-probabilities, with the adapter as our own writers export it.
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeF32Copy } from '../../src/core/formats/gguf/index.ts'
import { readLoraGguf } from '../../src/core/pipeline/adapter/index.ts'
import { renderConversation } from '../../src/core/pipeline/training/index.ts'
import { openByteSource, writeFileAtomic } from '../../src/engine/files/index.ts'
import { openChat, openStudent, type ChatEvent } from '../../src/engine/llama/index.ts'
import { maskedExamples } from '../../src/engine/masking.ts'
import { getTrajectory, importPaths, listTrajectories, openProject } from '../../src/engine/project/index.ts'
import { openStudentWeights, type StudentWeights } from '../../src/engine/runtime/weightFile.ts'
import { byLlama, byTrainer, differences, exportable, exportGguf, goldenAdapter, show, throughPeft } from '../support/agreement.ts'
import { goldenPath, readJson } from '../support/golden.ts'
import { haveShared, sharedPath, SMOLLM2 } from '../support/shared.ts'
import { removeFolder, scratch } from '../support/tinyRun.ts'
import { user } from '../support/turns.ts'

const home = scratch()
afterAll(() => removeFolder(home))

describe.each(['llama_tied', 'llama_untied'])('tiny %s', (name) => {
  const path = goldenPath(`tiny/${name}.gguf`)
  const { ids } = readJson<{ ids: number[] }>(goldenPath(`tiny/${name}.json`))
  const adapted = goldenAdapter(goldenPath(`tiny/${name}.json`))
  let student: StudentWeights
  beforeAll(async () => {
    student = await openStudentWeights(path, home)
  })

  test('without an adapter, with it, and with half of it', async () => {
    const file = exportGguf(home, exportable(student, adapted), name)
    const { rank, alpha } = adapted.lora
    const base = await byTrainer(student, [ids], null)
    const cases = [
      { label: 'plain', ours: base, theirs: await byLlama(path, [ids], null) },
      { label: 'adapter', ours: await byTrainer(student, [ids], adapted), theirs: await byLlama(path, [ids], { path: file, scale: 1 }) },
      {
        label: 'half',
        ours: await byTrainer(student, [ids], { ...adapted, lora: { rank, alpha: alpha / 2 } }),
        theirs: await byLlama(path, [ids], { path: file, scale: 0.5 }),
      },
    ]
    for (const { label, ours, theirs } of cases) {
      const found = differences(ours, theirs)
      show(`${name}, ${label}`, found)
      expect(found.max).toBeLessThan(1e-3)
      // Agreement on an adapter without effect would say nothing.
      if (label !== 'plain') expect(differences(ours, base).max).toBeGreaterThan(0.1)
    }
  })

  test('the adapter read back from its GGUF and from a PEFT folder is the one that was trained', () => {
    const adapter = exportable(student, adapted)
    const source = openByteSource(exportGguf(home, adapter, name))
    expect(readLoraGguf(source)).toEqual(adapter)
    source.close()
    expect(throughPeft(student, adapter)).toEqual(adapter)
  })
})

describe.skipIf(!haveShared(SMOLLM2) || !haveShared('golden/smollm2/lora_step.json'))('SmolLM2', () => {
  const file = sharedPath(SMOLLM2)
  const adapted = goldenAdapter(sharedPath('golden/smollm2/lora_step.json'))
  const copy = join(home, 'smollm2.f32.gguf')
  let student: StudentWeights
  let ids: number[]

  beforeAll(async () => {
    const source = openByteSource(file)
    writeFileAtomic(copy, (sink) => writeF32Copy(source, sink))
    source.close()
    student = await openStudentWeights(copy, home)
    // A trajectory that the adapter's golden step did not see, as training would feed it.
    const project = openProject(join(home, 'project'), { create: true })
    await importPaths(project, [resolve(import.meta.dirname, '../fixtures/import/fireact.openai.jsonl')])
    const tokenizer = await openStudent({ path: file, weights: 'none' })
    const rows = listTrajectories(project)
    const { examples } = maskedExamples({ corrected: getTrajectory(project, rows[3]!.id), student: tokenizer, recipe: 'smartad' })
    await tokenizer.dispose()
    project.dispose()
    ids = examples[0]!.ids
    expect(ids).not.toEqual(readJson<{ ids: number[] }>(sharedPath('golden/smollm2/lora_step.json')).ids)
  })

  test('a FireAct trajectory on an F32 copy, without and with the exported adapter: within 1e-3', async () => {
    const adapter = exportable(student, adapted)
    const path = exportGguf(home, adapter, 'smollm2')
    const base = await byTrainer(student, [ids], null)
    const plain = differences(base, await byLlama(copy, [ids], null))
    show('SmolLM2 F32, plain', plain)
    const ours = await byTrainer(student, [ids], adapted)
    const found = differences(ours, await byLlama(copy, [ids], { path, scale: 1 }))
    show('SmolLM2 F32, adapter', found)
    const effect = differences(ours, base)
    show('effect of the adapter', effect)
    expect(plain.max).toBeLessThan(1e-3)
    expect(found.max).toBeLessThan(1e-3)
    expect(effect.max).toBeGreaterThan(0.1)

    const quantised = differences(base, await byLlama(file, [ids], null))
    show('SmolLM2 Q4_1 as served, plain', quantised)
    const served = differences(ours, await byLlama(file, [ids], { path, scale: 1 }))
    show('SmolLM2 Q4_1 as served, adapter', served)
    // llama.cpp rounds the inputs of products with quantised weights to 8 bits: golden/README has 0.065 on another text.
    expect(quantised.mean).toBeLessThan(0.1)
    expect(served.mean).toBeLessThan(0.1)
    expect(throughPeft(student, adapter)).toEqual(adapter)
  })

  type Golden = { ids: number[]; scales: Record<string, Record<'pytorch' | 'llama_cpp_q4_1', number[]>> }

  // Served as Q4_1, no figure of one machine holds for another: kernels that round alike (AVX-512) give the golden to 1e-3, those
  // of AVX2 are 0.06 from it, as far as both are from PyTorch. So exactness is proved on the F32 copy, and the distance on Q4_1.
  test.each(['0.5', '1.0'])('golden log-probs of PyTorch, its adapter at %s: F32 within 1e-3, Q4_1 as near as llama.cpp is', async (scale) => {
    const { ids: tokens, scales } = readJson<Golden>(sharedPath('golden/smollm2/adapter_logprobs.json'))
    const nllOf = (by: 'pytorch' | 'llama_cpp_q4_1') => [Float64Array.from([0, ...scales[scale]![by].map((logProb) => -logProb)])]
    const adapter = { path: sharedPath('golden/smollm2/adapter.gguf'), scale: Number(scale) }
    const exact = differences(await byLlama(copy, [tokens], adapter), nllOf('pytorch'))
    show(`F32, adapter at ${scale}`, exact)
    expect(exact.tokens).toBe(tokens.length - 1)
    expect(exact.max).toBeLessThan(1e-3)
    const served = differences(await byLlama(file, [tokens], adapter), nllOf('pytorch'))
    show(`Q4_1 as served, adapter at ${scale}`, served)
    expect(served.mean).toBeLessThan(1.5 * differences(nllOf('llama_cpp_q4_1'), nllOf('pytorch')).mean)
  })
})

describe('chat with an adapter', () => {
  const path = goldenPath('tiny/llama_tied.gguf')
  const adapted = goldenAdapter(goldenPath('tiny/llama_tied.json'))
  const QUESTIONS = ['the cat?', 'where is the king', 'a red hat', 'on the mat'].map((text) => [user(text)])

  test('at each scale the first token is the one that the trainer finds likeliest, and it comes as a stream', async () => {
    const weights = await openStudentWeights(path, home)
    const adapter = exportGguf(home, exportable(weights, adapted), 'chat')
    const student = await openStudent({ path, weights: 'loaded' })
    const { template, tokenizer } = student
    const vocabulary = Array.from({ length: tokenizer.vocabularySize }, (_, id) => id)
    const firsts: number[][] = []
    for (const turns of QUESTIONS) {
      const prompt = renderConversation({ turns, tools: [], template, tokenizer, generationPrompt: true }).ids
      const row: number[] = []
      for (const scale of [1, 0.5, 0]) {
        const chat = await openChat({ student, context: 128, adapter: { path: adapter, scale } })
        const events: ChatEvent[] = []
        const sampling = { temperature: 0, topP: 1, seed: 0, maxTokens: 8 }
        for await (const event of chat.generate({ turns, tools: [], sampling })) events.push(event)
        await chat.dispose()
        const end = events.at(-1) as ChatEvent & { type: 'end' }
        const pieces = events.flatMap((event) => (event.type === 'text' ? [event.text] : []))
        expect(pieces.join('')).toBe(end.text)
        if (end.ids.length === sampling.maxTokens) expect(pieces.length).toBeGreaterThan(1)

        const { rank, alpha } = adapted.lora
        const scored = scale === 0 ? null : { ...adapted, lora: { rank, alpha: alpha * scale } }
        const nll = await byTrainer(weights, vocabulary.map((id) => [...prompt, id]), scored)
        const likeliest = vocabulary.reduce((best, id) => (nll[id]!.at(-1)! < nll[best]!.at(-1)! ? id : best))
        expect(end.ids[0]).toBe(likeliest)
        row.push(likeliest)
      }
      firsts.push(row)
    }
    await student.dispose()
    // The adapter decides: not every question gets the same beginning at each scale.
    expect(firsts.some(([one, , none]) => one !== none)).toBe(true)
    expect(firsts.some(([one, half]) => one !== half)).toBe(true)
  })
})
