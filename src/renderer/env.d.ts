// Constants that the build puts in.

/** Version of the package. */
declare const __APP_VERSION__: string
