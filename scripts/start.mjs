// `npm start`: builds what has changed, then opens the app in Electron where that is possible, else in the browser.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { buildWhenStale } from './freshBuild.mjs'

const root = resolve(import.meta.dirname, '..')
const at = (...parts) => join(root, ...parts)
const say = (line) => process.stderr.write(`start: ${line}\n`)

/** Runs a program to its end and yields its exit code. Ctrl-C reaches it too; other requests to end are passed on. */
function run(command, args, { stdio = 'inherit', limitMs } = {}) {
  const child = spawn(command, args, { cwd: root, stdio })
  const passOn = (signal) => child.kill(signal)
  const ignore = () => {}
  process.on('SIGINT', ignore).on('SIGTERM', passOn).on('SIGHUP', passOn)
  const limit = limitMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), limitMs)
  return new Promise((done) => {
    const end = (code) => {
      clearTimeout(limit)
      process.off('SIGINT', ignore).off('SIGTERM', passOn).off('SIGHUP', passOn)
      done(code)
    }
    child.once('error', () => end(1))
    child.once('close', (code) => end(code ?? 1))
  })
}

const electronFolder = at('node_modules', 'electron')

/** Electron's executable, found by file: importing the package would download what is missing. */
function electronBinary() {
  const named = join(electronFolder, 'path.txt')
  const binary = existsSync(named) ? join(electronFolder, 'dist', readFileSync(named, 'utf8').trim()) : null
  return binary !== null && existsSync(binary) ? binary : null
}

/** Why no window of Electron could open here at all, or null. */
function noWindow() {
  if (process.platform !== 'linux') return null
  if (!process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return 'this machine has no display'
  return process.getuid() === 0 ? 'Electron does not run as root' : null
}

/** About 110 MB; on a line too slow for that the browser does as well. */
const INSTALL_MS = 90_000
const DAY_MS = 24 * 60 * 60 * 1000
/** An Electron that fails within this time cannot run here: a missing library, a sandbox that the system forbids. */
const BROKEN_MS = 5_000
const failedAt = at('node_modules', '.retort-electron-failed')

/** Fetches the executable by the package's own installer. What failed is not tried again for a day. */
async function installElectron() {
  if (!existsSync(join(electronFolder, 'install.js'))) return null
  if (existsSync(failedAt) && Date.now() - statSync(failedAt).mtimeMs < DAY_MS) return null
  say('fetching Electron, about 110 MB, once ...')
  await run(process.execPath, [join(electronFolder, 'install.js')], { stdio: 'ignore', limitMs: INSTALL_MS })
  const binary = electronBinary()
  if (binary) rmSync(failedAt, { force: true })
  else writeFileSync(failedAt, '')
  return binary
}

const built = buildWhenStale()
if (built !== 0) process.exit(built)

const obstacle = noWindow()
const electron = obstacle === null ? (electronBinary() ?? (await installElectron())) : null
const startedAt = Date.now()
const code = electron ? await run(electron, ['.', ...process.argv.slice(2)]) : null
// One that worked for a while and then failed is not started again in another form behind the user's back.
if (code === 0 || (code !== null && Date.now() - startedAt > BROKEN_MS)) process.exit(code)
const missing = 'Electron is not installed and could not be fetched (npx install-electron does it)'
say(`using the browser: ${obstacle ?? (code === null ? missing : `Electron ended at once with exit code ${code}`)}`)
process.exit(await run(process.execPath, [at('src', 'cli', 'retort.ts'), 'serve', '--open', ...process.argv.slice(2)]))
