// Surface: what a page may know of the shell that shows it.
import { z } from 'zod'

/** Name of the global under which the Electron bridge shows it; absent in a browser. */
export const SHELL_KEY = 'retortShell'

export const shellInfoSchema = z.object({ kind: z.literal('electron'), platform: z.string() })
export type ShellInfo = z.infer<typeof shellInfoSchema>
