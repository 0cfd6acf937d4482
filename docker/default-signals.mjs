// Loaded before each program of the image. The first process of a container loses a signal that it does not handle yet, so
// that a stop during its start would wait for SIGKILL. Here the signal waits instead: the program's own handler gets it once
// it exists, and without one the process ends as the kernel ends any other.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  process.on(signal, () => {
    if (process.listenerCount(signal) === 1) process.exit(code)
  })
}
