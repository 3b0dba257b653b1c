// All that a run's folder says of it beside its metrics: alerts, samples, environments, its best.
import { bestPoint } from '../../core/pipeline/training/index.ts'
import type { RunDetail } from '../../shared/contract/training.ts'
import type { Project } from '../project/index.ts'
import { findRun } from '../store/index.ts'
import { readAlerts } from './alertLog.ts'
import { usualChoice } from './chooseAdapter.ts'
import { readEnvironments } from './environment.ts'
import { heldoutPoints, readHeldout, readMetrics, readResult, readRunConfig } from './runFolder.ts'
import { runFolderOf } from './runId.ts'
import { createRunFiles } from './runRows.ts'
import { currentRun } from './runState.ts'
import { readSamples } from './sampling.ts'
import { newRecord } from './startRun.ts'

/** Throws RetortError `run-missing` when the project has no such run. */
export function runDetail(project: Project, id: string): RunDetail {
  const dir = runFolderOf(project, id)
  const config = readRunConfig(dir)
  const { run, state } = currentRun(project, findRun(project.store, id) ?? newRecord(config))
  return {
    row: createRunFiles().row(project, run, state),
    datasetRevision: config.datasetRevision,
    like: config.like ?? null,
    best: bestPoint(heldoutPoints(readHeldout(dir), readMetrics(dir).length), config.settings),
    usual: usualChoice(config),
    endedEarly: readResult(dir)?.endedEarly ?? null,
    alerts: readAlerts(dir),
    samples: readSamples(dir),
    environments: readEnvironments(dir),
  }
}
