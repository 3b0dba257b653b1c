// ONNX records to protobuf bytes.
import onnxProto from 'onnx-proto'
import type { ElementType, OnnxAttribute, OnnxGraph, OnnxInitializer, OnnxValueInfo } from './model.ts'

const { onnx } = onnxProto

/** onnx.proto3, TensorProto.DataType. */
const DATA_TYPE: Record<ElementType, number> = { f32: 1, u8: 2, i8: 3, i64: 7, bool: 9, f16: 10, bf16: 16 }
/** onnx.proto3, AttributeProto.AttributeType. */
const ATTRIBUTE_TYPE: Record<OnnxAttribute['type'], number> = { float: 1, int: 2, string: 3, graph: 5, ints: 7 }
const EXTERNAL = 1
const IR_VERSION = 9
/** Operator sets: ONNX 20, and ONNX Runtime's own. */
const OPSETS = [
  { domain: '', version: 20 },
  { domain: 'com.microsoft', version: 1 },
]

function rawData(dtype: ElementType, values: readonly number[]): Uint8Array {
  switch (dtype) {
    case 'f32':
      return new Uint8Array(Float32Array.from(values).buffer)
    case 'i64':
      return new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer)
    case 'bool':
    case 'u8':
      return Uint8Array.from(values)
    case 'i8':
      return new Uint8Array(Int8Array.from(values).buffer)
    case 'f16':
    case 'bf16':
      throw new Error(`a literal of ${dtype}`)
  }
}

function encodeInitializer({ name, dtype, dims, data }: OnnxInitializer): object {
  const head = { name, dims: [...dims], dataType: DATA_TYPE[dtype] }
  if (data.kind === 'inline') return { ...head, rawData: rawData(dtype, data.values) }
  const entries = { location: data.file, offset: data.offset, length: data.length }
  return {
    ...head,
    dataLocation: EXTERNAL,
    externalData: Object.entries(entries).map(([key, value]) => ({ key, value: String(value) })),
  }
}

const encodeValueInfo = ({ kind, name, dtype, dims }: OnnxValueInfo): object => {
  const dim = dims?.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d }))
  const tensor = { tensorType: { elemType: DATA_TYPE[dtype], ...(dim && { shape: { dim } }) } }
  return { name, type: kind === 'tensor' ? tensor : { sequenceType: { elemType: tensor } } }
}

const text = (value: string): Uint8Array => Uint8Array.from(value, (char) => char.charCodeAt(0))

function encodeAttribute(name: string, attribute: OnnxAttribute): object {
  const head = { name, type: ATTRIBUTE_TYPE[attribute.type] }
  switch (attribute.type) {
    case 'int':
      return { ...head, i: attribute.value }
    case 'float':
      return { ...head, f: attribute.value }
    case 'string':
      return { ...head, s: text(attribute.value) }
    case 'ints':
      return { ...head, ints: [...attribute.value] }
    case 'graph':
      return { ...head, g: encodeGraph(attribute.value) }
  }
}

const encodeGraph = (graph: OnnxGraph): object => ({
  name: graph.name,
  node: graph.nodes.map((node) => ({
    name: node.outputs[0],
    opType: node.opType,
    domain: node.domain,
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: Object.entries(node.attributes).map(([name, attribute]) => encodeAttribute(name, attribute)),
  })),
  initializer: graph.initializers.map(encodeInitializer),
  input: graph.inputs.map(encodeValueInfo),
  output: graph.outputs.map(encodeValueInfo),
  valueInfo: graph.values.map(encodeValueInfo),
})

/** The bytes of an .onnx file. */
export function encodeModel(graph: OnnxGraph): Uint8Array {
  const model = { irVersion: IR_VERSION, producerName: 'retort', opsetImport: OPSETS, graph: encodeGraph(graph) }
  return onnx.ModelProto.encode(onnx.ModelProto.fromObject(model)).finish()
}
