import { run } from '../apt.ts'
import { unpackedPrograms } from '../unpacked-programs.ts'

const OPENSSL_MS_MAX = 30_000

export const openssl = unpackedPrograms(['openssl'], {
  part: 'integration',
  remedy: 'Only the tests with TLS need it.',
})

/** Runs openssl with these arguments. Throws MissingServer where it is missing. */
export async function runOpenssl(args: readonly string[]): Promise<void> {
  const { path, environment } = await openssl.require('openssl')
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  await run(['env', ...variables, path, ...args], OPENSSL_MS_MAX)
}
