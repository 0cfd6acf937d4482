import { type AptInstallOptions, findProgram, installWithApt } from '../apt.ts'

/** Returns the path of this machine's Chromium (or Chrome), for the browser tests. */
export async function chromiumPath(): Promise<string | undefined> {
  return (await findProgram('chromium')) ?? (await findProgram('google-chrome'))
}

/** Installs Debian's Chromium, as root or with `sudo -n`; throws MissingServer where that is impossible. */
export async function installChromium(options: Pick<AptInstallOptions, 'onProgress' | 'signal'> = {}): Promise<void> {
  await installWithApt({
    packages: ['chromium'],
    remedy: 'Only the browser tests need it.',
    ...options,
  })
}
