import type { Texts } from '@floodgate/texts/types'
import type { Assets } from './assets.ts'
import { escapeHtml, jsonForScript } from './html.ts'

interface Document {
  readonly texts: Texts
  readonly title: string
  readonly assets: Assets
  /** The folder of the page's own scripts; none for a page of text. */
  readonly scripts?: 'buyer' | 'order' | 'console'
  readonly settings?: unknown
  readonly body: string
}

/** The folders whose scripts a page loads. */
const FOLDERS = { buyer: ['shared', 'buyer'], order: ['shared', 'buyer', 'order'], console: ['shared', 'console'] }

const preloads = ({ names, version }: Assets, page: keyof typeof FOLDERS, { language }: Texts): string =>
  names
    .filter((name) => name.endsWith('.ts') && FOLDERS[page].some((folder) => name.startsWith(`${folder}/`)))
    // Without the entry points of other pages.
    .filter((name) => !name.endsWith('/main.ts') || name === `${page}/main.ts`)
    .concat('texts/formats.ts', `texts/languages/${language}.ts`)
    .map((name) => `<link rel="modulepreload" href="/assets/${version}/${name}">`)
    .join('\n')

export function htmlDocument({ texts, title, assets, scripts, settings, body }: Document): string {
  return `<!doctype html>
<html lang="${texts.language}" dir="${texts.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" type="image/svg+xml" href="/assets/${assets.version}/icon.svg">
<link rel="stylesheet" href="/assets/${assets.version}/pages.css">
${scripts === undefined ? '' : preloads(assets, scripts, texts)}
</head>
<body class="${scripts ?? 'words'}">
${scripts === undefined ? '' : '<div id="trouble" class="banner" role="alert" hidden></div>'}
${body}
${settings === undefined ? '' : `<script type="application/json" id="settings">${jsonForScript(settings)}</script>`}
${scripts === undefined ? '' : `<script type="module" src="/assets/${assets.version}/${scripts}/main.ts"></script>`}
</body>
</html>
`
}

/** Wraps a name whose letters may run the other way in an element of its own, which takes its direction from them. */
export function isolatedHtml(name: string): string {
  return `<bdi>${escapeHtml(name)}</bdi>`
}
