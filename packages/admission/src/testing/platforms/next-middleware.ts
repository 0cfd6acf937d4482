// Next 15 knows the proxy by this name, and runs it at the edge.
export { proxy as middleware } from './next-proxy.ts'
