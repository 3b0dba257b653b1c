// How the page feels with many trajectories, in a real browser: npx node scripts/measure-app.mjs [--folder DIR] [--records N]
// Scrolls the list, searches, opens a trajectory of 500 steps. DIR keeps the project for the next time. Prints JSON. Beside
// the list stand two that the browser has nothing to do for: what they miss, this machine misses.
import { chromium } from '@playwright/test'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { prepareImport } from '../src/engine/bench/importBench.ts'
import { importPaths, openProject } from '../src/engine/project/index.ts'
import { startHost } from '../tests/e2e/support/host.ts'
import { findBrowser } from './browser.mjs'
import { buildWhenStale } from './freshBuild.mjs'

const { values } = parseArgs({ options: { folder: { type: 'string' }, records: { type: 'string', default: '100000' } } })
const folder = resolve(values.folder ?? mkdtempSync(join(tmpdir(), 'retort-measure-')))
const project = join(folder, 'project')
const EPISODES = resolve(import.meta.dirname, '../resources/demo/hotpotqa_multimethod.openai.jsonl')
const WORDS = ['railway', 'champion', 'Founding', 'physicist', 'album', 'district', 'nationality', 'novel', 'museum', 'governor']
const say = (line) => process.stderr.write(`${line}\n`)

/** One question with 500 steps that ends in an answer. */
function longRecord() {
  const steps = Array.from({ length: 499 }, (_, n) => [
    { role: 'assistant', content: `Thought: Page ${n + 1} is not it, I look at the next one and compare what it says with the pages before.\nAction: search[catalogue page ${n + 2}]` },
    { role: 'user', content: `Observation: Page ${n + 2} of the catalogue lists ${n % 17} entries, among them a railway museum and ${n % 5} bridges.` },
  ])
  const end = [{ role: 'assistant', content: 'Thought: That answers it.\nAction: finish[page 500]' }, { role: 'user', content: 'Observation: Episode finished, reward = True' }]
  return JSON.stringify({ messages: [{ role: 'user', content: 'Which page of the zymurgist catalogue is the last?' }, ...steps.flat(), ...end] })
}

async function makeProject(records) {
  say(`importing ${records} records ...`)
  const { job, dispose } = prepareImport(records, EPISODES)
  mkdirSync(folder, { recursive: true })
  const long = join(folder, 'long.jsonl')
  writeFileSync(long, `${longRecord()}\n`)
  const made = openProject(project, { create: true })
  try {
    await importPaths(made, [join(job.folder, 'files'), long], {})
  } finally {
    made.dispose()
    dispose()
  }
}

const sorted = (numbers) => [...numbers].sort((a, b) => a - b)
const at = (numbers, share) => sorted(numbers)[Math.min(numbers.length - 1, Math.floor(share * numbers.length))]
const round = (value) => Math.round(value * 10) / 10
const spread = (numbers) => ({ median: round(at(numbers, 0.5)), p95: round(at(numbers, 0.95)), most: round(Math.max(...numbers)), n: numbers.length })
/** A frame is late when it misses the next vertical blank: 1.5 times its due. */
const frames = (deltas) => ({ ...spread(deltas), over25ms: round((100 * deltas.filter((ms) => ms > 25).length) / deltas.length), over33ms: round((100 * deltas.filter((ms) => ms > 33.4).length) / deltas.length) })

/** Times between frames while the wheel turns over `selector`, so many pixels a second. */
async function scroll(page, selector, speed, ms = 6000) {
  const { x, y, width, height } = await page.locator(selector).boundingBox()
  const session = await page.context().newCDPSession(page)
  const watched = page.evaluate(({ selector, ms }) => new Promise((done) => {
    const element = document.querySelector(selector)
    const deltas = []
    let [last, waiting] = [performance.now(), 0]
    const end = last + ms
    const frame = (now) => {
      deltas.push(now - last)
      last = now
      if (element.querySelector('[data-testid=row-to-come]')) waiting += 1
      if (now < end) requestAnimationFrame(frame)
      else done({ deltas: deltas.slice(2), waiting })
    }
    requestAnimationFrame(frame)
  }), { selector, ms })
  await session.send('Input.synthesizeScrollGesture', {
    x: x + width / 2, y: y + height / 2, yDistance: (-speed * ms) / 1000, speed, gestureSourceType: 'mouse', preventFling: true,
  })
  await session.detach()
  return watched
}

