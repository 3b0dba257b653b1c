// Constants that the build puts in.

/** Version of the package. */
declare const __APP_VERSION__: string

/** For tools that do not read single-file components; vue-tsc takes the component's own types. */
declare module '*.vue' {
  import type { Component } from 'vue'
  const component: Component
  export default component
}
