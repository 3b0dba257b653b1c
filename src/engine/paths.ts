// Where things lie on this machine: the app's own folders, and the student when none is named.
import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { RetortError } from '../shared/errors.ts'

export type AppFolders = {
  /** Settings and state of the app; projects live where the user puts them. */
  readonly data: string
  /** Students in GGUF form. */
  readonly models: string
  /** Can be deleted at any time: it is made again. */
  readonly cache: string
}

export type Machine = {
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
}

export const thisMachine = (): Machine => ({ platform: process.platform, env: process.env, home: homedir() })

/** RETORT_HOME, else what the platform prescribes (XDG base directories, AppData, Library). */
export function appFolders({ platform, env, home }: Machine): AppFolders {
  const own = env['RETORT_HOME']
  const { data, cache } = own ? { data: own, cache: join(own, 'cache') } : platformFolders({ platform, env, home })
  return { data, cache, models: join(data, 'models') }
}

function platformFolders({ platform, env, home }: Machine): { data: string; cache: string } {
  // The specification of XDG: a relative path is invalid and is ignored.
  const xdg = (name: string, fallback: string) => (env[name]?.startsWith('/') ? env[name] : join(home, fallback))
  switch (platform) {
    case 'win32': {
      const data = join(env['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'Retort')
      return { data, cache: join(data, 'cache') }
    }
    case 'darwin':
      return { data: join(home, 'Library', 'Application Support', 'Retort'), cache: join(home, 'Library', 'Caches', 'Retort') }
    default:
      return { data: join(xdg('XDG_DATA_HOME', '.local/share'), 'retort'), cache: join(xdg('XDG_CACHE_HOME', '.cache'), 'retort') }
  }
}

/** The checkout (or installation) this code runs from. */
export const installationRoot = resolve(import.meta.dirname, '../..')

/** What comes along to be read. In the packaged app it lies as real files beside the archive that holds the code. */
export const resourcesFolder = join(installationRoot.replace(/\.asar$/, '.asar.unpacked'), 'resources')

/** The small student that comes along (scripts/starter): taken where there is no other. */
export const starterStudent = join(resourcesFolder, 'starter', 'retort-starter.gguf')

/** Where the sample project is made, the first time that it is opened. */
export const sampleProject = (machine: Machine): string => join(appFolders(machine).data, 'sample-project')

export type StudentFile = {
  readonly path: string
  /** Other GGUF files of the same folder that were not taken. */
  readonly others: readonly string[]
}

/** The named student; else the first GGUF, by name, of the folders searched in order. */
export function findStudent(options: { given?: string | undefined; cwd: string; folders: readonly string[] }): StudentFile {
  const { given, cwd, folders } = options
  if (given !== undefined) {
    const path = resolve(cwd, given)
    if (existsSync(path)) return { path, others: [] }
    throw new RetortError({ code: 'student-missing', message: 'the student file does not exist', where: path, expected: 'a GGUF file' })
  }
  for (const folder of folders) {
    const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.gguf')).sort() : []
    const [path, ...others] = files.map((name) => join(folder, name))
    if (path !== undefined) return { path, others }
  }
  throw new RetortError({
    code: 'student-missing',
    message: 'no student model was found',
    expected: `a .gguf file in ${folders.join(' or ')}`,
    advice:
      'name one with --student FILE, or put one there: for example SmolLM2-135M-Instruct as GGUF ' +
      '(Apache-2.0, about 100 MB, on the Hugging Face hub)',
  })
}

/** Where a student is looked for when none is named: beside the checkout, then the app's own folder, then what comes along. */
export const studentFolders = (machine: Machine): string[] => [
  resolve(installationRoot, '../shared/models'),
  appFolders(machine).models,
  dirname(starterStudent),
]
