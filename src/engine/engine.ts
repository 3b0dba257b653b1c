// The composition root: what every shell calls. Each part is loaded when it is first asked for, so that `list` loads no
// native library and `doctor` runs where one is broken.
import type { DoctorReport } from '../shared/contract/doctor.ts'
import type { AdapterChoice, Chat, Student } from './llama/index.ts'
import { findStudent, studentFolders, type Machine, type StudentFile } from './paths.ts'

export type Engine = {
  examineMachine(signal: AbortSignal): Promise<DoctorReport>
  /** The named file, else the first student of the known folders. */
  findStudent(given: string | undefined): StudentFile
  /** `dispose` it when done. */
  openStudent(options: { path: string; weights: Student['weights']; signal: AbortSignal }): Promise<Student>
  /** Over a student opened with its weights; `dispose` it before the student. */
  openChat(options: { student: Student; adapter?: AdapterChoice; context: number; signal: AbortSignal }): Promise<Chat>
}

export function createEngine(world: { machine: Machine; cwd: string }): Engine {
  const { machine, cwd } = world
  return {
    examineMachine: async (signal) => (await import('./doctor.ts')).examineMachine({ machine, signal }),
    findStudent: (given) => findStudent({ given, cwd, folders: studentFolders(machine) }),
    openStudent: async (options) => (await import('./llama/index.ts')).openStudent(options),
    openChat: async (options) => (await import('./llama/index.ts')).openChat(options),
  }
}
