import { handle } from './handler.ts'

interface BunGlobal {
  serve(options: { port: number; hostname: string; fetch: typeof handle }): { readonly port: number }
}

const { Bun } = globalThis as unknown as { readonly Bun: BunGlobal }
const { port } = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: handle })
console.log(`listening on http://127.0.0.1:${port}`)
