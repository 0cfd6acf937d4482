import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromiumPath } from '@floodgate/local-servers'
import { noteResponse } from '@floodgate/testkit'
import { type BrowserContext, chromium, type Page } from 'playwright-core'

/** Long time limit, because a slow machine must not look like a broken page. */
const MINUTE = 60_000

export const phone = { width: 360, height: 740 }
export const narrowest = { width: 320, height: 640 }
export const desk = { width: 1_100, height: 820 }

const screenshots = fileURLToPath(new URL('../../../test-artefacts/screenshots/', import.meta.url))

const launchArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Preferences of a browser profile that stores no cookies, and so no storage either. */
const BLOCKING_PREFERENCES = { profile: { default_content_setting_values: { cookies: 2 } } }

interface WindowOptions {
  readonly blocksStorage?: boolean
  /** Maps host names, in the form of Chromium's `--host-resolver-rules`. */
  readonly hostRules?: string
  /** Whether any certificate is accepted, and third parties get only partitioned cookies. */
  readonly isShopsFrame?: boolean
  readonly timezoneId?: string
  /** The language that the browser requests. */
  readonly locale?: string
  /** Screen pixels per CSS pixel. */
  readonly pixelRatio?: number
}

/** Opens a browser window with a new profile; one window is one buyer. `hosts` collects every requested host. */
export async function openWindow(
  viewport = desk,
  {
    blocksStorage = false,
    hostRules,
    isShopsFrame = false,
    timezoneId,
    locale = 'en-GB',
    pixelRatio = 1,
  }: WindowOptions = {},
) {
  const executablePath = await chromiumPath()
  if (executablePath === undefined) throw new Error('Chromium is not installed: apt-get install -y chromium')
  const profile = await mkdtemp(join(tmpdir(), 'floodgate-browser-'))
  if (blocksStorage) {
    await mkdir(join(profile, 'Default'))
    await writeFile(join(profile, 'Default', 'Preferences'), JSON.stringify(BLOCKING_PREFERENCES))
  }
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: [
      ...launchArguments,
      ...(hostRules === undefined ? [] : [`--host-resolver-rules=${hostRules}`]),
      ...(isShopsFrame ? ['--ignore-certificate-errors', '--test-third-party-cookie-phaseout'] : []),
    ],
    viewport,
    locale,
    deviceScaleFactor: pixelRatio,
    ...(timezoneId === undefined ? {} : { timezoneId }),
  })
  context.setDefaultTimeout(MINUTE)
  const hosts = new Set<string>()
  const errors: string[] = []
  context.on('request', (request) => hosts.add(new URL(request.url()).hostname))
  context.on('response', (response) => {
    const { pathname } = new URL(response.url())
    noteResponse({ method: response.request().method(), path: pathname, status: response.status() })
  })
  context.on('weberror', (error) => errors.push(String(error.error())))
  return {
    context,
    hosts,
    errors,
    newPage: (): Promise<Page> => context.newPage(),
    close: async () => {
      await context.close()
      await rm(profile, { recursive: true, force: true })
    },
  }
}
export type Window = Awaited<ReturnType<typeof openWindow>>

export async function takeScreenshot(page: Page, name: string): Promise<void> {
  await mkdir(screenshots, { recursive: true })
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true, animations: 'disabled' })
}
