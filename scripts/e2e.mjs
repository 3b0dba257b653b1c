// `npm run e2e`: the end-to-end tests, with a browser and a fresh build. Arguments go to Playwright.
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { findBrowser } from './browser.mjs'
import { buildWhenStale } from './freshBuild.mjs'

const root = resolve(import.meta.dirname, '..')
const cli = join(root, 'node_modules', '@playwright', 'test', 'cli.js')

/** `report`: where Playwright's own report is to be written as JSON; null where nobody asks. */
function playwright(args, { report, env }) {
  const reporters = report === null ? [] : [`--reporter=list,json`]
  const done = spawnSync(process.execPath, [cli, 'test', ...args, ...reporters], {
    cwd: root,
    stdio: 'inherit',
    env: { NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compiled'), ...process.env, ...env, ...(report === null ? {} : { PLAYWRIGHT_JSON_OUTPUT_NAME: report }) },
  })
  return done.status ?? 1
}

/** How many tests there are, without a browser. */
function listed() {
  const { stdout } = spawnSync(process.execPath, [cli, 'test', '--list', '--reporter=json'], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 })
  const { suites, errors } = JSON.parse(stdout)
  const count = (suite) => (suite.specs ?? []).length + (suite.suites ?? []).reduce((sum, one) => sum + count(one), 0)
  return { tests: suites.reduce((sum, one) => sum + count(one), 0), broken: errors.length }
}

/** Names of the tests of a suite that failed. */
const failedOf = ({ file, specs = [], suites = [] }) => [
  ...specs.filter(({ ok }) => !ok).map(({ title }) => `tests/e2e/${file} > ${title}`),
  ...suites.flatMap(failedOf),
]

/** Numbers and names of Playwright's report. A file that cannot be loaded holds no failed test and is a failure all the same. */
function resultOf(report, status) {
  try {
    const { stats, errors, suites } = JSON.parse(readFileSync(report, 'utf8'))
    const failed = Math.max(stats.unexpected, errors.length > 0 || status !== 0 ? 1 : 0)
    const names = [...suites.flatMap(failedOf), ...errors.map(({ message = '' }) => `end to end: ${message.split('\n')[0]}`)]
    return { passed: stats.expected + stats.flaky, failed, notRun: stats.skipped, names }
  } catch {
    return { passed: 0, failed: 1, notRun: 0, names: ['Playwright left no report'] }
  }
}

/** Runs them and yields { status, passed, failed, notRun, names }: numbers, and the names of those that failed. */
export function endToEnd(args, { report }) {
  const built = buildWhenStale()
  if (built !== 0) {
    process.stderr.write('e2e: the page could not be built, so nothing of it was tested\n')
    return { status: built, passed: 0, failed: 1, notRun: listed().tests, names: ['end to end: the page could not be built'] }
  }
  const browser = findBrowser()
  if (browser === undefined) {
    const { tests, broken } = listed()
    const line = '!'.repeat(100)
    process.stderr.write(
      `${line}\nNOT RUN: the ${tests} end-to-end tests. There is no Chromium here and none could be installed.\n` +
      `Install one (Debian: apt-get install chromium), or name it: PW_CHROMIUM=/path/to/chromium npm run e2e\n${line}\n`,
    )
    return { status: broken > 0 ? 1 : 0, passed: 0, failed: broken, notRun: tests, names: broken > 0 ? [`end to end: ${broken} files cannot be loaded`] : [] }
  }
  if (report !== null) rmSync(report, { force: true })
  const status = playwright(args, { report, env: { PW_CHROMIUM: browser } })
  return { status, ...(report === null ? {} : resultOf(report, status)) }
}

if (process.argv[1] === import.meta.filename) process.exit(endToEnd(process.argv.slice(2), { report: null }).status)
