// Numbered rules are kept by tests: every rule of every SPEC.md stands in the title of one.
import { expect, test } from 'vitest'
import { read, repositoryFiles } from './repository.ts'

const files = repositoryFiles()
const specs = files.filter((path) => path.startsWith('src/') && path.endsWith('/SPEC.md'))
const titles = files
  .filter((path) => path.startsWith('tests/') && path.endsWith('.test.ts'))
  .flatMap((path) => [...read(path).matchAll(/\b(?:test|describe)(?:\.\w+)*(?:<[^(]*>)?\([^'"`]{0,400}?(['"`])(.*?)\1/gs)].map((match) => match[2]!))

const rulesOf = (path: string): string[] => [...read(path).matchAll(/^- \*\*([A-Z]\d+)\*\*/gm)].map((match) => match[1]!)

test('there are specifications, and titles to look into', () => {
  expect(specs).toContain('src/engine/store/SPEC.md')
  expect(specs).toContain('src/core/pipeline/annotation/SPEC.md')
  expect(titles).toContain('there are specifications, and titles to look into')
})

test.each(specs)('every rule of %s is quoted by a test', (path) => {
  const quoted = new Set(titles.flatMap((title) => title.match(/\b[A-Z]\d+\b/g) ?? []))
  const rules = rulesOf(path)
  expect(rules.length).toBeGreaterThan(10)
  expect(rules.filter((rule) => !quoted.has(rule))).toEqual([])
})

test('no number stands for two rules', () => {
  const rules = specs.flatMap(rulesOf)
  expect(rules.filter((rule, index) => rules.indexOf(rule) !== index)).toEqual([])
})
