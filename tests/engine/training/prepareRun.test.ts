// Preparing a run: one trajectory that cannot be masked does not stop the others; keep-last drops as few steps as it takes.
import { describe, expect, test } from 'vitest'
import { maskTrajectory, RECIPES, withoutSteps } from '../../../src/core/pipeline/training/index.ts'
import type { ChatTemplate } from '../../../src/core/ports/index.ts'
import { prepareRun, type Member, type PrepareInput } from '../../../src/engine/training/prepareRun.ts'
import { defaultSettings } from '../../../src/engine/training/settings.ts'
import type { SpanKind } from '../../../src/shared/records/span.ts'
import type { Turn } from '../../../src/shared/records/trajectory.ts'
import * as templates from '../../support/templates.ts'
import { agent, environment, trajectoryOf, user } from '../../support/turns.ts'

const KINDS: Record<Turn['role'], SpanKind> = { system: 'context', user: 'context', environment: 'observe', agent: 'reason' }

const member = (id: string, turns: Turn[]): Member => ({
  trajectory: trajectoryOf(turns, { id }),
  spans: turns.map(({ role, text }) => [{ start: 0, end: text.length, kind: KINDS[role], rule: 'test' }]),
  labels: new Map(),
  split: 'train',
})
const steps = (count: number): Turn[] =>
  Array.from({ length: count }, (_, k) => [agent(`step ${k} ${'go '.repeat(k % 5)}`), environment(`seen ${k}`)]).flat()

/** Refuses, and cannot follow, what single contents say. */
const template: ChatTemplate = {
  source: templates.plain.source,
  render(input) {
    if (input.messages.some(({ content }) => content.includes('REFUSE'))) throw new Error('not this one')
    return templates.plain.render(input).replaceAll('LOUD', 'loud')
  },
}
const prepare = (members: Member[], change: Partial<PrepareInput['settings']> = {}, onProgress?: PrepareInput['onProgress']) =>
  prepareRun({
    members,
    student: { template, tokenizer: templates.chatTokenizer },
    settings: { ...defaultSettings(), recipe: 'sft', ...change },
    ...(onProgress && { onProgress }),
  })

const GOOD = member('good', [user('q'), agent('a')])
const REFUSED = member('refused', [user('REFUSE'), agent('a')])
const REWRITTEN = member('rewritten', [user('q'), agent('say LOUD')])
const MARKS = member('marks', [user(String.fromCharCode(...Array.from({ length: 0x1900 }, (_, k) => 0xe000 + k))), agent('a')])

describe('trajectories that cannot be masked', () => {
  test('are left out with the reason, and the others are prepared', async () => {
    const { examples, left } = await prepare([REFUSED, GOOD, REWRITTEN, MARKS])
    expect(examples.map(({ trajectoryId }) => trajectoryId)).toEqual(['good'])
    expect(left.map(({ trajectoryId }) => trajectoryId)).toEqual(['refused', 'rewritten', 'marks'])
    expect(left[0]!.reason).toMatch(/refuses this conversation; found not this one.*expected a conversation that the template/)
    expect(left[1]!.reason).toMatch(/found the template writes the text of the turn in another form.*trajectory rewritten, turn 1/)
    expect(left[2]!.reason).toMatch(/found 6400 different characters.*expected a run of 19/)
  })
  test('when none is left the error says why', async () => {
    await expect(prepare([REFUSED, MARKS])).rejects.toMatchObject({
      code: 'no-trained-tokens',
      found: expect.stringMatching(/left out: refused: .*not this one.*and 1 more/),
    })
  })
  test('a bug is no reason to leave one out', async () => {
    const broken = { ...GOOD, spans: null as never }
    await expect(prepare([broken, GOOD])).rejects.toThrow(TypeError)
  })
})

describe('keep-last', () => {
  const long = member('long', [user('the task'), ...steps(60)])
  const lengthWithout = (dropped: number): number => {
    const stretch = withoutSteps(long, dropped)
    const { examples } = maskTrajectory({ ...stretch, recipe: RECIPES.sft, template: templates.plain, tokenizer: templates.chatTokenizer })
    return examples[0]!.example.ids.length
  }
  test.each([80, 300, 1000, 2500])('drops as few steps as a context of %i tokens takes, by few maskings', async (context) => {
    let fewest = 0
    while (lengthWithout(fewest) > context) fewest++
    let masked = 0
    const { examples, left } = await prepare([long], { context, tooLong: 'keep-last' }, async () => void masked++)
    expect(examples[0]!.ids).toHaveLength(lengthWithout(fewest))
    expect(left.map(({ reason }) => reason)).toEqual([`its first ${fewest} steps do not fit into the context`])
    expect(masked).toBeLessThanOrEqual(2 + Math.ceil(Math.log2(60)) + 1)
  })
  test('one whose last step alone is too long is left out, whole', async () => {
    const { left } = await prepare([GOOD, long], { context: 30, tooLong: 'keep-last' })
    expect(left).toEqual([{ trajectoryId: 'long', reason: expect.stringMatching(/^long has \d+ tokens, the context holds 30$/), why: 'too-long', tokens: expect.any(Number) }])
  })
  test('limited steps say what they see of the training side', async () => {
    const limited = await prepare([GOOD, long], { context: 100_000, maxSteps: 1, batchTokens: 1 })
    expect(limited.seen).toEqual({ examples: 1, tokens: expect.any(Number) })
    expect(limited.seen!.tokens).toBeLessThan(limited.tokens)
    expect((await prepare([GOOD], { context: 100_000 })).seen).toBeUndefined()
  })
  test('can be stopped between two maskings of one trajectory', async () => {
    let calls = 0
    const stopping = prepare([long], { context: 300, tooLong: 'keep-last' }, async () => {
      if (++calls === 3) throw new DOMException('stopped', 'AbortError')
    })
    await expect(stopping).rejects.toMatchObject({ name: 'AbortError' })
  })
})
