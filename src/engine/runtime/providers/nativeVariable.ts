// The variable that names a folder with ONNX Runtime's binding and libraries to a process that is started.
export const NATIVE_FOLDER_VARIABLE = 'RETORT_ONNXRUNTIME_FOLDER'
