// Leaks fail the suite: after the tests of a file nothing of theirs may be left, be it files, processes or open handles.
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll } from 'vitest'

/** What is closing may take this long to be gone; a busy machine is slow. */
const GRACE_MS = 10_000

/** Handles that tests open and have to close; timers and message ports belong to the runner. */
const KINDS = [
  'FSReqCallback', 'FSReqPromise', 'FSEventWrap', 'StatWatcher', 'TCPSocketWrap', 'TCPServerWrap', 'PipeWrap', 'UDPWrap', 'ProcessWrap',
]

function handles(): Map<string, number> {
  const counts = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) if (KINDS.includes(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}

const ifThere = <Result>(work: () => Result, otherwise: Result): Result => {
  try {
    return work()
  } catch {
    // Gone between listing and looking, or another user's.
    return otherwise
  }
}

/** The file's own temporary folder: `tmpdir()` here and in all processes started from here, until the file has run. */
const TEMPORARY = ['TMPDIR', 'TMP', 'TEMP']
const outside = TEMPORARY.map((name) => [name, process.env[name]] as const)
const folder = mkdtempSync(join(tmpdir(), 'retort-tests-'))
for (const name of TEMPORARY) process.env[name] = folder
const MARK = `RETORT_TEST_FILE=${folder}`
process.env['RETORT_TEST_FILE'] = folder
// Streams are made when first used.
void [process.stdin, process.stdout, process.stderr]
const before = handles()

/** Processes started from here, their own children included, as `pid: command`. Linux only; elsewhere handles tell. */
function processes(): { pid: number; what: string }[] {
  return ifThere(() => readdirSync('/proc'), []).flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return []
    const file = (part: string): string => ifThere(() => readFileSync(`/proc/${name}/${part}`, 'utf8'), '')
    // After the command in brackets: state and parent (proc(5)).
    const [state, parent] = file('stat').replace(/^.*\) /s, '').split(' ')
    const ours = Number(parent) === process.pid || file('environ').split('\0').includes(MARK)
    return ours && state !== 'Z' ? [{ pid: Number(name), what: `${name}: ${file('cmdline').replaceAll('\0', ' ').slice(0, 200)}` }] : []
  })
}

const startedBefore = new Set(processes().map(({ pid }) => pid))
const ownProcesses = () => processes().filter(({ pid }) => !startedBefore.has(pid))

/** Files of the temporary folder that this process holds open; Linux only. */
function openFiles(): string[] {
  return ifThere(() => readdirSync('/proc/self/fd'), []).flatMap((fd) => {
    const target = ifThere(() => readlinkSync(`/proc/self/fd/${fd}`), '')
    return target.startsWith(folder) ? [target] : []
  })
}

function leaks(): string[] {
  const more = [...handles()].filter(([kind, count]) => count > (before.get(kind) ?? 0))
  return [
    ...readdirSync(folder).map((name) => `left in the temporary folder: ${name}`),
    ...openFiles().map((path) => `open file: ${path}`),
    ...ownProcesses().map(({ what }) => `running process ${what}`),
    ...more.map(([kind, count]) => `open handles: ${count} of ${kind}, ${before.get(kind) ?? 0} at the start`),
  ]
}

// Hooks run in reverse order: this one, the first, after all others of the file.
afterAll(async () => {
  const until = performance.now() + GRACE_MS
  let left = leaks()
  while (left.length > 0 && performance.now() < until) {
    await wait(50)
    left = leaks()
  }
  for (const { pid } of ownProcesses()) ifThere(() => process.kill(pid, 'SIGKILL'), false)
  rmSync(folder, { recursive: true, force: true })
  for (const [name, value] of outside) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
  if (left.length > 0) throw new Error(`the tests of this file leak:\n${left.map((line) => `  ${line}`).join('\n')}`)
}, 2 * GRACE_MS)
