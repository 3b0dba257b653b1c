// Handlers of the curation surface.
import type { z } from 'zod'
import type { CuratedLine, CurationView } from '../../shared/contract/curating.ts'
import type { wantedCurationSchema } from '../../shared/contract/routes/curation.ts'
import type { WantedJudge } from '../curation/index.ts'
import { applyCuration, curateProject, estimateCuration, getCuration, newestCuration, releaseCurated, type KeptCuration } from '../curation/index.ts'
import { appFolders } from '../paths.ts'
import type { Author, Project } from '../project/index.ts'
import { findEntry, findLine, seqOf } from '../store/index.ts'
import { os } from './base.ts'
import { labelSlipsOf } from './labelSlips.ts'
import type { World } from './world.ts'

const by = ({ settings }: World): Author => ({ author: settings.get().author, at: new Date().toISOString() })

function viewOf({ store }: Project, { rejected, flagged, labels, stamp: _, applied, ...rest }: KeptCuration): CurationView {
  const entry = applied && findEntry(store, applied.entry)
  return {
    ...rest,
    rejectedCount: rejected.length,
    flaggedCount: new Set(flagged.map(({ id }) => id)).size,
    labelledCount: new Set(labels.map(({ id }) => id)).size,
    applied: applied && { ...applied, inForce: entry?.in_force ?? false },
  }
}

function lineOf({ store }: Project, { id, reason, detail }: KeptCuration['rejected'][number]): CuratedLine[] {
  const seq = seqOf(store, id)
  if (Number.isNaN(seq)) return []
  const { question, format, file, record_index } = findLine(store, seq)
  return [{ id, task: question, source: `${format}:${file}#${record_index}`, reason, detail }]
}

/** Notices of a judge that is busy are for those who wait at a command line; here its progress waits. */
async function requested(context: World, { project, judge, ...request }: z.output<typeof wantedCurationSchema>) {
  const { cache: cacheDir } = appFolders(context.machine)
  return { ...request, project: context.projects.get(project), judge: judge && (await wantedJudge(context, judge)), cacheDir, onNotice: () => undefined }
}

/** With the key that the keychain has. A file of this machine costs nothing. Throws RetortError `no-such-provider`. */
async function wantedJudge({ providers }: World, asked: NonNullable<z.output<typeof wantedCurationSchema>['judge']>): Promise<WantedJudge> {
  if (asked.type === 'local') return { ...asked, terms: { prices: null, budget: { cost: null, tokens: null }, traffic: {} } }
  const { provider, model, concurrency, prices, budget } = asked
  return { type: 'endpoint', endpoint: await providers.endpoint(provider), model, terms: { prices, budget, traffic: { concurrency } } }
}

export const curation = os.curation.router({
  start: os.curation.start.handler(async ({ context, input }) => {
    const request = await requested(context, input)
    context.curations.requireFree(request.project.folder)
    await labelSlipsOf(context, request.project)
    return {
      id: context.curations.start(request.project.folder, async (watch) => {
        const { id } = await curateProject({ ...request, ...watch })
        return { id }
      }),
    }
  }),
  estimate: os.curation.estimate.handler(async ({ context, input, signal }) => {
    const request = await requested(context, input)
    context.curations.requireFree(request.project.folder)
    return (await estimateCuration({ ...request, onProgress: () => undefined, signal: signal ?? new AbortController().signal })).estimate
  }),
  watch: os.curation.watch.handler(({ context, input, signal }) => context.curations.watch(context.projects.get(input.project).folder, signal)),
  cancel: os.curation.cancel.handler(async ({ context, input }) => {
    await context.curations.cancel(context.projects.get(input.project).folder, input.id)
    return {}
  }),
  dismiss: os.curation.dismiss.handler(({ context, input }) => {
    context.curations.dismiss(context.projects.get(input.project).folder, input.id)
    return {}
  }),
  latest: os.curation.latest.handler(({ context, input }) => {
    const project = context.projects.get(input.project)
    const found = newestCuration(project)
    return { curation: found && viewOf(project, found) }
  }),
  lines: os.curation.lines.handler(({ context, input: { project: folder, id, list, filter, reason, offset, limit } }) => {
    const project = context.projects.get(folder)
    const all = getCuration(project, id)[list].filter((one) => one.filter === filter && (reason === null || one.reason === reason))
    return { total: all.length, lines: all.slice(offset, offset + limit).flatMap((one) => lineOf(project, one)) }
  }),
  apply: os.curation.apply.handler(async ({ context, input }) => {
    const project = context.projects.get(input.project)
    const applied = await applyCuration(project, { id: input.id, by: by(context) })
    if (applied.entry !== null) context.changed.send({ type: 'trajectories', project: project.folder })
    return applied
  }),
  release: os.curation.release.handler(async ({ context, input }) => {
    const project = context.projects.get(input.project)
    const released = await releaseCurated(project, by(context))
    if (released.entry !== null) context.changed.send({ type: 'trajectories', project: project.folder })
    return released
  }),
})
