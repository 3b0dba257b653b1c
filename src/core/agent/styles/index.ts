// The table of styles.
import type { AgentStyleName } from '../../../shared/records/episode.ts'
import { code } from './code.ts'
import { native } from './native.ts'
import { react } from './react.ts'
import type { Style } from './style.ts'

export type { Decision, Reading, Style } from './style.ts'

export const STYLES: { readonly [Name in AgentStyleName]: Style } = { react, code, native }
