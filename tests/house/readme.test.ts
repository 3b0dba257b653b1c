// The tree in README.md is the tree on disk.
import { expect, test } from 'vitest'
import { read, repositoryFiles } from './repository.ts'

/** Paths in the README's tree: indentation by two spaces, a name that ends with `/` is a folder. */
function treePaths(readme: string): string[] {
  const block = /```text\n([\s\S]*?)```/.exec(readme)?.[1]
  if (block === undefined) throw new Error('README.md has no ```text block with the tree')
  const open: string[] = []
  return block.split('\n').flatMap((line) => {
    const match = /^( *)(\S+)/.exec(line)
    if (!match) return []
    const [, indent = '', name = ''] = match
    open.length = indent.length / 2
    open.push(name)
    return [open.join('')]
  })
}

/** Every folder that holds a file of the repository, with a trailing `/`. */
function foldersOf(files: readonly string[]): string[] {
  const folders = files.flatMap((path) => {
    const parts = path.split('/').slice(0, -1)
    return parts.map((_, index) => `${parts.slice(0, index + 1).join('/')}/`)
  })
  return [...new Set(folders)].sort()
}

const files = repositoryFiles()
const folders = foldersOf(files)
const tree = treePaths(read('README.md'))

test('the reader of the tree joins names by their indentation', () => {
  expect(treePaths('```text\na.json  x\nsrc/  y\n  core/  z\ntests/\n```')).toEqual(['a.json', 'src/', 'src/core/', 'tests/'])
})

test('every path in the tree exists', () => {
  expect(tree.filter((path) => !files.includes(path) && !folders.includes(path))).toEqual([])
})

test('every folder of src, and every top folder, is in the tree', () => {
  const expected = folders.filter((folder) => folder.startsWith('src/') || folder.split('/').length === 2)
  expect(expected.filter((folder) => !tree.includes(folder))).toEqual([])
})
