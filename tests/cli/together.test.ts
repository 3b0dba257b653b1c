// Options that would change nothing are refused by name: what is gone on with keeps what it was begun with.
import { expect, test } from 'vitest'
import type { Command } from '../../src/cli/command.ts'
import { commands } from '../../src/cli/commands/index.ts'
import { parseCommand } from '../../src/cli/parse.ts'

const named = (name: string): Command => commands.find((command) => command.name === name)!

test.each<[string, string[], string]>([
  ['teach', ['--resume', 'B', '--suite', 'shop', '--n', '500'], '--suite, --n with --resume'],
  ['teach', ['--resume', 'B', '--estimate'], '--estimate with --resume'],
  ['teach', ['--resume', 'B', '--teacher', 'expert'], '--teacher with --resume'],
  ['ladder', ['--resume', 'L', '--tokens', '99999', '--seeds', '4,5', '--tasks', '9'], '--tokens, --seeds, --tasks with --resume'],
  ['ladder', ['--list', '--suite', 'arith'], '--suite with --list'],
  ['eval', ['--resume', 'E', '--suite', 'arith', '--tasks', '3', '--student', 'nosuch.gguf'], '--suite, --tasks, --student with --resume'],
  ['eval', ['--suite', 'arith', '--temperature', '0.9'], '--temperature without --sag'],
  ['eval', ['--suite', 'arith', '--top-p', '0.9'], '--top-p without --sag'],
  ['eval', ['--suite', 'arith', '--sampling-seed', '9'], '--sampling-seed without --sag'],
  ['eval', ['--suite', 'arith', '--expert', '--budget', '5'], '--budget without --endpoint and --resume'],
  ['eval', ['--suite', 'arith', '--price-in', '5', '--price-out', '5'], '--price-in without --endpoint'],
  ['eval', ['--resume', 'E', '--list'], '--resume with --list'],
])('%s %j', (name, args, found) => {
  expect(() => parseCommand(named(name), args)).toThrow(expect.objectContaining({ code: 'usage', where: `retort ${name}`, found }))
})

test.each<[string, string[]]>([
  ['teach', ['--resume', 'B', '--key-env', 'K', '--concurrency', '9', '--rpm', '100', '--tpm', '5', '--tries', '2', '--patience', '7', '--budget', '5', '--budget-tokens', '9']],
  ['ladder', ['--resume', 'L', '--rpm', '1', '--budget', '5', '--side-by-side', '2', '--threads', '1']],
  ['eval', ['--resume', 'E', '--key-env', 'K', '--budget', '5', '--rpm', '3', '--tries', '2', '--side-by-side', '2']],
  ['eval', ['--suite', 'arith', '--sag', '4', '--temperature', '0.9', '--top-p', '0.9', '--sampling-seed', '1']],
  ['eval', ['--list', '--project', 'p', '--json', '--quiet']],
])('%s %j count', (name, args) => {
  expect(parseCommand(named(name), args).options).toBeDefined()
})
