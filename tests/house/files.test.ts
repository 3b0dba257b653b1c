// Files keep the house's rules: sizes, first lines, and no trace of the machine they were written on.
import { expect, test } from 'vitest'
import { read, repositoryFiles } from './repository.ts'

const BINARY = /\.(bin|gguf|onnx|png|ico|icns|safetensors|npy|npz|pdf|sqlite|woff2)$/
const files = repositoryFiles()
const sources = files.filter((path) => /^(src|scripts)\/.*\.(ts|mjs|vue)$/.test(path))

test('the listing sees the sources', () => {
  expect(sources).toContain('src/cli/retort.ts')
  expect(sources).toContain('scripts/setup.mjs')
})

test('no source is over 400 lines unless its first lines give the reason', () => {
  const long = sources.filter((path) => {
    const lines = read(path).split('\n')
    return lines.length > 401 && !/^\/\/.*\blong because\b/im.test(lines.slice(0, 6).join('\n'))
  })
  expect(long).toEqual([])
})

test('every source starts with a line that says what it is', () => {
  const silent = sources.filter((path) => !/^(#!.*\n)?(\/\/ |\/\*\*? |<!-- )\S.{10,}/.test(read(path)))
  expect(silent).toEqual([])
})

const TRACES: [name: string, pattern: RegExp][] = [
  ["a path of the author's machine", /\/work\/(main|shared)\b/],
  ['a package registry', /registry\.npmjs|registry\.yarnpkg|npmmirror|pypi\.org\/simple|jfrog/],
]

test.each(TRACES)('no file names %s', (_name, pattern) => {
  const self = 'tests/house/files.test.ts'
  expect(files.filter((path) => path !== self && !BINARY.test(path) && pattern.test(read(path)))).toEqual([])
})

test('the lock names no registry and no resolved address', () => {
  expect(read('package-lock.json')).not.toMatch(/"resolved"/)
})
