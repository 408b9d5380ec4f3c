/** As on a host without it, so that compiled functions run in the interpreter. */
Reflect.deleteProperty(globalThis, "WebAssembly")
