// Tests by the environment they need, two files at a time: on two cores one computes while the other waits for its processes.
import ui from '@nuxt/ui/vite'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

type ProjectOptions = {
  /** Below tests/; default: the name. */
  readonly folders?: readonly string[]
  /** Milliseconds for a test or a hook. */
  readonly timeout: number
  /** Whether each file has a process of its own. What is pure needs none, and starting one takes longer than most of its tests. */
  readonly isolate: boolean
}

/** Files of half a minute and more. They begin first: at the end one core would wait for the other. The rest by size, as is usual. */
const LONG = ['cli/kill', 'cli/student', 'cli/train', 'server/kill', 'packaging/packaged', 'engine/agreement', 'engine/families', 'engine/training/'].map(
  (path) => `/tests/${path}`,
)

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const long = ({ moduleId }: TestSpecification): boolean => LONG.some((path) => moduleId.includes(path))
    const sorted = await super.sort(files)
    return [...sorted.filter(long), ...sorted.filter((file) => !long(file))]
  }
}

/** Of one group, so that no core is idle while the last file of a project runs. */
const together = { maxWorkers: 2, sequence: { groupOrder: 1 } }

/** The usual second is too short beside another file on the same cores. */
const patient = { poll: { timeout: 20_000 } }

const project = (name: string, { folders = [name], timeout, isolate }: ProjectOptions) => ({
  test: {
    name,
    environment: 'node' as const,
    include: folders.map((folder) => `tests/${folder}/**/*.test.ts`),
    testTimeout: timeout,
    hookTimeout: timeout,
    setupFiles: ['tests/support/compiled.ts', 'tests/support/leaks.ts'],
    isolate,
    expect: patient,
    ...together,
  },
})

/** Components of the page in a document without a browser; models without DOM are tested there too. */
const renderer = {
  plugins: [vue(), ui({ autoImport: false, components: { dts: false, dirs: [] }, colorMode: false, icon: { clientBundle: { scan: { globInclude: ['src/renderer/**/*.{vue,ts}'] } } } })],
  test: {
    name: 'renderer',
    environment: 'happy-dom' as const,
    include: ['tests/renderer/**/*.test.ts'],
    testTimeout: 30_000,
    server: { deps: { inline: [/@nuxt\/ui/] } },
    isolate: false,
    expect: patient,
    ...together,
  },
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongFirst },
    projects: [
      project('core', { folders: ['core', 'shared'], timeout: 30_000, isolate: false }),
      project('house', { folders: ['house', 'main'], timeout: 60_000, isolate: true }),
      project('engine', { timeout: 180_000, isolate: true }),
      project('cli', { folders: ['cli', 'server', 'contract'], timeout: 180_000, isolate: true }),
      renderer,
      project('packaging', { timeout: 300_000, isolate: true }),
    ],
  },
})
