import { type AptInstallOptions, findProgram, installWithApt } from '../apt.ts'

/** Returns the path of this machine's `wrk`, a load generator for throughput. */
export function findWrk(): Promise<string | undefined> {
  return findProgram('wrk')
}

/** Installs Debian's wrk, as root or with `sudo -n`; throws MissingServer where that is impossible. */
export async function installWrk(options: Pick<AptInstallOptions, 'onProgress' | 'signal'> = {}): Promise<void> {
  await installWithApt({ packages: ['wrk'], remedy: 'Only the benches of throughput need it.', ...options })
}
