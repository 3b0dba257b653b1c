// llama.cpp behind the engine's ports: students, chat, scoring.
export { openStudent, type Student } from './student.ts'
