// Imported before onnxruntime-node: since 1.30 its Linux library sends usage events with a device id to Microsoft
// unless this is set when it is loaded. Retort has no telemetry.
process.env['ORT_DISABLE_TELEMETRY'] = '1'
