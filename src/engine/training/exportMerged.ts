// A run's student with its adapter added to its weights, as one GGUF file for programs that know no adapters.
import { statfsSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { metadataString, readGguf, writeGgufInSteps } from '../../core/formats/gguf/index.ts'
import { mergedContent, mergedSize, type Adapter } from '../../core/pipeline/adapter/index.ts'
import { mergedTypeSchema, type ExportReport, type MergedSizes, type MergedType } from '../../shared/contract/exporting.ts'
import { ensureFolder, openByteSource, removeTemporary, sha256File, writeFileInSteps } from '../files/index.ts'
import { adaptersOf, chooseAdapter, type ChosenAdapter } from './chooseAdapter.ts'
import { readRunConfig, type RunConfig } from './runFolder.ts'
import { findRunStudent, otherStudent, type StudentSearch } from './runStudent.ts'

export type MergeWatch = {
  /** Bytes of tensor data. */
  readonly onProgress: (done: number, total: number) => void
  readonly signal: AbortSignal
}

export type MergedExport = {
  readonly config: RunConfig
  readonly chosen: ChosenAdapter
  readonly adapter: Adapter
  readonly type: MergedType
  readonly search: StudentSearch
  readonly watch: MergeWatch
}

/** Another process may be writing an export of its own into the folder. */
const ABANDONED_MS = 3_600_000

/**
 * Writes the file, a few MiB at a time; given up by the signal, or when the process dies, no file has its name. Throws
 * RetortError `student-missing` or `student-changed` without the run's own student.
 */
export async function exportMerged({ config, chosen, adapter, type, search, watch }: MergedExport, out: string): Promise<NonNullable<ExportReport['merged']>> {
  const path = await findRunStudent(config, search)
  const sha256 = await sha256File(path)
  if (sha256 !== config.student.sha256) throw otherStudent(config, { path, sha256 })
  ensureFolder(dirname(out))
  removeTemporary(dirname(out), { olderThanMs: ABANDONED_MS })
  const student = openByteSource(path)
  try {
    const content = mergedContent({
      student,
      adapter,
      type,
      name: `${metadataString(readGguf(student), 'general.name', basename(path, '.gguf'))}, merged with run ${config.id}`,
      provenance: {
        'retort.merged.run': config.id,
        'retort.merged.adapter': `${chosen.which}, after step ${chosen.step}`,
        'retort.merged.recipe': config.trainedOn.recipe,
        'retort.merged.dataset_revision': config.datasetRevision,
        'retort.merged.student': basename(path),
        'retort.merged.student_sha256': sha256,
      },
    })
    await writeFileInSteps(out, (sink) => writeGgufInSteps({ ...content, sink }), {
      onStep: ({ done, total }) => watch.onProgress(done, total),
      signal: watch.signal,
    })
    return { type, student: path, tensors: content.types }
  } finally {
    student.close()
  }
}

/**
 * What the run's merged files would come to, from headers alone; the student is the run's by its place or size. Throws RetortError
 * `no-adapter`, and `student-missing` or `student-changed` as `findRunStudent`.
 */
export async function mergedSizes(dir: string, { search, exportsFolder }: { readonly search: StudentSearch; readonly exportsFolder: string }): Promise<MergedSizes> {
  const config = readRunConfig(dir)
  const { which: usual } = chooseAdapter(dir, config, undefined)
  const path = await findRunStudent(config, search)
  const student = openByteSource(path)
  try {
    return {
      student: path,
      usual,
      steps: Object.fromEntries(adaptersOf(dir, config).map(({ which, step }) => [which, step])),
      sizes: mergedTypeSchema.options.map((type) => {
        const { bytes, types } = mergedSize(student, type)
        return { type, bytes, tensors: types }
      }),
      freeBytes: freeBytesOf(exportsFolder),
    }
  } finally {
    student.close()
  }
}

function freeBytesOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}
