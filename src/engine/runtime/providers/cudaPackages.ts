// What the CUDA provider is made of: files, sizes and checksums, each downloaded and verified when this was written.
import type { Download } from './download.ts'

/** Of the ONNX Runtime that the packages belong to; another one of onnxruntime-node refuses them. */
export const CUDA_FOR = '1.30.0'

export type CudaPackage = Download & {
  readonly name: string
  /** Members that are taken out of the archive, and their sizes; each lands in one folder under its last name. */
  readonly members: ReadonlyMap<string, number>
  readonly licence: string
}

/** In parts, because this repository names no registry's host. */
const HOST = `https://${['files', 'pythonhosted', 'org'].join('.')}/packages`
const NVIDIA = 'NVIDIA Software License (proprietary, free of charge)'

/**
 * ONNX Runtime's own part and the libraries of NVIDIA that it is linked to, as their makers publish them on the Python
 * Package Index (a wheel is a ZIP archive; no Python is needed). ONNX Runtime 1.30 is built there for CUDA 13; its build
 * information equals that of the library in onnxruntime-node.
 */
export const CUDA_PACKAGES: readonly CudaPackage[] = [
  {
    name: 'onnxruntime-gpu 1.30.0',
    url: `${HOST}/9e/80/d96143329dbe925d434b016c890a5caa785fac8e14a1570e5d6818b63545/onnxruntime_gpu-1.30.0-cp312-cp312-manylinux_2_28_x86_64.whl`,
    bytes: 246_685_715,
    sha256: '6acc0f4b3d5ac5f2984432faa59dd8fcce6775f8b43a7140afa0f322c7a703b1',
    members: new Map([
      ['onnxruntime/capi/libonnxruntime_providers_cuda.so', 272_049_904],
      ['onnxruntime/capi/libonnxruntime_providers_shared.so', 14_632],
    ]),
    licence: 'MIT',
  },
  {
    name: 'nvidia-cuda-runtime 13.5.37',
    url: `${HOST}/0b/7c/14b8f5518f8951e9dca57ea80f44f8ea8bcc8671812e6cc38009f3205e57/nvidia_cuda_runtime-13.5.37-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl`,
    bytes: 2_504_024,
    sha256: 'df2b79a8852f10d1fef8c848489c49eebb5754051bf870202a862831412b179d',
    members: new Map([['nvidia/cu13/lib/libcudart.so.13', 806_720]]),
    licence: NVIDIA,
  },
  {
    name: 'nvidia-curand 10.4.5.25',
    url: `${HOST}/12/63/636e5dc9afb2959bfc0042a357d5567358df829b66c96d9fc36d77dc0596/nvidia_curand-10.4.5.25-py3-none-manylinux_2_27_x86_64.whl`,
    bytes: 77_113_015,
    sha256: '22bb226a857e5888fe6b54ae465fc4371296bcff13a35f79e19691bcf454f529',
    members: new Map([['nvidia/cu13/lib/libcurand.so.10', 104_860_296]]),
    licence: NVIDIA,
  },
  {
    name: 'nvidia-cublas 13.10.0.20',
    url: `${HOST}/b4/12/16628161ed8c109c8c73b38167df50cbc630a8a6e6548e2534d461526c3c/nvidia_cublas-13.10.0.20-py3-none-manylinux1_x86_64.manylinux_2_5_x86_64.whl`,
    bytes: 444_289_903,
    sha256: 'dcc6d63884c53d07e267ce7e6feac17b2538cebaafec5db865736c3e28e4dc84',
    members: new Map([
      ['nvidia/cu13/lib/libcublas.so.13', 57_282_152],
      ['nvidia/cu13/lib/libcublasLt.so.13', 551_653_208],
    ]),
    licence: NVIDIA,
  },
  // Loaded when an operator asks for it: reductions of the loss do.
  {
    name: 'nvidia-cudnn-cu13 9.28.1.4',
    url: `${HOST}/ef/6f/94535c450d44a68ef0b43d7a5e54c0e5ecda2ca3db7daec5d54c8d94e0d8/nvidia_cudnn_cu13-9.28.1.4-py3-none-manylinux_2_27_x86_64.whl`,
    bytes: 516_817_937,
    sha256: 'a54f205b1db1f2895d99f398754db1369816f0569dd459731f925635cf7b65ec',
    members: new Map([
      ['nvidia/cudnn/lib/libcudnn.so.9', 137_432],
      ['nvidia/cudnn/lib/libcudnn_adv.so.9', 92_392_360],
      ['nvidia/cudnn/lib/libcudnn_cnn.so.9', 4_204_144],
      ['nvidia/cudnn/lib/libcudnn_engines_precompiled.so.9', 260_072_128],
      ['nvidia/cudnn/lib/libcudnn_engines_runtime_compiled.so.9', 41_978_752],
      ['nvidia/cudnn/lib/libcudnn_engines_tensor_ir.so.9', 249_581_552],
      ['nvidia/cudnn/lib/libcudnn_ext.so.9', 10_492_592],
      ['nvidia/cudnn/lib/libcudnn_graph.so.9', 149_118_552],
      ['nvidia/cudnn/lib/libcudnn_heuristic.so.9', 96_473_968],
      ['nvidia/cudnn/lib/libcudnn_ops.so.9', 35_661_648],
    ]),
    licence: NVIDIA,
  },
]
