// Top-k distributions of a teacher as a file that grows: about 8 k + 4 bytes a token.
export { decodeRecordHead, encodeHeader, encodeRecord, NO_TOKEN, RECORD_BYTES, type RecordHead, type Rows } from './layout.ts'
export { readRows, readTopk, type RecordPlace, type TopkFile, type TopkMeta } from './reader.ts'
