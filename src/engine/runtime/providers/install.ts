// Fetches the CUDA provider into the app's data folder: downloads, checks, unpacks beside a copy of the native library.
import { randomUUID } from 'node:crypto'
import { constants, copyFileSync, existsSync, readdirSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Installable, InstallProgress } from '../../../shared/contract/providers.ts'
import { RetortError } from '../../../shared/errors.ts'
import { ensureFolder, removeTemporary, syncFolder, systemError } from '../../files/index.ts'
import { bundledBinding, onnxRuntimeVersion } from '../nativePackage.ts'
import { cudaLibraries } from './cudaLibraries.ts'
import { CUDA_FOR, CUDA_PACKAGES, type CudaPackage } from './cudaPackages.ts'
import { downloadedBytes, downloadFile } from './download.ts'
import { extractMembers } from './extract.ts'
import { existsOn, thisPlatform } from './table.ts'

export type InstallOptions = {
  readonly dataFolder: string
  readonly onProgress: (progress: InstallProgress) => void
  readonly signal: AbortSignal
  /** Default: those that belong to this version. */
  readonly packages?: readonly CudaPackage[]
  /** Default: this machine's, as Node names platform and processor. */
  readonly platform?: string
}

const downloads = (dataFolder: string): string => join(dataFolder, 'runtimes', 'downloads')
const archiveOf = (dataFolder: string, { url }: CudaPackage): string => join(downloads(dataFolder), basename(new URL(url).pathname))
const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, number) => total + number, 0)
const unpackedBytes = (packages: readonly CudaPackage[]): number => sum(packages.flatMap(({ members }) => [...members.values()]))

/** What can be fetched here, and what of it is there. */
export function installable(dataFolder: string, packages: readonly CudaPackage[] = CUDA_PACKAGES, platform = thisPlatform()): Installable {
  const folder = cudaLibraries(dataFolder)
  const installed = existsSync(folder)
  const downloaded = sum(packages.map((one) => downloadedBytes(archiveOf(dataFolder, one))))
  return {
    name: 'cuda',
    state: !existsOn('cuda', platform) ? 'elsewhere' : installed ? 'installed' : downloaded > 0 ? 'partly' : 'absent',
    folder,
    bytes: { download: sum(packages.map(({ bytes }) => bytes)), downloaded, installed: unpackedBytes(packages) },
    parts: packages.map(({ name, bytes, licence, url }) => ({ name, bytes, licence, url })),
  }
}

/**
 * Installs, or goes on where an earlier attempt was cut; nothing is done when it is installed. The folder appears under its
 * name only when everything in it was checked. Throws RetortError; what was downloaded stays for the next attempt.
 */
export async function installCuda({ dataFolder, onProgress, signal, packages = CUDA_PACKAGES, platform = thisPlatform() }: InstallOptions): Promise<Installable> {
  refuseElsewhere(platform)
  const folder = cudaLibraries(dataFolder)
  const finished = (): Installable => {
    onProgress({ phase: 'done', part: '', done: 1, total: 1 })
    return installable(dataFolder, packages, platform)
  }
  if (existsSync(folder)) return finished()
  const release = lock(dataFolder)
  try {
    requireSpace(dataFolder, packages)
    for (const one of packages) {
      const report = (done: number): void => onProgress({ phase: 'downloading', part: one.name, done, total: one.bytes })
      await downloadFile(archiveOf(dataFolder, one), one, { onProgress: report, signal })
    }
    await unpackAll({ dataFolder, onProgress, signal, packages }, folder)
    rmSync(downloads(dataFolder), { recursive: true, force: true })
  } catch (error) {
    throw systemError(error) ?? error
  } finally {
    release()
  }
  return finished()
}

/** Takes the libraries away, and what is left of downloads. */
export function removeCuda(dataFolder: string): void {
  for (const folder of [cudaLibraries(dataFolder), downloads(dataFolder)]) rmSync(folder, { recursive: true, force: true })
}

function refuseElsewhere(platform: string): void {
  if (!existsOn('cuda', platform)) {
    throw new RetortError({
      code: 'provider-elsewhere',
      message: 'ONNX Runtime for Node has no CUDA on this platform',
      found: platform,
      expected: 'linux-x64',
      advice: platform.startsWith('win32') ? 'graphics cards are used by DirectML or WebGPU here: retort providers' : 'see what works: retort providers',
    })
  }
  const version = onnxRuntimeVersion()
  if (version === CUDA_FOR) return
  throw new RetortError({ code: 'provider-version', message: 'the CUDA libraries belong to another ONNX Runtime', found: version, expected: CUDA_FOR })
}

function requireSpace(dataFolder: string, packages: readonly CudaPackage[]): void {
  ensureFolder(downloads(dataFolder))
  const { bavail, bsize } = statfsSync(dataFolder)
  const missing = sum(packages.map((one) => one.bytes - downloadedBytes(archiveOf(dataFolder, one))))
  const needed = missing + unpackedBytes(packages) + nativeBytes()
  if (bavail * bsize >= needed) return
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`
  throw new RetortError({
    code: 'disk-full',
    message: 'there is not enough room for the libraries',
    where: dataFolder,
    found: `${gigabytes(bavail * bsize)} free`,
    expected: `${gigabytes(needed)} for downloads and libraries; the downloads are removed afterwards`,
    advice: 'make room, or set RETORT_HOME to a folder on another disk',
  })
}

const nativeBytes = (): number => sum(nativeFiles().map((path) => statSync(path).size))

/** The binding and the library it is linked to. */
function nativeFiles(): string[] {
  const folder = realFolder(dirname(bundledBinding()))
  return readdirSync(folder).map((name) => join(folder, name))
}

/** In the packaged app native files lie beside the archive. */
const realFolder = (folder: string): string => folder.replace(/\.asar(?=[\\/])/, '.asar.unpacked')

async function unpackAll({ dataFolder, onProgress, signal, packages = [] }: InstallOptions, folder: string): Promise<void> {
  const parent = dirname(folder)
  removeTemporary(parent, { olderThanMs: 0 })
  const temporary = join(parent, `.${basename(folder)}.${randomUUID()}.tmp`)
  ensureFolder(temporary)
  try {
    for (const one of packages) {
      const total = sum(one.members.values())
      const report = (done: number): void => onProgress({ phase: 'unpacking', part: one.name, done, total })
      await extractMembers(archiveOf(dataFolder, one), { members: one.members, folder: temporary, onProgress: report, signal })
    }
    // A copy, shared on disk where the file system can: a link would be written to when the app is updated in place.
    for (const path of nativeFiles()) copyFileSync(path, join(temporary, basename(path)), constants.COPYFILE_FICLONE)
    signal.throwIfAborted()
    syncFolder(temporary)
    renameSync(temporary, folder)
    syncFolder(parent)
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true })
    throw error
  }
}

/** One installation at a time: the lock is the system's, and goes with its process. */
function lock(dataFolder: string): () => void {
  ensureFolder(downloads(dataFolder))
  const database = new DatabaseSync(join(dataFolder, 'runtimes', 'install.lock'), { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    database.close()
    throw new RetortError({ code: 'install-busy', message: 'another process is installing these libraries', where: dataFolder, advice: 'wait for it, or end it', cause })
  }
  return () => database.close()
}