/** Milliseconds from `begin` in the page, or from the user's next event `on`, until `ready` holds and is painted. */
const untilPainted = (page, begin, ready, on = null) =>
  page.evaluate(({ begin, ready, on }) => new Promise((done) => {
    // Made here: within a listener the page's own policy would refuse it.
    const [isReady, act] = [new Function(`return (${ready})`), new Function(begin)]
    const start = (started) => {
      const look = () => (isReady() ? requestAnimationFrame(() => setTimeout(() => done(performance.now() - started))) : requestAnimationFrame(look))
      act()
      look()
    }
    // The browser's own time stamp: what the page did before it heard of the click counts.
    if (on) addEventListener(on, (event) => start(event.timeStamp), { capture: true, once: true })
    else start(performance.now())
  }), { begin, ready, on })

/** Processor time of the page's main thread, in ms: what a busy machine does not change. */
async function cpuClock(page) {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    return 1000 * metrics.find(({ name }) => name === 'TaskDuration').value
  }
}

/** A table of as many rows and cells as ours, all in the document, without a script: what the browser itself can do here. */
const PLAIN_ROWS = 8000
const plainTable = ({ x, y, width, height }) => `<style>body{margin:0;font:14px sans-serif}
  #s{position:absolute;left:${x}px;top:${y}px;width:${width}px;height:${height}px;overflow-y:scroll;background:#fff}
  .r{height:33px;border-bottom:1px solid #ddd;display:grid;grid-template-columns:1.5rem 1fr 7rem 3rem 5rem 5.5rem 6rem 4.5rem;align-items:center;contain:strict}</style>
  <div id=s>${Array.from({ length: PLAIN_ROWS }, (_, n) => `<div class=r><i>o</i><i>Which of the two was born in the later year, ${n}?</i><i>openai</i><i>${n % 9}</i><i>----</i><i>Success</i><i>${n % 5}</i><i>${n % 977}</i></div>`).join('')}</div>`

const EMPTY = `<div id=s style="height:600px;overflow-y:scroll">${'<p>line</p>'.repeat(20_000)}</div>`

/** Frames of a page that has nothing to do while it is scrolled. */
async function floor(context, content, speed) {
  const page = await context.newPage()
  await page.setContent(content)
  await page.waitForTimeout(1000)
  const cpu = await cpuClock(page)
  const begun = await cpu()
  const { deltas } = await scroll(page, '#s', speed)
  const figures = { ...frames(deltas), cpuMsPerFrame: round(((await cpu()) - begun) / deltas.length) }
  await page.close()
  return figures
}

