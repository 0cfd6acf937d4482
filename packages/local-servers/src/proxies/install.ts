import { unpackedPrograms } from '../unpacked-programs.ts'

/** Programs of the reverse proxies. No nginx of ours begins to listen on port 80. */
export type ProxyProgram = 'nginx' | 'haproxy'

export const proxyPrograms = unpackedPrograms<ProxyProgram>(['nginx', 'haproxy'], {
  part: 'proxies',
  remedy: 'Only the tests behind real proxies need them.',
})
