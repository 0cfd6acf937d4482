import { items } from './items.js'

export function landingPage() {
  const list = items.map(
    ({ id, name, price }) => `<li>${name}, ${price}: <a href="/checkout/${id}">Buy the ${name}</a></li>`,
  )
  return page('The shop', `<ul>${list.join('')}</ul>`)
}

/** `extensions`: how often the turn was extended; undefined where no further extension is possible. */
export function checkoutPage({ item, endsAt, extensions }) {
  const seconds = Math.max(0, Math.round((endsAt - Date.now()) / 1000))
  const moreTime =
    extensions === undefined
      ? '<p>You cannot get more time.</p>'
      : `<form method="post" action="/checkout/${item.id}/more-time?number=${extensions + 1}">
          <button>One more minute</button>
        </form>`
  return page(
    'Checkout',
    `<p>${item.name}, ${item.price}. Your turn ends in <b>${seconds}</b> seconds.</p>
    <form method="post" action="/checkout/${item.id}/buy"><button>Buy now</button></form>
    ${moreTime}`,
  )
}

export function thanksPage({ item }) {
  return page('Thank you', `<p>You bought: ${item.name}. The next buyer is let in.</p><a href="/">Back to the shop</a>`)
}

function page(title, body) {
  return `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <title>${title}</title>
  <style>body { font: 1.1rem/1.6 system-ui; max-width: 32rem; margin: 3rem auto; padding: 0 1rem }</style>
  <h1>${title}</h1>
  ${body}
</html>`
}
