// Entry of the process that tests an execution provider: whatever its driver does, it ends no other process.
import { join } from 'node:path'
import { benchSteps } from '../bench/trainingBench.ts'
import { agrees } from '../runtime/providers/agrees.ts'
import { selfTest } from '../runtime/providers/selfTest.ts'
import type { TestAnswer, TestRequest } from '../runtime/providers/testProcess.ts'
import { REALISTIC, writeTrialModel } from '../runtime/providers/trialModel.ts'
import { tellParent } from './tellParent.ts'

const TOKENS = 256
const STEPS = 3

/** Whole training steps at the shapes of real work. */
async function speedOf({ provider, compute, threads, folder }: TestRequest): Promise<number> {
  const student = join(folder, 'realistic.gguf')
  writeTrialModel(student, REALISTIC)
  const ids = Array.from({ length: TOKENS }, (_, i) => (i * 37) % REALISTIC.vocabulary)
  const job = { student, cacheDir: folder, sequences: [{ ids }], lora: { rank: 16, alpha: 32 }, recompute: false, steps: STEPS, threads, provider, compute }
  return (await benchSteps(job)).tokensPerSecond
}

async function test(request: TestRequest): Promise<void> {
  const found = await selfTest(request, request.folder)
  await tellParent<TestAnswer>({ type: 'compared', ...found })
  if (request.speed && agrees(found.agreement)) await tellParent<TestAnswer>({ type: 'measured', tokensPerSecond: await speedOf(request) })
}

process.once('message', (request: TestRequest) => {
  test(request)
    .catch((error: unknown) => tellParent<TestAnswer>({ type: 'failed', found: error instanceof Error ? error.message : String(error) }))
    .finally(() => process.exit())
})
// Nobody is left to answer.
process.once('disconnect', () => process.exit())
