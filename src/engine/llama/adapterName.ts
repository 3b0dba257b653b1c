// A name by which llama.cpp's binding reads an adapter as its file now is: it keeps adapters by path while their model is open.
import { randomUUID } from 'node:crypto'
import { copyFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LlamaModel } from 'node-llama-cpp'

export type AdapterName = {
  readonly path: string
  /** To be called when the adapter is loaded. */
  release(): void
}

/** By model: the names of files as they were when they were read. */
const known = new WeakMap<LlamaModel, Map<string, string>>()

/** The file's own path, unless the model holds another content by it: then that of a copy, which goes once it is loaded. */
export function adapterName(model: LlamaModel, path: string): AdapterName {
  const names = known.get(model) ?? new Map<string, string>()
  known.set(model, names)
  const { ino, size, mtimeMs } = statSync(path)
  const content = `${path} ${ino} ${size} ${mtimeMs}`
  const name = names.get(content)
  if (name !== undefined) return { path: name, release: () => {} }
  if (![...names.values()].includes(path)) {
    names.set(content, path)
    return { path, release: () => {} }
  }
  const copy = join(tmpdir(), `retort-adapter-${randomUUID()}.gguf`)
  copyFileSync(path, copy)
  names.set(content, copy)
  return { path: copy, release: () => rmSync(copy, { force: true }) }
}
