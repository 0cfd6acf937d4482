const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] ?? character)
}

/** Renders an external name with its own direction. */
export function nameOf(name: string): string {
  return `<bdi>${escapeHtml(name)}</bdi>`
}

/**
 * Returns the style. Mail programs that drop it show a plain page in reading order. Colours have a contrast of at least
 * 4.5, light and dark.
 */
function styleOf(direction: 'ltr' | 'rtl'): string {
  // Some mail programs do not support `start` and `end`.
  const [start, end] = direction === 'ltr' ? ['left', 'right'] : ['right', 'left']
  return `
body { margin: 0; padding: 0; background: #f2f3f5; color: #1b1d22; font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
.mail { box-sizing: border-box; max-width: 560px; margin: 0 auto; padding: 24px 20px; background: #ffffff; overflow-wrap: anywhere; }
.sale { margin: 0 0 16px; font-size: 15px; font-weight: 600; color: #52565f; }
h1 { margin: 0 0 4px; font-size: 24px; line-height: 1.25; }
.order { margin: 0 0 20px; color: #52565f; font-size: 15px; }
.number { color: #1b1d22; font-weight: 600; white-space: nowrap; }
table { width: 100%; table-layout: fixed; border-collapse: collapse; margin: 20px 0; }
th, td { padding: 10px 0; border-bottom: 1px solid #dcdee3; text-align: ${start}; vertical-align: top; font-weight: 400; }
.amount { width: 42%; padding-${start}: 12px; text-align: ${end}; }
thead th { padding: 0 0 6px; color: #52565f; font-size: 14px; }
.quantity { display: block; color: #52565f; font-size: 14px; }
tfoot th, tfoot td { border-bottom: 0; font-weight: 700; }
.button { display: inline-block; padding: 12px 22px; border-radius: 8px; background: #1f4fd8; color: #ffffff; font-weight: 600; text-decoration: none; }
.note { margin: 12px 0 0; color: #52565f; font-size: 14px; }
.foot { margin: 28px 0 0; padding-top: 16px; border-top: 1px solid #dcdee3; color: #52565f; font-size: 13px; }
@media (prefers-color-scheme: dark) {
  body { background: #101114; color: #eceef2; }
  .mail { background: #1a1c21; }
  .number { color: #eceef2; }
  .sale, .order, .quantity, .note, .foot, thead th { color: #b0b5c0; }
  th, td, .foot { border-color: #3a3e47; }
  .button { background: #8fb0ff; color: #0d1530; }
}
`
}

/** Renders a complete HTML document around the body of a mail, which is HTML already. */
export function mailDocument(
  of: { readonly language: string; readonly direction: 'ltr' | 'rtl'; readonly title: string },
  body: string,
): string {
  return `<!DOCTYPE html>
<html lang="${of.language}" dir="${of.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(of.title)}</title>
<style>${styleOf(of.direction)}</style>
</head>
<body>
<div class="mail">
${body}
</div>
</body>
</html>
`
}
