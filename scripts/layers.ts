// The layers of ARCHITECTURE.md as rules for dependency-cruiser. tests/house/layers.test.ts proves that each rule bites.
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ICruiseOptions, IForbiddenRuleType } from 'dependency-cruiser'

type Rule = IForbiddenRuleType & { name: string }

/** The pipeline's stages in the order of the work; a stage imports only earlier ones. */
const STAGES = [
  'task',
  'teacher',
  'trajectory',
  'segmentation',
  'annotation',
  'curation',
  'curriculum',
  'training',
  'pretraining',
  'adapter',
  'evaluation',
]

/** Packages the pure core may use: each is plain JavaScript without effects. */
const PURE_PACKAGES = [
  'zod', // schemas
  '@huggingface/jinja', // renders the student's own chat template
  'onnx-proto', // ONNX protobuf messages: graph -> bytes
]
/** Made by a build plugin, so that no file stands for it. */
const VIRTUAL = '^@nuxt/ui/vue-plugin$'

/** Packages of the page: bundled, and none reaches for the network by itself. */
const PAGE_PACKAGES = [
  'vue', '@vue', 'vue-router', 'vue-i18n', '@vueuse', // the application
  '@nuxt/ui', // components
  '@orpc/client', '@orpc/contract', 'zod', // the contract
  '@tanstack/vue-virtual', 'uplot', '@codemirror', 'diff', // long lists, curves, text with spans, word diffs
]
const packages = (names: string[]) => names.map((name) => `^node_modules/${name}/`)

const stageRules: Rule[] = STAGES.slice(0, -1).map((stage, index) => ({
  name: `stage-${stage}-imports-only-earlier-stages`,
  severity: 'error',
  from: { path: `^src/core/pipeline/${stage}/` },
  to: { path: `^src/core/pipeline/(${STAGES.slice(index + 1).join('|')})/` },
}))

/** Refuses every import of a folder that is not named. */
const only = (name: string, from: string, allowed: string[]): Rule => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { pathNot: [from, ...allowed] },
})

/** A folder that has an index.ts is imported from outside only through it. */
const surfaceRules = (root: string): Rule[] =>
  readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /[\\/]index\.ts$/.test(path))
    .map((path) => `src/${dirname(path).replaceAll('\\', '/')}`)
    .sort()
    // A child process enters where its work is, not through a surface made for the parent.
    .map((folder) => ({
      name: `surface-of-${folder.slice('src/'.length).replaceAll('/', '-')}`,
      severity: 'error',
      from: { pathNot: [`^${folder}/`, ...(folder.startsWith('src/engine/') ? ['^src/engine/workers/'] : [])] },
      to: { path: `^${folder}/`, pathNot: `^${folder}/index\\.ts$` },
    }))

/** The rule set for the checkout at `root`. */
export const layers = (root: string): { forbidden: Rule[]; options: ICruiseOptions } => ({
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: VIRTUAL } },
    {
      name: 'no-development-packages',
      comment: 'what runs is a dependency; the Electron shell is packaged and the renderer bundled, so those two are free',
      severity: 'error',
      from: { path: '^src/(shared|core|engine|server|cli)/' },
      to: { dependencyTypes: ['npm-dev'] },
    },
    only('shared-is-words-only', '^src/shared/', packages(['zod', '@orpc/contract'])),
    only('core-is-pure', '^src/core/', ['^src/shared/', ...packages(PURE_PACKAGES)]),
    ...stageRules,
    {
      name: 'numerics-know-no-pipeline',
      comment: 'tensor, nn, onnx, formats and ports serve the pipeline and never call it',
      severity: 'error',
      from: { path: '^src/core/(tensor|nn|onnx|formats|ports)/' },
      to: { path: '^src/core/(pipeline|agent)/' },
    },
    {
      name: 'engine-knows-no-shell',
      severity: 'error',
      from: { path: '^src/engine/' },
      to: { path: '^src/(main|preload|renderer|server|cli)/' },
    },
    {
      name: 'shells-reach-the-core-through-the-engine',
      comment: 'types may come from anywhere below',
      severity: 'error',
      from: { path: '^src/(main|server|cli)/' },
      to: { path: '^src/core/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'shells-are-apart',
      comment: 'but the command `retort serve` starts the web host',
      severity: 'error',
      from: { path: '^src/(main|preload|renderer|server|cli)/' },
      to: { path: '^src/(main|preload|renderer|server|cli)/', pathNot: ['^src/$1/', '^src/server/index\\.ts$'] },
    },
    {
      name: 'web-host-only-by-its-command',
      severity: 'error',
      from: { path: '^src/(main|preload|renderer|cli)/', pathNot: '^src/cli/commands/serve\\.ts$' },
      to: { path: '^src/server/' },
    },
    {
      name: 'electron-only-in-its-shell',
      comment: 'importing it elsewhere would download it',
      severity: 'error',
      from: { pathNot: '^src/(main|preload)/' },
      to: { path: ['^node_modules/electron/', '^electron$'] },
    },
    only('preload-is-a-bridge', '^src/preload/', ['^src/shared/', ...packages(['electron'])]),
    {
      ...only('renderer-speaks-the-contract', '^src/renderer/', [
        '^src/shared/',
        '^src/core/pipeline/annotation/index\\.ts$',
        ...packages(PAGE_PACKAGES),
        VIRTUAL,
      ]),
      comment: 'and the pure rules of annotation: spans follow a keystroke in the page as they will in the store',
    },
    ...surfaceRules(root),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.node.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.mjs', '.js', '.json', '.vue'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
    },
  },
})
