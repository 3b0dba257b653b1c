// The starter student: its text keeps the rule, and its file is what the trainer and llama.cpp both read, alike.
import { statSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { createCheck } from '../../scripts/starter/clear.ts'
import { corpus, GENRES, textOf } from '../../scripts/starter/corpus.ts'
import { plainTurn } from '../../src/core/pipeline/trajectory/index.ts'
import { drawProblems, SUITES } from '../../src/core/suites/index.ts'
import { openChat, openStudent } from '../../src/engine/llama/index.ts'
import { starterStudent } from '../../src/engine/paths.ts'
import { openStudentWeights } from '../../src/engine/runtime/weightFile.ts'
import { byLlama, byTrainer, differences, show } from '../support/agreement.ts'
import { removeFolder, scratch } from '../support/tinyRun.ts'

const problemOf = createCheck()
const home = scratch()
afterAll(() => removeFolder(home))

describe('the text', () => {
  const lines = [...corpus({ seed: 7, characters: 400_000 })]

  test('holds nothing of agents, and all but lists of furniture nothing of what is measured', () => {
    const problems = lines.flatMap(({ line }) => problemOf(textOf(line)) ?? [])
    expect(problems.filter((problem) => !problem.includes('household'))).toEqual([])
    // Those few lines are left out when it is written.
    expect(problems.length).toBeLessThan(lines.length / 500)
  })

  test('has all genres by their shares, from a seed', () => {
    expect([...corpus({ seed: 7, characters: 20_000 })]).toEqual(lines.slice(0, [...corpus({ seed: 7, characters: 20_000 })].length))
    const lengths = new Map<string, number>()
    for (const { genre, line } of lines) lengths.set(genre, (lengths.get(genre) ?? 0) + textOf(line).length)
    for (const { name } of GENRES) expect(lengths.get(name), name).toBeGreaterThan(5_000)
  })

  test.each(['Thought: I add.\nAction: none', 'First calc[12+7].', 'so finish[4]', 'Observation: 5', '```js\n1\n```', 'go[table 1]'])('refuses what agents write: %s', (text) => {
    expect(problemOf(`Plain words before.\n${text}`)).toMatch(/what agents write/)
  })

  const heldOut = SUITES.map((suite) => [suite.name, [...drawProblems(suite, { split: 'held-out', seed: 1, count: 1 })][0]!.task.question] as const)
  test.each(heldOut.filter(([, question]) => question.split(' ').length >= 12))('refuses a held-out question of %s', (name, question) => {
    expect(problemOf(`Some words. ${question} And more.`)).toContain(name)
  })
})

describe('the file', () => {
  test('is small enough to come along', () => expect(statSync(starterStudent).size).toBeLessThan(12e6))

  test('llama.cpp and the trainer find the same in it', async () => {
    const weights = await openStudentWeights(starterStudent, home)
    const student = await openStudent({ path: starterStudent, weights: 'none' })
    const texts = ['Olga has 48213 tiles. Then 9917 more arrive.', 'On shelf 1: mug 1, pen 2. Where is pen 2? On shelf 1.', 'Repeat: 8402 lamp 55173\n8402 lamp 55173']
    const sequences = texts.map((text) => [0, ...student.tokenizer.encode(text)])
    await student.dispose()
    const found = differences(await byTrainer(weights, sequences, null), await byLlama(starterStudent, sequences, null))
    show('starter, trainer against llama.cpp', found)
    expect(found.max).toBeLessThan(0.02)
  })

  test('it copies what it is told, digit by digit, and knows when to end', async () => {
    const student = await openStudent({ path: starterStudent, weights: 'loaded' })
    const chat = await openChat({ student, context: 256 })
    const say = async (text: string): Promise<string> => {
      let said = ''
      const request = { turns: [plainTurn('user', text)], tools: [], sampling: { temperature: 0, topP: 1, seed: 0, maxTokens: 40 }, signal: new AbortController().signal }
      for await (const event of chat.generate(request)) if (event.type === 'text') said += event.text
      return said
    }
    try {
      expect(student.tokenizer.encode('852948')).toHaveLength(6)
      expect(await say('Repeat: 8402 lamp 55173')).toBe('8402 lamp 55173')
      expect(await say('How is "8821 times 4077, plus 93112" written?')).toBe('8821*4077+93112')
      expect(await say('Who are you?')).toContain('starter student of Retort')
    } finally {
      await chat.dispose()
      await student.dispose()
    }
  })
})
