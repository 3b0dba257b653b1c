// Teachers on the command line: what is missing is named; a budget of 0 is no limit's name, and what is not named stays as it was.
import { describe, expect, test } from 'vitest'
import type { Command, CommandContext } from '../../src/cli/command.ts'
import { agent } from '../../src/cli/commands/agent.ts'
import { askCommand } from '../../src/cli/commands/ask.ts'
import { box } from '../../src/cli/commands/box.ts'
import { parseCommand } from '../../src/cli/parse.ts'
import { teach } from '../../src/cli/commands/teach.ts'
import { budgetOf, newBudget, type TeacherOptions, trafficOf } from '../../src/cli/teacherOptions.ts'

const options = (...args: string[]): TeacherOptions => parseCommand(teach, ['--suite', 'arith', ...args]).options as unknown as TeacherOptions

describe('budgets', () => {
  test('a budget of 0 is refused: it is never no budget', () => {
    const refused = expect.objectContaining({ code: 'usage', found: '0' })
    expect(() => budgetOf(options('--budget', '0'), 'teach')).toThrow(refused)
    expect(() => newBudget(options('--budget', '0'), 'teach')).toThrow(refused)
  })

  test('of what is gone on with, only the limits that are named change', () => {
    expect(newBudget(options(), 'teach')).toBeUndefined()
    expect(newBudget(options('--budget', '5'), 'teach')).toEqual({ cost: 5 })
    expect(newBudget(options('--budget-tokens', '9'), 'teach')).toEqual({ tokens: 9 })
    expect(budgetOf(options('--budget-tokens', '9'), 'teach')).toEqual({ cost: null, tokens: 9 })
  })
})

test('how fast it is asked: only what is named changes, in what is gone on with', () => {
  const named = (...args: string[]) => Object.entries(trafficOf(options(...args))).filter(([, value]) => value !== undefined)
  expect(named()).toEqual([])
  expect(named('--concurrency', '9', '--rpm', '2', '--patience', '7')).toEqual([['concurrency', 9], ['patience', 7], ['requestsPerMinute', 2]])
})

describe('what is missing is named', () => {
  const context = (args: string[] = []): CommandContext => ({ args, project: '/none', cwd: '/', engine: {}, out: { json: false } }) as unknown as CommandContext
  const run = async (command: Command, ...args: string[]): Promise<unknown> => {
    const { options, args: positionals } = parseCommand(command, args)
    return command.execute(options, context([...positionals]))
  }

  test.each<[string, Command, string[], object]>([
    ['an expert needs its suite', askCommand, ['t1', '--step', '0', '--teacher', 'expert'], { found: '--teacher expert without --suite' }],
    ['only what was shown can be accepted', askCommand, ['t1', '--step', '0', '--teacher', 'expert', '--accept', '1'], { found: '--accept without --asked' }],
    ['an asking has a place', askCommand, ['--teacher', 'expert'], { found: 'no ID, no --step' }],
    ['an endpoint has a model, at an asking too', askCommand, ['t1', '--step', '0', '--teacher', 'http://localhost:1/v1'], { where: 'retort ask', found: '--teacher URL without --model' }],
    ['what an endpoint has is not dropped at an asking', askCommand, ['t1', '--step', '0', '--teacher', 'expert', '--suite', 'arith', '--model', 'm', '--key-env', 'K'], { where: 'retort ask', found: '--model, --key-env with --teacher expert' }],
    ['half of the prices is none', askCommand, ['t1', '--step', '0', '--teacher', 'x.gguf', '--price-out', '1'], { where: 'retort ask', found: '--price-out alone' }],
    ['a budget of 0 asks nothing', askCommand, ['t1', '--step', '0', '--teacher', 'x.gguf', '--budget', '0'], { where: 'retort ask --budget', found: '0' }],
    ['greedy episodes of a task are the same', teach, ['--suite', 'arith', '--teacher', 'http://localhost:1/v1', '--model', 'm', '--per-task', '3', '--estimate'], { where: 'retort teach', found: '--per-task 3 with --temperature 0' }],
    ['a search needs articles', agent, ['--tools', 'calculator, search', 'How many?'], { found: '--tools search without --corpus' }],
    ['a script has no model', box, ['create', 'd', '--model', 'm', '--price-in', '1', '--price-out', '1'], { found: '--model, --price-in, --price-out with --teacher scripted' }],
    ['an expert writes no tools', box, ['create', 'd', '--teacher', 'expert'], { found: '--teacher expert' }],
    ['an action needs its folder', box, ['create'], { found: 'create', expected: 'DIR behind it, as in ACTION DIR' }],
  ])('%s', async (_, command, args, what) => {
    await expect(async () => run(command, ...args)).rejects.toMatchObject({ code: 'usage', ...what })
  })
})
