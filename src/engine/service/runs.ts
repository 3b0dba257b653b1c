// Handlers of the runs surface.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { RunPreview } from '../../shared/contract/routes/runs.ts'
import { mergedSizes, readSamples, runFolderOf } from '../training/index.ts'
import { appFolders, studentFolders } from '../paths.ts'
import { createBroadcast } from './broadcast.ts'
import { os } from './base.ts'
import { labelSlipsOf } from './labelSlips.ts'
import { appDefaults } from './runDefaults.ts'

const at = os.runs.exporting

const exporting = at.router({
  start: at.start.handler(({ context, input: { project, ...wanted } }) => ({ id: context.exports.start(context.projects.get(project), wanted) })),
  watch: at.watch.handler(({ context, input, signal }) => context.exports.watch(context.projects.get(input.project), signal)),
  cancel: at.cancel.handler(async ({ context, input }) => {
    await context.exports.cancel(context.projects.get(input.project), input.id)
    return {}
  }),
  dismiss: at.dismiss.handler(({ context, input }) => {
    context.exports.dismiss(context.projects.get(input.project), input.id)
    return {}
  }),
  sizes: at.sizes.handler(({ context, input: { project: folder, run, student } }) => {
    const project = context.projects.get(folder)
    const search = { given: student, folders: studentFolders(context.machine), onFound: () => {} }
    return mergedSizes(runFolderOf(project, run), { search, exportsFolder: project.exportsFolder })
  }),
})

export const runs = os.runs.router({
  defaults: os.runs.defaults.handler(() => appDefaults()),
  list: os.runs.list.handler(({ context, input }) => context.runs.list(context.projects.get(input.project))),
  preview: os.runs.preview.handler(async function* ({ context, input, signal = new AbortController().signal }) {
    const { folder: project } = context.projects.get(input.project)
    const settings = { ...appDefaults(), ...input.settings }
    const progress = createBroadcast<{ done: number; total: number }>()
    const events = progress.listen(signal)
    const onProgress = (done: number, total: number): void => progress.send({ done, total })
    const made: Promise<RunPreview> = context.runs.preparation
      .preview({ project, student: input.student, settings, plan: input.plan, cacheDir: appFolders(context.machine).cache }, { onProgress, signal })
      .finally(() => progress.end())
    // Awaited below, unless the page leaves before.
    made.catch(() => {})
    for await (const { done, total } of events) yield { type: 'progress', done, total }
    yield { type: 'preview', preview: await made }
  }),
  start: os.runs.start.handler(async ({ context, input: { project, student, settings, plan, allowMemoryOverrun } }) => {
    const request = { student, settings: { ...appDefaults(), ...settings }, plan, allowMemoryOverrun }
    const opened = context.projects.get(project)
    await labelSlipsOf(context, opened)
    return { run: await context.runs.start(opened, request) }
  }),
  resume: os.runs.resume.handler(({ context, input }) =>
    context.runs.resume(context.projects.get(input.project), input.run, input.student),
  ),
  watch: os.runs.watch.handler(({ context, input, signal }) => {
    const project = context.projects.get(input.project)
    // A run that is not there is an error of the call, not the end of a stream.
    context.runs.view(project, input.run)
    return context.runs.watch(project, input.run, signal)
  }),
  pause: os.runs.pause.handler(({ context, input }) =>
    context.runs.pause(context.projects.get(input.project), input.run),
  ),
  unpause: os.runs.unpause.handler(({ context, input }) =>
    context.runs.unpause(context.projects.get(input.project), input.run),
  ),
  stop: os.runs.stop.handler(({ context, input }) => context.runs.stop(context.projects.get(input.project), input.run)),
  discard: os.runs.discard.handler(async ({ context, input: { project, run } }) => {
    await context.runs.discard(context.projects.get(project), run)
    return { run }
  }),
  samples: os.runs.samples.handler(({ context, input }) => {
    const project = context.projects.get(input.project)
    return readSamples(runFolderOf(project, input.run))
  }),
  exporting,
  exports: os.runs.exports.handler(({ context, input }) => exportsIn(context.projects.get(input.project).exportsFolder)),
})

type ExportRow = { path: string; name: string; bytes: number; modified: string }

/** Files and folders of the exports' folder; what is still being written is left out. */
function exportsIn(folder: string): ExportRow[] {
  const rows = readdirSync(folder).flatMap((name): ExportRow[] => {
    const path = join(folder, name)
    const stats = statSync(path, { throwIfNoEntry: false })
    if (name.startsWith('.') || !stats) return []
    return [{ path, name, bytes: stats.isDirectory() ? bytesIn(path) : stats.size, modified: stats.mtime.toISOString() }]
  })
  return rows.sort((a, b) => b.modified.localeCompare(a.modified))
}

const bytesIn = (folder: string): number =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).reduce((sum, name) => {
    const stats = statSync(join(folder, name), { throwIfNoEntry: false })
    return sum + (stats?.isFile() ? stats.size : 0)
  }, 0)
