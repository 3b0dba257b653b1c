// `--repeats`: every command that has episodes worked at takes it; 0 is off, and one step repeats nothing.
import { expect, test } from 'vitest'
import type { Command } from '../../src/cli/command.ts'
import { agent } from '../../src/cli/commands/agent.ts'
import { evalCommand } from '../../src/cli/commands/eval.ts'
import { ladder } from '../../src/cli/commands/ladder.ts'
import { teach } from '../../src/cli/commands/teach.ts'
import { parseCommand } from '../../src/cli/parse.ts'
import { repeatsOf, wantedRepeats } from '../../src/cli/repeats.ts'

test.each<[string, Command, string[], number | undefined]>([
  ['eval', evalCommand, [], undefined], ['ladder', ladder, [], undefined], ['teach', teach, [], undefined],
  // A person looks on.
  ['agent', agent, ['Why?'], 0],
])('%s', (_, command, args, usual) => {
  const repeats = (...more: string[]): unknown => parseCommand(command, [...args, ...more]).options['repeats']
  expect([repeats(), repeats('--repeats', '0'), repeats('--repeats', '12')]).toEqual([usual, 0, 12])
  expect(() => repeats('--repeats', '-1')).toThrow(expect.objectContaining({ code: 'usage' }) as Error)
})

test('1 is refused by name; what is not given is not wished for', () => {
  expect(() => repeatsOf(1, 'eval')).toThrow(expect.objectContaining({ code: 'usage', where: 'retort eval --repeats', found: '1' }) as Error)
  expect([wantedRepeats(undefined, 'eval'), wantedRepeats(0, 'eval'), wantedRepeats(3, 'eval')]).toEqual([{}, { repeats: 0 }, { repeats: 3 }])
})
