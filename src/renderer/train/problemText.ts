// What is wrong with a number as it was typed, in words.
import type { Texts } from '../i18n/index.ts'
import type { Problem } from './settingsModel.ts'

export function problemText(problem: Problem, text: Texts, t: (key: string, values: Record<string, unknown>) => string): string {
  switch (problem.type) {
    case 'too-small':
      return t(problem.above ? 'train.problems.notAbove' : 'train.problems.tooSmall', { min: problem.min })
    case 'too-large':
      return t('train.problems.tooLarge', { max: problem.max })
    case 'empty':
    case 'no-number':
    case 'no-whole-number':
      return text.train.problems[problem.type]
  }
}
