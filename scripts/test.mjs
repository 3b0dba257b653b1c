// `npm test`: every test, of both runners, then the names of those that failed and one line with their numbers.
// With arguments: Vitest alone, with them. TEST_REPORT names a folder that gets `counts` (passed, failed, not run) and `failed`.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { endToEnd } from './e2e.mjs'

const root = resolve(import.meta.dirname, '..')
const vitest = (args) =>
  spawnSync(process.execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...args], { cwd: root, stdio: 'inherit' }).status ?? 1

/** Names of what failed in a file: its tests, or the file itself, which cannot be loaded or failed in a hook. */
function failedOf({ name, status, message, assertionResults }) {
  const file = relative(root, name)
  const tests = assertionResults.filter((test) => test.status === 'failed').map((test) => `${file} > ${test.fullName}`)
  return tests.length > 0 || status !== 'failed' ? tests : [`${file}: ${(message || 'failed outside of its tests').split('\n')[0]}`]
}

/** Numbers and names of Vitest's report. A file that cannot be loaded holds no failed test and is a failure all the same. */
function resultOf(report, status) {
  try {
    const { numPassedTests, numFailedTests, numFailedTestSuites, numPendingTests, testResults } = JSON.parse(readFileSync(report, 'utf8'))
    const failed = Math.max(numFailedTests, numFailedTestSuites > 0 || status !== 0 ? 1 : 0)
    return { passed: numPassedTests, failed, notRun: numPendingTests, names: testResults.flatMap(failedOf) }
  } catch {
    return { passed: 0, failed: 1, notRun: 0, names: ['Vitest left no report'] }
  }
}

const args = process.argv.slice(2)
if (args.length > 0) {
  process.stderr.write('test: Vitest alone, because arguments were given; `npm run e2e` runs the end-to-end tests\n')
  process.exit(vitest(args))
}
const began = performance.now()
const folder = mkdtempSync(join(tmpdir(), 'retort-test-'))
const report = join(folder, 'vitest.json')
const unitStatus = vitest(['--reporter=default', '--reporter=json', `--outputFile.json=${report}`])
const unit = resultOf(report, unitStatus)
const between = performance.now()
const browser = endToEnd([], { report: join(folder, 'playwright.json') })
rmSync(folder, { recursive: true, force: true })

const words = ({ passed, failed, notRun }, ms) => `${passed} passed, ${failed} failed, ${notRun} not run; ${Math.round(ms / 1000)} s`
const names = [...unit.names, ...browser.names].map((name) => `FAILED: ${name}\n`).join('')
process.stdout.write(`\n${names}`)
console.log(`unit and integration (Vitest): ${words(unit, between - began)}`)
console.log(`end to end (Playwright): ${words(browser, performance.now() - between)}`)
const [passed, failed, notRun] = [unit.passed + browser.passed, unit.failed + browser.failed, unit.notRun + browser.notRun]
console.log(`tests not run: ${notRun}`)
console.log(`${passed} passed, ${failed} failed`)
if (process.env.TEST_REPORT) {
  writeFileSync(join(process.env.TEST_REPORT, 'counts'), `${passed} ${failed} ${notRun}\n`)
  writeFileSync(join(process.env.TEST_REPORT, 'failed'), names)
}
process.exit(unitStatus === 0 && browser.status === 0 && failed === 0 ? 0 : 1)
