// Builds the desktop app: main process with the entries of child processes, preload (CommonJS, it runs sandboxed), page.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import ui from '@nuxt/ui/vite'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }

/** Components come without import; composables are imported. Icons are bundled: nothing is fetched. */
const nuxtUi: Parameters<typeof ui>[0] = {
  autoImport: false,
  components: { dts: resolve('src/renderer/components.d.ts'), dirs: [] },
  colorMode: false,
  icon: { clientBundle: { scan: { globInclude: ['**/*.{vue,ts}'] } } },
  ui: {
    colors: { primary: 'sky', neutral: 'zinc' },
    // As round as all else, a box of 14 pixels would be a circle, and that is one of many.
    checkbox: { slots: { base: 'rounded-[3px]' } },
  },
}

/** What entries of child processes are made with; all other files of their folder are entries. */
const PARTS = ['entry.ts', 'forkWorker.ts', 'projectJob.ts', 'tellParent.ts']

/** Entries of child processes by name. */
const workers = Object.fromEntries(
  readdirSync('src/engine/workers')
    .filter((file) => !PARTS.includes(file))
    .map((file) => [basename(file, '.ts'), resolve('src/engine/workers', file)]),
)

export default defineConfig({
  main: {
    build: {
      rollupOptions: {
        input: { index: resolve('src/main/index.ts'), ...workers },
        // All in one folder: entry.ts looks for entries beside itself, paths.ts for resources/ two folders up.
        output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      // A sandboxed preload can require nothing but electron.
      externalizeDeps: false,
      rollupOptions: { input: { index: resolve('src/preload/index.ts') }, output: { format: 'cjs' } },
    },
  },
  renderer: {
    root: 'src/renderer',
    plugins: [vue(), ui(nuxtUi)],
    define: { __APP_VERSION__: JSON.stringify(version) },
    build: {
      // Licences of what is bundled into the page; packages that are not bundled keep their own files.
      license: { fileName: 'licenses.md' },
      rollupOptions: { input: { index: resolve('src/renderer/index.html') } },
    },
  },
})