async function measure(page, socket) {
  const cpu = await cpuClock(page)
  await page.waitForSelector('[data-testid=trajectory-row]')
  const report = { trajectories: await page.textContent('[data-testid=trajectory-count]') }
  const box = await page.locator('[data-testid=trajectory-table]').boundingBox()
  report.emptyPage = await floor(page.context(), EMPTY, 6000)
  for (const [name, speed] of [['scroll', 6000], ['fastScroll', 60_000]]) {
    say(`${name} ...`)
    const plain = await floor(page.context(), plainTable(box), speed)
    await page.bringToFront()
    await page.waitForTimeout(500)
    const begun = await cpu()
    const { deltas, waiting } = await scroll(page, '[data-testid=trajectory-table]', speed)
    const ours = { ...frames(deltas), cpuMsPerFrame: round(((await cpu()) - begun) / deltas.length), framesWithRowsToCome: round((100 * waiting) / deltas.length) }
    report[name] = { pixelsPerSecond: speed, ours, plainTable: plain }
    await page.waitForTimeout(500)
  }
  say('search ...')
  const painted = []
  socket.times.length = 0
  for (const word of [...WORDS, ...WORDS]) {
    const before = await page.textContent('[data-testid=trajectory-count]')
    const begin = `const f = document.querySelector('[data-testid=search]'); f.value = ${JSON.stringify(word)}; f.dispatchEvent(new Event('input', { bubbles: true }))`
    const ready = `document.querySelector('[data-testid=trajectory-count]').textContent !== ${JSON.stringify(before)} && [...document.querySelectorAll('mark')].some((m) => m.textContent.toLowerCase() === ${JSON.stringify(word.toLowerCase())})`
    painted.push(await untilPainted(page, begin, ready))
    await page.waitForTimeout(200)
  }
  report.search = { keystrokeToPainted: spread(painted), engine: spread(socket.times.filter((one) => one.name === 'page').map(({ ms }) => ms)) }

  const search = async (word) => {
    await page.fill('[data-testid=search]', word)
    await page.waitForFunction((text) => [...document.querySelectorAll('mark')].some((m) => m.textContent === text), word)
    await page.waitForTimeout(600)
  }
  /** From the click until the text is painted. `pointed`: how long the pointer rests on the row before; 0: it is clicked by script. */
  const open = async (pointed) => {
    await page.mouse.move(3, 500)
    await search('zymurgist')
    const row = page.locator('[data-testid=trajectory-row]').first()
    const { x, y } = await row.boundingBox()
    const begun = await cpu()
    const done = untilPainted(page, pointed > 0 ? '' : `document.querySelector('[data-testid=trajectory-row]').click()`, `document.querySelector('[data-testid=turn-1] .turn-text') !== null`, pointed > 0 ? 'click' : null)
    if (pointed > 0) {
      await page.mouse.move(x + 200, y + 12, { steps: 4 })
      await page.waitForTimeout(pointed)
      await page.mouse.down()
      await page.mouse.up()
    }
    const ms = await done
    const used = (await cpu()) - begun
    await page.waitForTimeout(500)
    await page.goBack()
    await page.waitForSelector('[data-testid=trajectory-row]')
    return { ms, used }
  }
  say('opening ...')
  report.open500Steps = {}
  for (const [name, pointed] of [['byScriptNothingAhead', 0], ['pointerRested120ms', 120]]) {
    const all = []
    for (let round = 0; round < 8; round++) all.push(await open(pointed))
    const [first, ...then] = all
    report.open500Steps[name] = { first: round(first.ms), then: spread(then.map(({ ms }) => ms)), cpuMs: spread(then.map(({ used }) => used)) }
  }
  return report
}

/** Times of calls over the page's socket, as the browser's network stack sees them. */
async function watchSocket(page) {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  const sent = new Map()
  const times = []
  const idOf = (text) => /^\{"i":"?([^",}]+)/.exec(text)?.[1]
  session.on('Network.webSocketFrameSent', ({ timestamp, response }) => {
    const name = /trajectories\/(\w+)/.exec(response.payloadData)?.[1]
    if (name) sent.set(idOf(response.payloadData), { name, timestamp })
  })
  session.on('Network.webSocketFrameReceived', ({ timestamp, response }) => {
    const id = idOf(response.payloadData)
    const call = sent.get(id)
    if (!call) return
    sent.delete(id)
    times.push({ name: call.name, ms: (timestamp - call.timestamp) * 1000 })
  })
  return { times }
}

if (buildWhenStale() !== 0) process.exit(1)
if (!existsSync(project)) await makeProject(Number(values.records))
const home = join(folder, 'home')
mkdirSync(home, { recursive: true })
const host = await startHost({ home })
const browser = await chromium.launch({ executablePath: findBrowser(), args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
try {
  const context = await browser.newContext({ viewport: { width: 1920, height: 1080 } })
  const page = await context.newPage()
  const socket = await watchSocket(page)
  await page.goto(await host.link())
  await page.waitForSelector('[data-testid=trajectory-row]')
  await page.getByRole('button', { name: 'Project', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Open a project…' }).click()
  await page.getByLabel('Folder', { exact: true }).fill(project)
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByText(project).waitFor()
  await page.getByTestId('picker-choose').click()
  await page.getByText('project', { exact: true }).first().waitFor()
  await page.waitForTimeout(3000)
  console.log(JSON.stringify(await measure(page, socket), null, 2))
} finally {
  await browser.close()
  await host.stop()
  if (values.folder === undefined) rmSync(folder, { recursive: true, force: true })
}
