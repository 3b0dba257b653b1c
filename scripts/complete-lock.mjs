// Adds to package-lock.json the optional platform packages that a registry copy could not name when the lock was made.
// `npm ci` refuses a lock that lacks them, even where the platform is another. Run it after every `npm install`.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const lockFile = join(dirname(dirname(fileURLToPath(import.meta.url))), 'package-lock.json')

/** Words of a package's name, by the values npm knows for them. */
const OS = {
  darwin: ['darwin', 'mac', 'macos'],
  win32: ['win32', 'win', 'windows'],
  linux: ['linux'],
  freebsd: ['freebsd'],
  android: ['android'],
  openharmony: ['openharmony'],
}
const CPU = {
  x64: ['x64', 'x86_64', 'amd64'],
  arm64: ['arm64', 'aarch64'],
  arm: ['arm', 'armv7', 'armv7l'],
  ia32: ['ia32', 'x86'],
  ppc64: ['ppc64', 'ppc64le'],
  riscv64: ['riscv64'],
  s390x: ['s390x'],
  loong64: ['loong64'],
  wasm32: ['wasm32'],
}
const LIBC = { musl: ['musl', 'musleabi', 'musleabihf'], glibc: ['gnu', 'gnueabi', 'gnueabihf'] }

const among = (table, words) => Object.keys(table).find((key) => table[key].some((word) => words.includes(word)))

/** What the lock says of a platform package: npm skips it where os, cpu or libc differ. */
function platformEntry(name, version, dev) {
  const words = name.split(/[^a-z0-9_]+/)
  const [os, cpu, libc] = [among(OS, words), among(CPU, words), among(LIBC, words)]
  if (!cpu || (!os && cpu !== 'wasm32')) return null
  const only = (key, value) => (value ? { [key]: [value] } : {})
  return { version, ...only('cpu', cpu), ...(dev ? { dev: true } : {}), ...only('libc', libc), optional: true, ...only('os', os) }
}

/** The places where Node looks for a dependency of the package at `path`, innermost first. */
function places(path, name) {
  const steps = path === '' ? [] : path.split('/node_modules/')
  const holders = steps.map((_, index) => steps.slice(0, steps.length - index).join('/node_modules/'))
  return [...holders, ''].map((holder) => `${holder === '' ? '' : `${holder}/`}node_modules/${name}`)
}

const lock = JSON.parse(readFileSync(lockFile, 'utf8'))
const { packages } = lock
let added = 0
for (const [path, entry] of Object.entries(packages))
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    if (places(path, name).some((place) => packages[place])) continue
    const made = platformEntry(name, range.replace(/^[\^~]/, ''), entry.dev)
    if (made) packages[`node_modules/${name}`] = made
    else process.stderr.write(`complete-lock: ${name}@${range} names no platform; left out\n`)
    added += made ? 1 : 0
  }
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(lockFile, `${JSON.stringify(lock, null, 2)}\n`)
process.stderr.write(`complete-lock: ${added} entries added\n`)
