// How each kind of alert looks.
import type { Alert } from '../../shared/contract/metrics.ts'

type Look = { readonly icon: string; readonly colour: string }

/** The same colours for what is drawn: CSS variables. */
export const ALERT_COLOURS: Readonly<Record<string, string>> = { 'text-warning': '--ui-warning', 'text-error': '--ui-error', 'text-primary': '--ui-primary', 'text-muted': '--ui-text-muted' }

export const ALERT_LOOKS: Readonly<Record<Alert['type'], Look>> = {
  spike: { icon: 'i-lucide-trending-up', colour: 'text-warning' },
  plateau: { icon: 'i-lucide-minus', colour: 'text-muted' },
  'nan-skip': { icon: 'i-lucide-skip-forward', colour: 'text-warning' },
  'lr-halved': { icon: 'i-lucide-arrow-down', colour: 'text-warning' },
  'lr-restored': { icon: 'i-lucide-arrow-up', colour: 'text-muted' },
  diverged: { icon: 'i-lucide-octagon-x', colour: 'text-error' },
  'heldout-skip': { icon: 'i-lucide-skip-forward', colour: 'text-warning' },
  'early-stop': { icon: 'i-lucide-flag', colour: 'text-primary' },
  'disk-full': { icon: 'i-lucide-hard-drive', colour: 'text-error' },
  'checkpoint-damaged': { icon: 'i-lucide-file-warning', colour: 'text-warning' },
  'memory-overrun': { icon: 'i-lucide-memory-stick', colour: 'text-warning' },
  'environment-changed': { icon: 'i-lucide-cpu', colour: 'text-muted' },
  'no-gain': { icon: 'i-lucide-trending-down', colour: 'text-error' },
  'teacher-thin': { icon: 'i-lucide-graduation-cap', colour: 'text-warning' },
  'samples-failed': { icon: 'i-lucide-message-square-off', colour: 'text-muted' },
}
