// Where the CUDA provider's libraries lie once they were fetched, and what this machine lacks for them.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CUDA_FOR } from './cudaPackages.ts'

/** One folder a version, whole or absent: it gets this name when everything in it was checked. */
export const cudaLibraries = (dataFolder: string): string => join(dataFolder, 'runtimes', `onnxruntime-${CUDA_FOR}-cuda13`)

/** What the NVIDIA driver leaves on Linux, and under WSL. */
const DRIVER = ['/proc/driver/nvidia/version', '/usr/lib/wsl/lib/libcuda.so.1']

export function missingForCuda({ dataFolder }: { readonly dataFolder: string }): readonly string[] {
  const driver = DRIVER.some((path) => existsSync(path)) ? [] : ['no NVIDIA driver on this machine']
  const libraries = existsSync(cudaLibraries(dataFolder)) ? [] : ["ONNX Runtime's CUDA libraries are not installed"]
  return [...driver, ...libraries]
}
