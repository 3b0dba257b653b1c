// Budgets of the command line: 0 is no limit's name, and what is not named stays as it was.
import { describe, expect, test } from 'vitest'
import { parseCommand } from '../../src/cli/parse.ts'
import { teach } from '../../src/cli/commands/teach.ts'
import { budgetOf, newBudget, type TeacherOptions } from '../../src/cli/teacherOptions.ts'

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
