// Training from nothing: text to a vocabulary, to windows of tokens, to a model that can be a student.
export { encodeDocument, textsOf, type TextDocument } from './document.ts'
export { createEncoder } from './encodeBpe.ts'
export { runPretraining, textLoss, type TextData } from './loop.ts'
export { configOf, SHAPES } from './shape.ts'
export { studentContent } from './studentGguf.ts'
export { trainBpe } from './trainBpe.ts'
export { LEAST_VOCABULARY, type Vocabulary } from './vocabulary.ts'
export { splitDocuments, streamOf, windowsOf } from './windows.ts'
