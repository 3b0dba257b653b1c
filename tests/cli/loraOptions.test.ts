// Options of the adapter on a student of another family: what is trained, exported and refused.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { readLoraGguf } from '../../src/core/pipeline/adapter/index.ts'
import { openByteSource } from '../../src/engine/files/index.ts'
import { importReportSchema } from '../../src/shared/contract/importing.ts'
import { exportReportSchema } from '../../src/shared/contract/exporting.ts'
import { trainSummarySchema } from '../../src/shared/contract/training.ts'
import { goldenPath } from '../support/golden.ts'
import { writeRecords } from '../support/killTrial.ts'
import { newFolder, retort, retortJson } from './support.ts'

const folder = newFolder()
const project = join(folder, 'project')
const train = (...more: string[]): string[] => [
  'train', '--project', project, '--student', goldenPath('tiny/gemma3.gguf'), '--rank', '4', '--alpha', '6', '--lr', '0.01',
  '--context', '256', '--batch-tokens', '300', '--max-steps', '3', '--heldout', '0.3', ...more,
]

beforeAll(() => {
  process.env['RETORT_HOME'] = join(folder, 'home')
  writeRecords(join(folder, 'records.jsonl'), 20)
  return retortJson(importReportSchema, ['import', join(folder, 'records.jsonl'), '--project', project])
})

test('some layers, rank-stabilised, with dropout: in the adapter that is served and in the one for PEFT', async () => {
  const weights = ['--reason-kl', '0.5', '--act-ce', '2', '--final-ce', '3']
  const { run, adapter, heldout, metrics, recipe } = await retortJson(trainSummarySchema, train('--targets', 'q_proj,ffn_down', '--rslora', '--dropout', '0.25', ...weights))
  expect(heldout!.after).not.toBe(heldout!.before)
  // Loss weights of kinds, as given: what the recipe becomes by them stands in the run, its examples and its summary.
  expect(recipe).toBe('structured agent distillation (hard targets), reason KL 0.5 (counts as CE), act CE 2, final CE 3')
  const { settings } = JSON.parse(readFileSync(join(dirname(metrics), 'run.json'), 'utf8')) as { settings: object }
  expect(settings).toMatchObject({ reasonKl: 0.5, actCe: 2, finalCe: 3 })
  expect(settings).not.toHaveProperty('actKl')
  const source = openByteSource(adapter)
  const { matrices, ...scale } = readLoraGguf(source)
  source.close()
  expect(scale).toEqual({ rank: 4, alpha: 6, architecture: 'gemma3', rankStable: true, dropout: 0.25, step: 3 })
  expect([...matrices.keys()].map((name) => name.split('.')[2])).toEqual(['attn_q', 'ffn_down', 'attn_q', 'ffn_down'])
  const out = join(folder, 'peft')
  await retortJson(exportReportSchema, ['export', run, '--to', 'peft', '--out', out, '--project', project])
  expect(JSON.parse(readFileSync(join(out, 'adapter_config.json'), 'utf8'))).toMatchObject({
    r: 4, lora_alpha: 6, lora_dropout: 0.25, use_rslora: true, target_modules: ['down_proj', 'q_proj'],
  })
})

test('a target that the student has not is refused before a run is made', async () => {
  const { code, stderr } = await retort(train('--targets', 'attn_q,lm_head'))
  expect(code).not.toBe(0)
  expect(stderr).toContain('lm_head')
  expect(stderr).toContain('attn_q, attn_k')
})
