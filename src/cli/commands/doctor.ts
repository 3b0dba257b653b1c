// `retort doctor`: is this machine and this installation fit for work.
import { doctorReportSchema } from '../../shared/contract/doctor.ts'
import { defineCommand } from '../command.ts'
import { providerLines } from './providers.ts'

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'check Node, native libraries, execution providers, memory, folders and models',
  options: {},
  document: doctorReportSchema,
  run: (_, { engine, signal }) => engine.examineMachine(signal),
  *human({ checks, providers }) {
    for (const { name, status, found, advice } of checks) {
      yield `${status.padEnd(8)} ${name}: ${found}`
      if (advice) yield `         what to do: ${advice}`
    }
    yield 'where training can run:'
    yield* providerLines(providers)
  },
  failed: ({ ok }) => !ok,
})
