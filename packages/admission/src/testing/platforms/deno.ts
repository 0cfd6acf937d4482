import { handle } from './handler.ts'

interface Address {
  readonly port: number
}
interface DenoGlobal {
  serve(options: { port: number; hostname: string; onListen(address: Address): void }, fetch: typeof handle): unknown
}

const { Deno } = globalThis as unknown as { readonly Deno: DenoGlobal }
const onListen = ({ port }: Address) => console.log(`listening on http://127.0.0.1:${port}`)
Deno.serve({ port: 0, hostname: '127.0.0.1', onListen }, handle)
