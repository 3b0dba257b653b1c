// Execution providers of ONNX Runtime, one row each: where they exist, how a session asks for them, what they need.
import type { InferenceSession } from 'onnxruntime-node'
import { providerNameSchema, type Compute, type ProviderName } from '../../../shared/records/provider.ts'
import { cudaLibraries, missingForCuda } from './cudaLibraries.ts'
import { NATIVE_FOLDER_VARIABLE } from './nativeVariable.ts'

type SessionOptions = InferenceSession.SessionOptions
type Environment = Readonly<Record<string, string>>

/** Where a row is looked at: the app's data folder holds what was fetched. */
export type ProviderPlace = { readonly dataFolder: string; readonly env: Readonly<Record<string, string | undefined>> }

export type ProviderRow = {
  readonly label: string
  /** `<platform>-<arch>` as Node names them; what onnxruntime-node 1.30 is built with there. */
  readonly platforms: 'all' | readonly string[]
  /** Given to a session. Nodes without a kernel go to the cpu, which ONNX Runtime adds by itself. */
  readonly session: SessionOptions
  /** 'plain': it lacks ONNX Runtime's own operators, or computes them wrongly, and is given those of ONNX instead. */
  readonly operators: 'fused' | 'plain'
  /** Environment of a process that uses it. */
  readonly environment: (place: ProviderPlace) => Environment
  /** What of the machine or of the installation is missing, without loading anything; [] when nothing is known to be. */
  readonly missing: (place: ProviderPlace) => readonly string[]
  /** What would make it work where it does not. */
  readonly enable: string
  /** Which numbers frozen weights and activations may be computed with. Adapters, norms, softmax and loss are always f32. */
  readonly compute: readonly Compute[]
}

const nothing = (): readonly string[] => []
const plain = (): Environment => ({})

export const PROVIDERS: { readonly [Name in ProviderName]: ProviderRow } = {
  cpu: {
    label: 'processor',
    platforms: 'all',
    session: { executionProviders: ['cpu'] },
    operators: 'fused',
    environment: plain,
    missing: nothing,
    enable: 'it comes along: set the installation up again',
    // Without half-precision kernels ONNX Runtime computes these nodes in f32 between roundings: right, and slower.
    compute: ['f32', 'f16'],
  },
  cuda: {
    label: 'NVIDIA graphics card (CUDA)',
    platforms: ['linux-x64'],
    session: { executionProviders: [{ name: 'cuda', deviceId: 0 }] },
    operators: 'fused',
    environment: ({ dataFolder, env }) => {
      const folder = cudaLibraries(dataFolder)
      const path = [folder, env['LD_LIBRARY_PATH']].filter((part) => part !== undefined && part !== '').join(':')
      // TensorFloat-32 would round every factor to 11 bits: single precision stays single here as on the cpu.
      return { [NATIVE_FOLDER_VARIABLE]: folder, LD_LIBRARY_PATH: path, NVIDIA_TF32_OVERRIDE: '0' }
    },
    missing: missingForCuda,
    enable: "an NVIDIA card with its driver (580 or newer), and ONNX Runtime's CUDA libraries: retort providers install cuda",
    compute: ['f32', 'f16'],
  },
  dml: {
    label: 'graphics card by DirectX 12 (DirectML)',
    platforms: ['win32-x64', 'win32-arm64'],
    session: { executionProviders: [{ name: 'dml', deviceId: 0 }] },
    operators: 'fused',
    environment: plain,
    missing: nothing,
    enable: 'Windows 10 or newer and a card with DirectX 12; its library comes along',
    compute: ['f32', 'f16'],
  },
  coreml: {
    label: 'Apple graphics and neural engine (Core ML)',
    platforms: ['darwin-arm64'],
    // 0x010: as an ML program, which is what has half precision and most operators.
    session: { executionProviders: [{ name: 'coreml', coreMlFlags: 0x010 }] },
    operators: 'plain',
    environment: plain,
    missing: nothing,
    enable: 'a Mac with an Apple processor; its library comes along',
    compute: ['f32', 'f16'],
  },
  webgpu: {
    label: 'graphics card by WebGPU (Vulkan, Metal or DirectX 12)',
    platforms: ['linux-x64', 'win32-x64', 'win32-arm64', 'darwin-arm64'],
    session: { executionProviders: [{ name: 'webgpu' }] },
    operators: 'plain',
    environment: plain,
    missing: nothing,
    enable: "a graphics card with a current driver; on Linux also Vulkan's loader (package libvulkan1) and the card's Vulkan driver",
    compute: ['f32', 'f16'],
  },
}

export const PROVIDER_NAMES = providerNameSchema.options

/** Of this machine, as rows name it. */
export const thisPlatform = (): string => `${process.platform}-${process.arch}`

export const existsOn = (name: ProviderName, platform: string): boolean => {
  const { platforms } = PROVIDERS[name]
  return platforms === 'all' || platforms.includes(platform)
}
