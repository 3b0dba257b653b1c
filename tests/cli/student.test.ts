// Commands that need a student, with the real small model.
import { resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { chatReplySchema } from '../../src/shared/contract/chat.ts'
import { importReportSchema } from '../../src/shared/contract/importing.ts'
import { maskViewSchema } from '../../src/shared/contract/masking.ts'
import { scoreReportSchema } from '../../src/shared/contract/scoring.ts'
import { trajectoryRowSchema } from '../../src/shared/contract/trajectories.ts'
import { haveShared, sharedPath, SMOLLM2 } from '../support/shared.ts'
import { finished, newFolder, retortJson, startRetort } from './support.ts'

const FIXTURE = resolve(import.meta.dirname, '../fixtures/import/fireact.openai.jsonl')
const student = sharedPath(SMOLLM2)

describe.skipIf(!haveShared(SMOLLM2))('with a student', () => {
  const project = newFolder()
  let ids: string[] = []

  beforeAll(async () => {
    await retortJson(importReportSchema, ['import', FIXTURE, '--project', project])
    ids = (await retortJson(z.array(trajectoryRowSchema), ['list', '--project', project])).map(({ id }) => id)
  })

  test('mask: counts, weights and text agree with the tokens', async () => {
    const args = ['mask', ids[0] ?? '', '--project', project, '--student', student]
    const view = await retortJson(maskViewSchema, [...args, '--recipe', 'smartad'])
    const counted = Object.fromEntries(
      Object.keys(view.counts).map((kind) => [kind, view.tokens.filter((token) => token.kind === kind).length]),
    )
    expect(view.counts).toEqual(counted)
    expect(view.trained).toBe(view.tokens.filter(({ ce }) => ce > 0).length)
    expect(view.examples.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(view.tokens.length)
    // SmartAD: 1, 1.5 and 2 for reason, act and final; nothing for what the agent did not write.
    const weights = { reason: 1, act: 1.5, final: 2, observe: 0, context: 0 }
    for (const { kind, ce } of view.tokens) if (kind !== 'end') expect(ce).toBe(weights[kind])
    const agent = view.tokens.filter(({ kind }) => kind === 'reason' || kind === 'act' || kind === 'final')
    expect(agent.map(({ text }) => text).join('')).toMatch(/Thought.*Action/s)
  })

  test('score: both engines see the same tokens and agree on them as far as quantised activations allow', async () => {
    const args = ['score', '--split', 'all', '--project', project, '--student', student]
    const llama = await retortJson(scoreReportSchema, args)
    const trainer = await retortJson(scoreReportSchema, [...args, '--engine', 'trainer'])
    expect(trainer.tokens).toBe(llama.tokens)
    expect(trainer.byKind.observe?.tokens).toBe(llama.byKind.observe?.tokens)
    // llama.cpp rounds activations on quantised files: mean difference 0.05 nats (trainer design page).
    expect(Math.abs(trainer.nll - llama.nll)).toBeLessThan(0.05)
    expect(llama.trajectories.map(({ id }) => id).sort()).toEqual([...ids].sort())
    const sum = llama.trajectories.reduce((total, row) => total + row.nll * row.tokens, 0)
    expect(sum / llama.tokens).toBeCloseTo(llama.nll, 9)
  })

  test('chat: one message, one answer, the same for the same seed', async () => {
    const args = ['chat', '--student', student, '--message', 'Hello', '--max-tokens', '6']
    const reply = await retortJson(chatReplySchema, args)
    expect(reply).toMatchObject({ student, adapter: null })
    expect(reply.tokens).toBeGreaterThan(0)
    expect(reply.tokens).toBeLessThanOrEqual(6)
    expect((await retortJson(chatReplySchema, args)).reply).toBe(reply.reply)
  })

  test('chat: Ctrl-C ends the answer cleanly', async () => {
    const child = startRetort(['chat', '--student', student, '--message', 'Count to a thousand.', '--max-tokens', '4000', '--temperature', '1', '--context', '8000'])
    const ended = finished(child)
    await new Promise((begun) => child.stdout?.once('data', begun))
    child.kill('SIGINT')
    const { code, stderr } = await ended
    expect(code).toBe(1)
    expect(stderr).toContain('stopping')
    expect(stderr).toContain('ended by aborted')
  })
})
