// Which copy of ONNX Runtime's native library this process loads: the bundled one, or a folder that a parent process names.
import { createRequire } from 'node:module'
import { join } from 'node:path'
// First of all: it must be evaluated before the library is loaded.
import './noTelemetry.ts'
import { BINDING, bundledBinding } from './nativePackage.ts'
import { NATIVE_FOLDER_VARIABLE } from './providers/nativeVariable.ts'

/**
 * ONNX Runtime looks for provider libraries beside its own. The installed app is not written to, so a process that needs
 * one loads binding and library from a folder of the app's data: the binding is put where onnxruntime-node looks for it.
 */
function loadFrom(folder: string): void {
  const [name, path] = [bundledBinding(), join(folder, BINDING)]
  const { cache } = createRequire(import.meta.url)
  if (cache[name]) throw new Error(`ONNX Runtime was loaded before ${NATIVE_FOLDER_VARIABLE} was looked at`)
  const loaded = { id: name, filename: name, path: folder, exports: {}, loaded: true, children: [], paths: [] }
  process.dlopen(loaded, path)
  cache[name] = loaded as unknown as NodeJS.Module
}

const folder = process.env[NATIVE_FOLDER_VARIABLE]
if (folder !== undefined && folder !== '') loadFrom(folder)
