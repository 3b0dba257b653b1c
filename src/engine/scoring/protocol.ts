// Messages between an engine and its scoring process: one job in, events out.
import type { RetortErrorParts } from '../../shared/errors.ts'
import type { ScoreJob, TokenNll } from './tokenScorer.ts'

export type ScoreQuestion = Pick<ScoreJob, 'student' | 'adapter' | 'examples' | 'kinds' | 'cacheDir'>

export type ScoreEvent =
  | { readonly type: 'scores'; readonly scores: readonly TokenNll[]; /** Examples scored so far. */ readonly done: number }
  | { readonly type: 'ended' }
  | { readonly type: 'failed'; readonly error: RetortErrorParts }
