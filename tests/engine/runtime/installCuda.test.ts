// Installing provider libraries from a server of this machine: whole or not at all, and what is refused.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { InstallProgress } from '../../../src/shared/contract/providers.ts'
import { cudaLibraries } from '../../../src/engine/runtime/providers/cudaLibraries.ts'
import { CUDA_PACKAGES, type CudaPackage } from '../../../src/engine/runtime/providers/cudaPackages.ts'
import { installable, installCuda, removeCuda } from '../../../src/engine/runtime/providers/install.ts'
import { fileServer, type Manners } from '../../support/fileServer.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { zipBytes, type ZipMember } from '../../support/zipBytes.ts'

const LIBRARY = 'lib/libonnxruntime_providers_cuda.so'
const made: ZipMember[] = [{ name: LIBRARY, content: 'a library '.repeat(5000) }, { name: 'other.txt', content: 'not taken' }]

async function served(members: readonly ZipMember[] = made, manners: Omit<Manners, 'content'> = {}): Promise<CudaPackage> {
  const content = zipBytes(members)
  const { url } = await fileServer({ content, ...manners })
  const size = Buffer.from(made[0]!.content).length
  return { name: 'made', url, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex'), members: new Map([[LIBRARY, size]]), licence: 'none' }
}

const options = (dataFolder: string, packages: readonly CudaPackage[], rest: Partial<Parameters<typeof installCuda>[0]> = {}) =>
  ({ dataFolder, packages, platform: 'linux-x64', onProgress: () => {}, signal: new AbortController().signal, ...rest })

test('downloads, unpacks and puts the native library beside; downloads are gone; a second time nothing is done', async () => {
  const data = temporaryFolder()
  const packages = [await served()]
  expect(installable(data, packages, 'linux-x64').state).toBe('absent')
  const told: InstallProgress[] = []
  const { state, folder } = await installCuda(options(data, packages, { onProgress: (progress) => void told.push(progress) }))
  expect(state).toBe('installed')
  expect(readFileSync(join(folder, 'libonnxruntime_providers_cuda.so'), 'utf8')).toBe(made[0]!.content)
  expect(readdirSync(folder)).toContain('onnxruntime_binding.node')
  expect(readdirSync(folder)).not.toContain('other.txt')
  expect(readdirSync(join(data, 'runtimes')).sort()).toEqual(['install.lock', readdirSync(join(data, 'runtimes')).find((name) => name.startsWith('onnxruntime-'))])
  expect([...new Set(told.map(({ phase }) => phase))]).toEqual(['downloading', 'unpacking', 'done'])
  await installCuda(options(data, [{ ...packages[0]!, url: 'http://127.0.0.1:9/never-asked.whl' }]))
  removeCuda(data)
  expect(installable(data, packages, 'linux-x64').state).toBe('absent')
})

test('a checksum that is not the expected one: nothing is installed', async () => {
  const data = temporaryFolder()
  const packages = [{ ...(await served()), sha256: '0'.repeat(64) }]
  await expect(installCuda(options(data, packages))).rejects.toMatchObject({ code: 'download-damaged' })
  expect(existsSync(cudaLibraries(data))).toBe(false)
})

test('aborted while downloading, then gone on with', async () => {
  const data = temporaryFolder()
  const packages = [await served()]
  const stopping = new AbortController()
  const first = installCuda(options(data, packages, { onProgress: () => stopping.abort(), signal: stopping.signal }))
  await expect(first).rejects.toMatchObject({ name: 'AbortError' })
  expect(existsSync(cudaLibraries(data))).toBe(false)
  expect((await installCuda(options(data, packages))).state).toBe('installed')
})

test.each([
  ['another size', { size: 7 }],
  ['another checksum', { crc: 1 }],
])('a member with %s: nothing is installed, no half of it stays', async (_, lies) => {
  const data = temporaryFolder()
  const packages = [await served([{ ...made[0]!, lies }])]
  await expect(installCuda(options(data, packages))).rejects.toMatchObject({ code: 'archive-damaged' })
  expect(readdirSync(join(data, 'runtimes')).sort()).toEqual(['downloads', 'install.lock'])
})

test('too little room is said before anything is downloaded', async () => {
  const one = await served()
  const huge = { ...one, members: new Map([[LIBRARY, 2 ** 52]]) }
  await expect(installCuda(options(temporaryFolder(), [huge]))).rejects.toMatchObject({ code: 'disk-full' })
})

test('elsewhere there is no CUDA in ONNX Runtime for Node', async () => {
  await expect(installCuda(options(temporaryFolder(), [], { platform: 'darwin-arm64' }))).rejects.toMatchObject({ code: 'provider-elsewhere' })
})

test('two at once: the second is told', async () => {
  const data = temporaryFolder()
  const packages = [await served()]
  const second: Promise<unknown>[] = []
  const onProgress = (): void => void (second.length === 0 && second.push(installCuda(options(data, packages)).catch((error: unknown) => error)))
  await installCuda(options(data, packages, { onProgress }))
  expect(await second[0]).toMatchObject({ code: 'install-busy' })
})

test('the packages that are shipped name each file once, with https and whole checksums', () => {
  const files = CUDA_PACKAGES.flatMap(({ members }) => [...members.keys()].map((name) => name.split('/').at(-1)))
  expect(new Set(files).size).toBe(files.length)
  for (const { url, sha256, bytes } of CUDA_PACKAGES) {
    expect(url).toMatch(/^https:\/\//)
    expect(sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(bytes).toBeGreaterThan(1e6)
  }
})
