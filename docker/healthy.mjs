// Health check of a container: exits 0 if the address responds with a 2xx status.
const [address] = process.argv.slice(2)
const answer = await fetch(address, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined)
process.exit(answer?.ok ? 0 : 1)
