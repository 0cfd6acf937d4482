// Health check of a container: exits 0 if the address responds with a 2xx status. Without an address, /readyz of the
// operations port, or of the only port.
const { OPS_PORT, PORT } = process.env
const [address = `http://127.0.0.1:${OPS_PORT ?? PORT}/readyz`] = process.argv.slice(2)
const response = await fetch(address, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined)
process.exit(response?.ok ? 0 : 1)
